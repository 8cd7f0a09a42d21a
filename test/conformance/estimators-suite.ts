/**
 * The estimators on an engine: everything they tell, as text, which keeps every bit. No test framework
 * in here; engines are compared with the reference engine where they run.
 */
import {
  BisectingKMeans,
  blobs,
  KMeans,
  matrix,
  MiniBatchKMeans,
  uniformBoard,
  type Engine,
  type EngineName,
  type Points,
} from '../../src/index.ts';

export interface EstimatorCase {
  name: string;
  run(engine: Engine | EngineName | 'auto'): Promise<string>;
}

type AnyEstimator = KMeans | MiniBatchKMeans | BisectingKMeans;

const COLUMNS = 3;
const board = blobs(3000, 9, { columns: COLUMNS, deviation: 0.15, seed: 4 });
const weights = Float64Array.from({ length: 3000 }, (_, i) => ((i * 7) % 13) / 4);
/** Most of them outside the range of a fit, some far outside. */
const others = matrix(
  uniformBoard(300, { columns: COLUMNS, seed: 5 }).data.map((x, at) => x * 4 ** (at % 31)),
  COLUMNS,
);

async function told(model: AnyEstimator, points: Points): Promise<string> {
  return JSON.stringify([
    model,
    Array.from(model.centroids.data),
    Array.from(await model.predict(points)),
    Array.from(await model.predict(others)),
    Array.from((await model.transform(others)).data),
    await model.score(points),
    await model.score(others),
  ]);
}

/** Batches that drift away, narrow and widen: no range is known to the first. */
function* drifting(): Generator<{ batch: Points; weights: Float64Array }> {
  for (let i = 0; i < 12; i++) {
    const [shift, grow] = [i * i * i * 10, 10 ** ((i % 5) - 2)];
    const rows = board.data.subarray(i * 100 * COLUMNS, (i + 1) * 100 * COLUMNS);
    const batch = matrix(
      rows.map((x) => x * grow + shift),
      COLUMNS,
    );
    yield { batch, weights: weights.subarray(i * 100, (i + 1) * 100) };
  }
}

export const estimatorCases: readonly EstimatorCase[] = [
  {
    name: 'KMeans, weighted and whitened',
    run: async (engine) =>
      told(await new KMeans({ k: 9, seed: 2, whiten: true, weights, engine }).fit(board), board),
  },
  {
    name: 'MiniBatchKMeans, small batches',
    run: async (engine) =>
      told(await new MiniBatchKMeans({ k: 12, seed: 3, batchSize: 50, engine }).fit(board), board),
  },
  {
    name: 'MiniBatchKMeans, weighted, whitened, several starts, tol',
    run: async (engine) => {
      const options = { k: 9, nInit: 3, whiten: true, tol: 1e-4, init: 'random' as const };
      const model = new MiniBatchKMeans({ ...options, batchSize: 200, engine });
      return told(await model.fit(board, { weights }), board);
    },
  },
  {
    name: 'MiniBatchKMeans, most centroids reassigned',
    run: async (engine) =>
      told(
        await new MiniBatchKMeans({ k: 60, batchSize: 20, maxIter: 1, engine }).fit(board),
        board,
      ),
  },
  {
    name: 'MiniBatchKMeans, a stream that drifts away',
    run: async (engine) => {
      const model = new MiniBatchKMeans({ k: 7, seed: 1, engine });
      let text = '';
      for (const { batch, weights } of drifting()) {
        await model.partialFit(batch, { weights });
        text += await told(model, batch);
      }
      return text;
    },
  },
  {
    name: 'BisectingKMeans, by inertia, weighted',
    run: async (engine) =>
      told(await new BisectingKMeans({ k: 9, seed: 1, weights, engine }).fit(board), board),
  },
  {
    name: 'BisectingKMeans, by size, whitened',
    run: async (engine) => {
      const options = { k: 7, whiten: true, bisectingStrategy: 'largest-cluster' as const };
      return told(await new BisectingKMeans({ ...options, engine }).fit(board), board);
    },
  },
];
