/**
 * How much work a dispatch is given, by how long the last ones took. A driver ends what takes seconds
 * (2 s on Windows), and a tab does not draw meanwhile; dispatches that are too short cost time as well.
 * Nobody knows a GPU's speed before it is measured, and results do not depend on it.
 */

/** Slices are not cut anew for less than this. */
const TOLERANCE = 2;
/** A single measurement may be of anything: it raises the work by no more than this. */
const MOST_GROWTH = 8;
/** Less takes no time: what took long then was waiting. */
const LEAST_WORK = 2 ** 20;
/** Slices are cut no finer than so many, whatever they take: each costs a dispatch's set-up. */
const MOST_SLICES = 2 ** 14;
const MOST_WORK = 2 ** 36;

/** Dispatches that one submission may hold, if they are of the planned work each. */
export const DISPATCHES_AT_ONCE = 4;

/**
 * Coordinate differences that a dispatch should have, after `slices` slices of at most `work` each were
 * gone through `passes` times in so long.
 */
export function paced(
  work: number,
  milliseconds: number,
  { slices, passes, dispatchMs }: { slices: number; passes: number; dispatchMs: number },
): number {
  const each = milliseconds / (slices * passes);
  const tooLong = each > dispatchMs * TOLERANCE && work > LEAST_WORK;
  // a single one may have waited for anything, and cannot be joined to another
  const tooShort = each > 0 && each * TOLERANCE < dispatchMs && slices > 1;
  if (!tooLong && !tooShort) return work;
  const factor = Math.min(MOST_GROWTH, dispatchMs / each);
  return Math.max(LEAST_WORK, Math.min(MOST_WORK, Math.floor(work * factor)));
}

const known = new WeakMap<GPUDevice, number>();

/** What sessions of a device have found to be right, or `otherwise`; more where `all` the work is very much. */
export function workFor(device: GPUDevice, otherwise: number, all: number): number {
  return leastFor(all, known.get(device) ?? otherwise);
}

export function leastFor(all: number, work: number): number {
  return Math.max(work, Math.ceil(all / MOST_SLICES));
}

export function noteWork(device: GPUDevice, work: number): void {
  known.set(device, work);
}
