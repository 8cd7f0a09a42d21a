/**
 * The entries of a palette: weighted, exact k-means on the distinct colours, from a start that is sought
 * on coarser ones, and its centroids as bytes.
 *
 * A colour belongs to the nearest of the entries *as bytes*, not to its cluster: rounding moves entries,
 * and over 640 × 427 photos the nearest rounded entry had 0.001 (16 colours) to 0.014 dB (256 colours)
 * more PSNR than the label, and never less.
 */
import type { EngineName } from '../engine.ts';
import type { Rung } from '../ladder.ts';
import { joined } from '../matrix.ts';
import { apart } from './apart.ts';
import { cellsFor } from './cells.ts';
import { ColorRun } from './color-run.ts';
import type { Census } from './count.ts';
import { MOST_COLORS, type ImageSettings } from './options.ts';
import { distinct, keysOf } from './palette.ts';
import { search } from './search.ts';
import { splitRows } from './split.ts';
import {
  boundsOf,
  coordinates,
  fromSpace,
  hasAlpha,
  toSpace,
  type ColorSpace,
  type Coordinates,
} from './spaces.ts';

type Pause = () => Promise<void> | undefined;

const NONE = new Uint8Array();
/** Colours between two looks at the clock. */
const STRETCH = 2 ** 14;

/** Up to so many entries k-means++ and a global search take little time. */
const FEW = 512;
/** A mean of mostly opaque colours is opaque: what let nothing through still must not. */
const NEARLY_OPAQUE = 250;
/** Times that places freed by entries that were too near are asked for. */
const ROUNDS = 4;

/** Colours as they are clustered. */
export interface Weighed {
  readonly colors: Uint8Array;
  readonly weights: ArrayLike<number>;
  readonly points: Coordinates;
  readonly alpha: boolean;
}

/** The distinct colours in a space. Entries that are locked, given or gone on from may bring alpha in. */
export async function weigh(
  { colors }: Census,
  weights: ArrayLike<number>,
  { space, lock, palette }: ImageSettings,
  pause: Pause,
  before: Uint8Array = NONE,
): Promise<Weighed> {
  const alpha = [colors, lock, palette ?? lock, before].some(hasAlpha);
  const columns = alpha ? 4 : 3;
  const data = new Float32Array((colors.length / 4) * columns);
  for (let from = 0; from < colors.length; from += 4 * STRETCH) {
    const part = toSpace(colors.subarray(from, from + 4 * STRETCH), space, alpha);
    data.set(part.data, (from / 4) * columns);
    await pause();
  }
  return { colors, weights, alpha, points: coordinates(data, columns) };
}

export interface Chosen {
  /** RGBA, all different; the locked ones first. */
  readonly entries: Uint8Array;
  /** The nearest entry of every colour. */
  readonly labels: Uint32Array;
  /** What found them; none was needed where every colour is an entry. */
  readonly engine: EngineName | 'none';
}

/**
 * Chooses up to k entries, the locked ones among them: every colour, where there are no more. Under
 * `minDeltaE` entries that are too near become one, and the places that this frees are asked for again.
 */
export async function chooseEntries(
  weighed: Weighed,
  k: number,
  settings: ImageSettings,
  rungs: readonly Rung[],
  pause: Pause,
): Promise<Chosen> {
  const { minDeltaE, lock, space } = settings;
  if (minDeltaE === 0) return exactOrClustered(weighed, k, settings, rungs, pause);
  let best: Uint8Array = new Uint8Array();
  for (let round = 0, asked = k; round < ROUNDS; round++) {
    const { entries, labels } = await exactOrClustered(weighed, asked, settings, rungs, pause);
    const mass = new Float64Array(entries.length / 4);
    for (let i = 0; i < labels.length; i++) mass[labels[i]] += weighed.weights[i];
    const spread = await apart(entries, lock.length / 4, mass, minDeltaE, space, pause);
    if (spread.length > best.length && spread.length <= 4 * k) best = spread;
    if (spread.length >= 4 * k || entries.length < 4 * asked) break;
    asked = Math.min(MOST_COLORS, asked + 2 * (k - spread.length / 4));
  }
  return labelled(weighed, best, settings, rungs, pause);
}

async function exactOrClustered(
  weighed: Weighed,
  k: number,
  settings: ImageSettings,
  rungs: readonly Rung[],
  pause: Pause,
): Promise<Chosen> {
  const { lock } = settings;
  const exact = exactEntries(weighed.colors, lock, k);
  if (exact) return labelled(weighed, exact, settings, rungs, pause);
  return lock.length >= 4 * k
    ? labelled(weighed, lock, settings, rungs, pause)
    : clustered(weighed, k, settings, rungs, pause);
}

async function clustered(
  weighed: Weighed,
  k: number,
  settings: ImageSettings,
  rungs: readonly Rung[],
  pause: Pause,
): Promise<Chosen> {
  const { points, alpha } = weighed;
  const { space, lock } = settings;
  const most = k;
  const clear = k - lock.length / 4 > 1 ? clearColor(weighed, lock) : NONE;
  k -= clear.length / 4;
  const weights = clear === NONE ? weighed.weights : withoutLast(weighed.weights);
  const { columns } = points;
  const held = toSpace(lock, space, alpha);
  const start = await startFor(weighed, weights, held, k, settings, pause);
  const cover = joinRows(boundsOf(space, alpha), held);
  const run = await ColorRun.open(points, weights, most, cover, settings, rungs, pause);
  try {
    const { clustering } = await run.lloyd(run.place(start), held.rows);
    const centroids = run.coordinates(clustering.centroids).subarray(held.data.length);
    const free = toEntries(coordinates(centroids, columns), space);
    const entries = distinct(joined(Uint8Array, [lock, free, clear]));
    const labels = await run.nearest(run.place(toSpace(entries, space, alpha)));
    return { entries, labels, engine: run.engine };
  } finally {
    await run.dispose();
  }
}

