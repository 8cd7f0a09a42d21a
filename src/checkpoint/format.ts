/**
 * The state of a run as bytes. Kept are grid values (grid.ts), not rounded coordinates, and numbers as
 * float64: so a run that is taken up again goes on to the same bits.
 *
 * Version 1, little-endian, without gaps; d = columns.
 *
 *   offset  type     what
 *        0  8 × u8   "centckpt" in ASCII
 *        8  u32      version: 1
 *       12  2 × u32  fingerprint of the points on the grid
 *       20  2 × u32  of the weights; 0 without
 *       28  2 × u32  of centroids that were given or made by a function; 0 without
 *       36  f64 each rows, columns, k, nInit, tol, seed; init, metric, emptyCluster, refine, whiten (places in
 *                    the lists below); maxIter; 1 where a run has ended by it, otherwise 0
 *      140  f64 each restarts that have ended; m and draws of the search that follows them (refine.ts), 0 before its
 *                    first breath; of the best outcome so far the centroids b (0: none yet), iterations i, and what
 *                    stopped it (place in the list); of the restart that is under way the centroids c (0: none) and
 *                    iterations j
 *      204  b·d × f32  centroids of the best outcome, −1 to 1
 *           i × 3 f64  its iterations: labels that changed, shift, inertia
 *           c·d × f32  centroids of the restart that is under way, before its last iteration
 *           j × 3 f64  its iterations, that one included
 *      end  u32        CRC-32 of all bytes before it, as in zlib and PNG
 *
 * A reader looks at the length first: nothing is allocated that the bytes do not account for.
 */
import { crc32 } from '../crc32.ts';
import type { IterationRecord, RestorePoint, Stop } from '../engine.ts';
import { refuse, refuseCheckpoint } from '../errors.ts';
import type { Sums } from '../hash.ts';
import type { Settings } from '../options.ts';
import { mostCentroids, type Breath } from '../refine.ts';

/** Where a run is, and what it is a run of. */
export interface State {
  readonly choices: Choices;
  readonly prints: Prints;
  readonly maxIter: number;
  /** Whether a run has ended by `maxIter`, which another would have let go on. */
  readonly cut: boolean;
  /** Restarts that have ended. */
  readonly restart: number;
  /** Where the search is that follows them; null before its first breath. */
  readonly search: Breath | null;
  readonly best: Outcome | null;
  /** The restart that is under way. */
  readonly under: RestorePoint | null;
}

/** A run that has ended: all else follows from the points. */
export interface Outcome {
  readonly centroids: Float32Array;
  readonly history: readonly IterationRecord[];
  readonly stop: Stop | null;
}

/** What decides the result, by the names of the options. */
export interface Choices {
  readonly rows: number;
  readonly columns: number;
  readonly k: number;
  readonly nInit: number;
  readonly tol: number;
  readonly seed: number;
  readonly init: (typeof LISTS.init)[number];
  readonly metric: Settings['metric'];
  readonly emptyCluster: Settings['emptyCluster'];
  readonly refine: Settings['refine'];
  readonly whiten: boolean;
}

export interface Prints {
  readonly weights: Sums;
  readonly init: Sums;
  readonly points: Sums;
}

const MAGIC = 'centckpt';
const VERSION = 1;
const PRINTS = ['points', 'weights', 'init'] as const;
const PRINTS_AT = 12;
const NUMBERS_AT = PRINTS_AT + 8 * PRINTS.length;
const NUMBERS = 21;
const BODY_AT = NUMBERS_AT + 8 * NUMBERS;
const RECORD_BYTES = 24;
const CHECKSUM_BYTES = 4;

/** Values by the numbers that stand for them: new ones go to the end. */
const LISTS = {
  init: ['auto', 'k-means++', 'k-means||', 'random', 'explicit', 'callback'],
  metric: ['euclidean', 'cosine', 'manhattan'],
  emptyCluster: ['relocate', 'keep', 'drop', 'error'],
  refine: ['none', 'breathing'],
  whiten: [false, true],
} as const;
const STOPS = [null, 'labels', 'tol', 'empty'] as const;

function bytesOf(columns: number, centroids: number, records: number): number {
  return BODY_AT + 4 * columns * centroids + RECORD_BYTES * records + CHECKSUM_BYTES;
}

export function pack(state: State): Uint8Array<ArrayBuffer> {
  const { choices, prints, maxIter, cut, restart, search, best, under } = state;
  const { rows, columns, k, nInit, tol, seed } = choices;
  const names = Object.keys(LISTS) as (keyof typeof LISTS)[];
  const places = names.map((name) => (LISTS[name] as readonly unknown[]).indexOf(choices[name]));
  const parts = [best, under].map((part) => ({
    centroids: part?.centroids ?? new Float32Array(),
    history: part?.history ?? [],
  }));
  const [b, c] = parts.map(({ centroids }) => centroids.length / columns);
  const [i, j] = parts.map(({ history }) => history.length);
  const numbers = [
    ...[rows, columns, k, nInit, tol, seed, ...places, maxIter, Number(cut)],
    ...[restart, search?.m ?? 0, search?.draws ?? 0],
    ...[b, i, STOPS.indexOf(best?.stop ?? null), c, j],
  ];
  const bytes = new Uint8Array(bytesOf(columns, b + c, i + j));
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < MAGIC.length; at++) bytes[at] = MAGIC.charCodeAt(at);
  view.setUint32(8, VERSION, true);
  PRINTS.flatMap((name) => prints[name]).forEach((word, n) =>
    view.setUint32(PRINTS_AT + 4 * n, word, true),
  );
  let at = NUMBERS_AT;
  const number = (value: number) => view.setFloat64((at += 8) - 8, value, true);
  numbers.forEach(number);
  for (const { centroids, history } of parts) {
    for (const value of centroids) view.setFloat32((at += 4) - 4, value, true);
    for (const { moved, shift, inertia } of history) [moved, shift, inertia].forEach(number);
  }
  view.setUint32(at, crc32(bytes, 0, at), true);
  return bytes;
}

