/** The points of the Cluster tab, and the same points made small for drawing. */
import { blobs, gaussianBoard, uniformBoard, type Matrix } from '../../src/index.ts';
import type { Bounds, ClusterRequest } from '../messages.ts';
import { GROUPS } from './groups.ts';

export function makeBoard({ board, n, seed }: ClusterRequest): Matrix {
  if (board === 'gaussian') return gaussianBoard(n, GROUPS, { seed });
  if (board === 'blobs') return blobs(n, GROUPS, { seed });
  return uniformBoard(n, { seed });
}

/** Coordinates as 16-bit fractions, −32767 to 32767, of the smallest square around the points. */
export function shrink({ data }: Matrix): { places: Int16Array<ArrayBuffer>; bounds: Bounds } {
  let [left, bottom] = [Infinity, Infinity];
  let [right, top] = [-Infinity, -Infinity];
  for (let at = 0; at < data.length; at += 2) {
    const x = data[at];
    const y = data[at + 1];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < bottom) bottom = y;
    if (y > top) top = y;
  }
  const half = Math.max(right - left, top - bottom, 1e-9) / 2;
  const [x, y] = [(left + right) / 2, (bottom + top) / 2];
  const scale = 32767 / half;
  const places = new Int16Array(data.length);
  for (let at = 0; at < data.length; at += 2) {
    places[at] = Math.round((data[at] - x) * scale);
    places[at + 1] = Math.round((data[at + 1] - y) * scale);
  }
  return { places, bounds: { left: x - half, right: x + half, bottom: y - half, top: y + half } };
}