/**
 * Where these entries go by k-means on other colours, each in its place; locked ones stay.
 */
export async function follow(
  { points, weights, alpha }: Weighed,
  entries: Uint8Array,
  settings: ImageSettings,
  rungs: readonly Rung[],
  pause: Pause,
): Promise<Chosen> {
  const { space, lock } = settings;
  const { columns } = points;
  const start = toSpace(entries, space, alpha);
  const cover = joinRows(boundsOf(space, alpha), start);
  const run = await ColorRun.open(points, weights, start.rows, cover, settings, rungs, pause);
  try {
    const { clustering } = await run.lloyd(run.place(start), lock.length / 4);
    const moved = toEntries(coordinates(run.coordinates(clustering.centroids), columns), space);
    for (let at = 0; at < moved.length; at += 4)
      if (entries[at + 3] === 0) moved.fill(0, at, at + 4);
    moved.set(lock);
    const labels = await run.nearest(run.place(toSpace(moved, space, alpha)));
    return { entries: moved, labels, engine: run.engine };
  } finally {
    await run.dispose();
  }
}

/** Every colour's entry among these: itself, where all are there, and otherwise the nearest. */
export async function labelled(
  { colors, points, weights, alpha }: Weighed,
  entries: Uint8Array,
  settings: ImageSettings,
  rungs: readonly Rung[],
  pause: Pause,
): Promise<Chosen> {
  const exact = placesIn(entries, colors);
  if (exact) return { entries, labels: exact, engine: 'none' };
  const places = toSpace(entries, settings.space, alpha);
  const run = await ColorRun.open(points, weights, places.rows, places, settings, rungs, pause);
  try {
    return { entries, labels: await run.nearest(run.place(places)), engine: run.engine };
  } finally {
    await run.dispose();
  }
}

/** Nothing at all is an entry of its own, so that cut-outs stay sharp: colours end with it, if it is there. */
function clearColor({ colors, weights }: Weighed, lock: Uint8Array): Uint8Array {
  if (colors.at(-1) !== 0 || keysOf(lock).includes(0)) return NONE;
  for (let i = 0; i < weights.length - 1; i++) if (weights[i] > 0) return colors.slice(-4);
  return NONE; // nothing else counts
}

function withoutLast(weights: ArrayLike<number>): Float64Array {
  const others = Float64Array.from(weights);
  others[others.length - 1] = 0;
  return others;
}

/** The locked colours and all others, where the palette has room for them. */
function exactEntries(colors: Uint8Array, lock: Uint8Array, most: number): Uint8Array | null {
  if (colors.length > 4 * most) return null;
  const entries = distinct(joined(Uint8Array, [lock, colors]));
  return entries.length > 4 * most ? null : entries;
}

/** Where each colour stands among entries; null where one is missing. */
function placesIn(entries: Uint8Array, colors: Uint8Array): Uint32Array | null {
  if (entries.length < colors.length) return null;
  const placeOf = new Map<number, number>();
  keysOf(entries).forEach((key, place) => {
    if (!placeOf.has(key)) placeOf.set(key, place);
  });
  const places = new Uint32Array(colors.length / 4);
  const keys = keysOf(colors);
  for (let i = 0; i < keys.length; i++) {
    const place = placeOf.get(keys[i]);
    if (place === undefined) return null;
    places[i] = place;
  }
  return places;
}

/** Up to k centroids, the held ones first, that k-means on all colours goes on from. */
async function startFor(
  { colors, points }: Weighed,
  weights: ArrayLike<number>,
  held: Coordinates,
  k: number,
  { refine, seed }: ImageSettings,
  pause: Pause,
): Promise<Coordinates> {
  const { columns } = points;
  const split =
    k > FEW
      ? joinRows(held, coordinates(await splitRows(points, weights, k - held.rows, pause), columns))
      : null;
  const breathing = refine === 'breathing' || (refine === 'auto' && k <= FEW);
  if (split && !breathing) return split;
  const tree = await cellsFor(k, colors, points, weights, pause);
  const found = await search(tree, {
    k,
    seed,
    breathing,
    pause,
    held: inFours(held),
    start: split && inFours(split),
  });
  const start = new Float32Array((found.length / 4) * columns);
  for (let i = 0; i < start.length; i++)
    start[i] = found[4 * Math.floor(i / columns) + (i % columns)];
  return coordinates(start, columns);
}

/** Four coordinates a row; without alpha the last is 0. */
function inFours({ data, rows, columns }: Coordinates): Float64Array {
  const fours = new Float64Array(4 * rows);
  for (let i = 0; i < data.length; i++)
    fours[4 * Math.floor(i / columns) + (i % columns)] = data[i];
  return fours;
}

/** Centroids as bytes. */
function toEntries(centroids: Coordinates, space: ColorSpace): Uint8Array {
  const entries = fromSpace(centroids, space);
  for (let at = 3; at < entries.length; at += 4)
    if (entries[at] >= NEARLY_OPAQUE) entries[at] = 255;
  return entries;
}

function joinRows(a: Coordinates, b: Coordinates): Coordinates {
  return coordinates(joined(Float32Array, [a.data, b.data]), a.columns);
}
