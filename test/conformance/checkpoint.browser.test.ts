/**
 * Checkpoints on WebGPU: the same bytes as on the reference engine, also where centroids are so many that no
 * status brings them on its own account; and either engine goes on from them to the same bits.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  kmeans,
  openEngine,
  uniformBoard,
  type Engine,
  type KMeansOptions,
  type Matrix,
} from '../../src/index.ts';
import { told } from '../unit/told.ts';

let webgpu: Engine;
beforeAll(async () => {
  webgpu = await openEngine('webgpu');
});
afterAll(() => webgpu.dispose());

async function keep(points: Matrix, k: number, options: KMeansOptions) {
  const states: Uint8Array[] = [];
  const checkpoint = { every: 1, write: (state: Uint8Array) => void states.push(state) };
  const result = told(await kmeans(points, k, { ...options, checkpoint }));
  // the last bytes are the checksum of the others
  return { result, states, sums: states.map((state) => [state.length, ...state.slice(-4)]) };
}

const board = uniformBoard(300, { seed: 3 });
const far = [[9, 9], [9, 8], [8, 9], [0.5, 0.5], [0.1, 0.9]]; // prettier-ignore
const CASES: [string, Matrix, number, KMeansOptions][] = [
  ['restarts, without a filter', board, 5, { nInit: 2, init: 'random', tol: 0 }],
  ['with the filter', board, 5, { algorithm: 'filtered', tol: 0, seed: 2 }],
  ['relocated', board, 5, { init: far }],
  ['dropped', board, 5, { init: far, emptyCluster: 'drop' }],
  ['cosine', board, 4, { metric: 'cosine' }],
  // 1.02 MiB of centroids
  ['large', uniformBoard(70, { columns: 4096 }), 65, { init: 'random', maxIter: 1 }],
];

test.each(CASES)('%s', async (_, points, k, options) => {
  const { algorithm: __, ...plain } = options;
  const reference = { ...plain, engine: 'reference' } as const;
  const whole = await keep(points, k, reference);
  const { result, sums } = await keep(points, k, { ...options, engine: webgpu });
  expect([result, sums]).toEqual([whole.result, whole.sums]);
  // the large one has said what it is for, and takes seconds
  for (const resume of options.maxIter ? [] : whole.states.slice(0, 4)) {
    expect(told(await kmeans(points, k, { ...options, engine: webgpu, resume }))).toEqual(
      whole.result,
    );
    // written where points and labels stay on the GPU
    if (options.metric || options.emptyCluster) continue;
    const { device } = webgpu as Engine & { device: GPUDevice };
    const { history, read } = await kmeans(points, k, {
      ...{ ...options, resume, device, engine: 'webgpu', output: 'gpu' },
    } as const);
    const { hash } = await read();
    expect([hash, history]).toEqual([whole.result.hash, whole.result.history]);
  }
});
