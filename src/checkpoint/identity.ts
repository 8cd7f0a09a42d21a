/**
 * What a run is a run of. A checkpoint is only good for the same points and for the options that decide the
 * result: those are held against it by name. Points are told by their fingerprint on the grid: its exact
 * integers, which every value enters, and the bits of some rows, which tell their order. So the points
 * themselves are not gone through, wherever they are.
 */
import { refuseCheckpoint } from '../errors.ts';
import type { GridFacts } from '../grid.ts';
import { sumWords, type Sums } from '../hash.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Settings } from '../options.ts';
import { pcg32 } from '../rng.ts';
import type { Init } from '../seeding/index.ts';
import { sampleRows } from '../seeding/sample.ts';
import type { Choices, Prints, State } from './format.ts';

export function choicesOf(settings: Settings): Choices {
  const { points, k, restarts, tol, seed, init, metric, emptyCluster, refine, whiten } = settings;
  const { rows, columns } = points;
  return {
    ...{ rows, columns, k, nInit: restarts, tol, seed },
    ...{ init: init.kind, metric, emptyCluster, refine, whiten },
  };
}

const INSTEAD = 'Give the points and options of the checkpoint, or start without resume.';

/** @throws CheckpointError where the state is that of a run with other options */
export function judgeChoices(state: State, settings: Settings): void {
  const given = choicesOf(settings);
  for (const name of Object.keys(given) as (keyof Choices)[]) {
    const [value, noted] = [given[name], state.choices[name]];
    if (value === noted) continue;
    const shape = name === 'rows' || name === 'columns';
    const expected = `${typeof noted === 'string' ? `'${noted}'` : noted}, as in the checkpoint`;
    refuseCheckpoint(shape ? `points.${name}` : name, value, expected, INSTEAD);
  }
  const { maxIter } = settings;
  if (state.cut && maxIter !== state.maxIter)
    refuseCheckpoint(
      'maxIter',
      maxIter,
      `${state.maxIter}, as in the checkpoint, where a run has ended by it`,
      INSTEAD,
    );
  if (maxIter < state.maxIter)
    refuseCheckpoint(
      'maxIter',
      maxIter,
      `at least ${state.maxIter}, as in the checkpoint`,
      INSTEAD,
    );
}

/** Rows whose bits are looked at. */
const SAMPLE_ROWS = 256;
/** A random stream of its own. */
const SAMPLING = 2 ** 33;

export async function printsOf(laid: LaidPoints, inits: readonly Init[]): Promise<Prints> {
  const { grid } = laid;
  const given = inits.flatMap((init) =>
    init.kind === 'explicit' ? [Float64Array.from(init.centroids.data)] : [],
  );
  const sample = sampleRows(grid.rows, SAMPLE_ROWS, pcg32(0, SAMPLING));
  const values = await laid.gather(sample);
  const { weights, weightExponent } = grid;
  return {
    weights: weights ? sumsOf([weights, Int32Array.of(weightExponent)]) : NONE,
    init: given.length > 0 ? sumsOf(given) : NONE,
    points: sumsOf([...factsOf(grid), values]),
  };
}
const NONE: Sums = [0, 0];

function factsOf({ exponent, centre, scale, columnExponents, variances, squares }: GridFacts) {
  const limbs = squares.flatMap((square) =>
    [0n, 32n, 64n, 96n].map((bits) => Number((square >> bits) & 0xffffffffn)),
  );
  return [
    ...[Int32Array.of(exponent), centre, scale ?? new Float64Array()],
    ...[columnExponents, variances, Uint32Array.from(limbs)],
  ];
}

/** Of the words of arrays one after the other, and of their lengths. */
function sumsOf(arrays: readonly (Float64Array | Float32Array | Int32Array | Uint32Array)[]): Sums {
  const parts = arrays.map(({ buffer, byteOffset, byteLength }) =>
    sumWords(new Uint32Array(buffer, byteOffset, byteLength / 4)),
  );
  return sumWords(Uint32Array.from(parts.flatMap((sums, n) => [...sums, arrays[n].length])));
}

/** @throws CheckpointError where the state is that of a run on other points, weights or centroids */
export function judgePrints(state: State, prints: Prints): void {
  for (const name of ['weights', 'init', 'points'] as const) {
    const [print, noted] = [prints[name], state.prints[name]].map(hex);
    if (print !== noted)
      refuseCheckpoint(
        `the fingerprint of ${name}`,
        print,
        `${noted}, as in the checkpoint`,
        INSTEAD,
      );
  }
}

function hex(sums: Sums): string {
  return sums.map((sum) => sum.toString(16).padStart(8, '0')).join('');
}