const DAMAGED = 'The file is cut short or damaged: take an earlier one, or start without resume.';

/** The state that {@link pack} was given. @throws CheckpointError on anything else */
export function unpack(bytes: Uint8Array): State {
  const view = judgeFrame(bytes);
  let at = NUMBERS_AT;
  const number = () => view.getFloat64((at += 8) - 8, true);
  const whole = (name: string, least: number, most: number) => {
    const value = number();
    const fits = Number.isSafeInteger(value) && value >= least && value <= most;
    judge(`${name} of resume`, value, fits, `a whole number from ${least} to ${most}`);
    return value;
  };
  const rows = whole('rows', 1, 2 ** 32);
  const columns = whole('columns', 1, MOST);
  const k = whole('k', 1, rows);
  const nInit = whole('nInit', 1, MOST);
  const tol = number();
  judge('tol of resume', tol, tol >= 0 && tol < Infinity, 'a finite number ≥ 0');
  const seed = whole('seed', 0, MOST);
  const among = <T>(name: string, list: readonly T[]) => list[whole(name, 0, list.length - 1)];
  const init = among('init', LISTS.init);
  const metric = among('metric', LISTS.metric);
  const emptyCluster = among('emptyCluster', LISTS.emptyCluster);
  const refine = among('refine', LISTS.refine);
  const whiten = among('whiten', LISTS.whiten);
  const maxIter = whole('maxIter', 1, MOST);
  const cut = whole('cut', 0, 1) === 1;
  const restart = whole('restart', 0, nInit);
  const done = restart === nInit;
  // more would be more centroids than engines make room for
  const m = whole('m', 0, done && refine === 'breathing' ? mostCentroids(rows, k) - k : 0);
  const draws = whole('draws', 0, m > 0 ? MOST_DRAWS : 0);
  const b = whole('centroids of the best', restart > 0 ? 1 : 0, restart > 0 ? k : 0);
  const i = whole('iterations of the best', Math.min(b, 1), b > 0 ? MOST : 0);
  const stop = among('stop', STOPS);
  const c = whole('centroids', 0, done ? 0 : k);
  const j = whole('iterations', Math.min(c, 1), c > 0 ? maxIter : 0);
  const size = bytesOf(columns, b + c, i + j);
  judge('resume.length', bytes.length, bytes.length === size, `${size}, by the sizes within`);

  const part = (centroidCount: number, records: number) => {
    const centroids = Float32Array.from({ length: centroidCount * columns }, () =>
      view.getFloat32((at += 4) - 4, true),
    );
    const odd = centroids.find((y) => !(y >= -1 && y <= 1));
    judge('a centroid value of resume', odd, odd === undefined, 'a number from −1 to 1');
    const history = Array.from({ length: records }, (_, n): IterationRecord => {
      const record = { moved: number(), shift: number(), inertia: number() };
      const { moved, ...rest } = record;
      const fits = Number.isInteger(moved) && moved >= 0 && moved <= rows;
      judge('moved of resume', moved, fits, `a whole number from 0 to ${rows}`);
      for (const [name, value] of Object.entries(rest))
        judge(`${name} of resume`, value, Number.isFinite(value), 'a finite number');
      return { iteration: n + 1, ...record };
    });
    return { centroids, history };
  };
  const best = b > 0 ? { ...part(b, i), stop } : null;
  const under = c > 0 ? part(c, j) : null;
  const prints = Object.fromEntries(
    PRINTS.map((name, n) => [
      name,
      [0, 4].map((word) => view.getUint32(PRINTS_AT + 8 * n + word, true)),
    ]),
  ) as unknown as Prints;
  return {
    choices: {
      ...{ rows, columns, k, nInit, tol, seed },
      ...{ init, metric, emptyCluster, refine, whiten },
    },
    prints,
    maxIter,
    cut,
    restart,
    search: m > 0 ? { m, draws } : null,
    best,
    under,
  };
}
const MOST = Number.MAX_SAFE_INTEGER;
/** Of a search of so many breaths that none has; each is drawn again. */
const MOST_DRAWS = 2 ** 20;

function judge(name: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) refuseCheckpoint(name, value, expected, DAMAGED);
}

/** Everything but the numbers themselves: that the bytes are a checkpoint, whole and unharmed. */
function judgeFrame(bytes: Uint8Array): DataView {
  if (!(bytes instanceof Uint8Array))
    refuse('resume', bytes, 'a Uint8Array', 'Wrap an ArrayBuffer: new Uint8Array(buffer).');
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (!MAGIC.startsWith(magic))
    refuseCheckpoint(
      'the beginning of resume',
      magic.replace(/[^ -~]/g, '?'),
      `'${MAGIC}'`,
      'Pass what checkpoint.write was given.',
    );
  const least = BODY_AT + CHECKSUM_BYTES;
  judge('resume.length', bytes.length, bytes.length >= least, `at least ${least}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION)
    refuseCheckpoint(
      'the version of resume',
      version,
      `${VERSION}`,
      'Resume with the release that wrote it, or start without resume.',
    );
  const end = bytes.length - CHECKSUM_BYTES;
  const sum = crc32(bytes, 0, end);
  const noted = view.getUint32(end, true);
  judge('the checksum of resume', sum, sum === noted, `${noted}, as noted at its end`);
  return view;
}
