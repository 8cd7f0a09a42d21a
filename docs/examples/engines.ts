import { explain, gaussianBoard, kmeans, openEngine } from 'centroids';

const points = gaussianBoard(20_000, 8, { seed: 1 });

const { engine, algorithm } = await explain(points, 8);
console.log(engine, algorithm);

// One engine for several calls: opened once, closed by whoever opened it.
const own = await openEngine('wasm', { threads: 2 });
try {
  for (const k of [4, 8]) {
    const result = await kmeans(points, k, { engine: own, seed: 1 });
    console.log(k, result.engine, result.hash);
  }
} finally {
  await own.dispose(); // or `await using own = …`
}

// The same bits on another engine.
const reference = await kmeans(points, 8, { engine: 'reference', seed: 1 });
console.log(8, reference.engine, reference.hash);

// A run that stops and frees everything when it is told to.
const stop = new AbortController();
await kmeans(points, 8, {
  signal: stop.signal,
  onProgress: async ({ phase, iteration }) => {
    if (phase === 'iterate' && iteration === 2) stop.abort('enough');
  },
}).catch((reason: unknown) => console.log(reason));
