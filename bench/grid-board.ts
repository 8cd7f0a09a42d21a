/**
 * Points whose clusters are known beyond doubt: side × side round Gaussians on the places of a square
 * lattice of step 1. Where they lie apart, the best solution has one centroid in each, and the centroid
 * index against the places says how many a search has missed.
 */
import { matrix, type Matrix } from '../src/index.ts';
import { normal, pcg32 } from '../src/rng.ts';

export interface KnownBoard {
  points: Matrix;
  /** The true centres. */
  centres: Matrix;
  k: number;
}

/** `each` rows a cluster. */
export function gridBoard(side: number, each: number, deviation: number, seed = 0): KnownBoard {
  const k = side * side;
  const random = pcg32(seed, GRID);
  const centres = new Float32Array(2 * k);
  for (let j = 0; j < k; j++) centres.set([j % side, Math.floor(j / side)], 2 * j);
  const data = new Float32Array(2 * k * each);
  for (let at = 0; at < data.length; at++)
    data[at] = centres[at % (2 * k)] + deviation * normal(random);
  return { points: matrix(data, 2), centres: matrix(centres, 2), k };
}

/** A random stream of its own. */
const GRID = 205;
