import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kmeans, uniformBoard } from 'centroids';

const folder = await mkdtemp(join(tmpdir(), 'centroids-'));
const file = join(folder, 'run.state');
const points = uniformBoard(5000, { seed: 1 });
const options = { seed: 2, tol: 0 };

const checkpoint = {
  every: 20,
  // Write next to the old state first: whenever the process ends, one of them is complete.
  async write(state: Uint8Array, { iteration }: { iteration: number }) {
    await writeFile(`${file}.new`, state);
    await rename(`${file}.new`, file);
    console.log('iteration', iteration, 'kept in', state.length, 'bytes');
  },
};

// Interrupted in the middle.
const controller = new AbortController();
const onProgress = async ({ iteration }: { iteration: number }) => {
  if (iteration === 50) controller.abort('the machine is wanted elsewhere');
};
const { signal } = controller;
await kmeans(points, 12, { ...options, checkpoint, signal, onProgress }).catch((reason: unknown) =>
  console.log('stopped:', reason),
);

// Later, on another machine, on another engine.
const resume = await readFile(file);
const result = await kmeans(points, 12, { ...options, checkpoint, resume, engine: 'reference' });
console.log(result.iterations, 'iterations,', result.stopReason);
console.log(result.hash === (await kmeans(points, 12, options)).hash);

// Two runs are never mixed.
await kmeans(points, 12, { ...options, seed: 3, resume }).catch((error: Error) =>
  console.log(error.message),
);
await rm(folder, { recursive: true });
