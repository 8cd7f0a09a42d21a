/**
 * A run that is taken up again anywhere has the bits of the one that was not broken off; and a checkpoint of
 * something else, or what is none, is refused with the reason.
 */
import { describe, expect, test } from 'vitest';
import {
  blobs,
  kmeans,
  uniformBoard,
  type KMeansOptions,
  type KMeansResult,
  type Matrix,
} from '../../src/index.ts';

const told = ({ labels, centroids, sizes, inertia, iterations, history, hash, ...rest }: KMeansResult) => ({
  labels,
  centroids,
  sizes,
  inertia,
  iterations,
  history,
  hash,
  stopReason: rest.stopReason,
  secondLabels: rest.secondLabels,
});

/** All states of a run, and what came of it. */
async function kept(points: Matrix, k: number, options: KMeansOptions) {
  const states: Uint8Array[] = [];
  const write = (state: Uint8Array) => void states.push(state);
  const result = await kmeans(points, k, { ...options, checkpoint: { every: 1, write } });
  return { states, result };
}

const board = uniformBoard(300, { seed: 3 });
const CASES: [string, Matrix, number, KMeansOptions][] = [
  ['a run', board, 6, { tol: 0 }],
  ['restarts', board, 5, { nInit: 4, init: 'random', seed: 4 }],
  ['breathing', blobs(300, 8, { seed: 2 }), 8, { refine: 'breathing', init: 'random' }],
  ['cosine', uniformBoard(200, { seed: 5, columns: 3 }), 5, { metric: 'cosine' }],
  ['manhattan', board, 5, { metric: 'manhattan' }],
];
describe.each(CASES)('%s', (_, points, k, options) => {
  test('goes on from each of its states', async () => {
    const { states, result } = await kept(points, k, { ...options, engine: 'reference' });
    const plain = told(await kmeans(points, k, { ...options, engine: 'reference' }));
    expect(told(result)).toEqual(plain);
    console.log(states.length, result.iterations, states.at(-1)!.length);
    for (const resume of states) {
      expect(told(await kmeans(points, k, { ...options, engine: 'wasm', threads: 1, resume }))).toEqual(plain);
      expect(told(await kmeans(points, k, { ...options, engine: 'reference', resume }))).toEqual(plain);
    }
  });
});
