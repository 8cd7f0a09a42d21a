/** Results against scikit-learn's own, from a fixed start. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kmeans } from '../../src/index.ts';

const names = ['sk-toy','sk-toy-weights','sk-iris','sk-iris-weights','sk-wine-unscaled','sk-cancer','sk-digits-600','sk-far-from-origin','sk-duplicates','sk-empty-cluster'];
for (const name of names)
  test(name, async () => {
    const g = JSON.parse(readFileSync(`test/golden/${name}.json`, 'utf8'));
    const r = await kmeans(g.points, g.init.length, { init: g.init, tol: g.tol, maxIter: g.max_iter, engine: 'reference', ...(g.weights ? { weights: g.weights } : {}) });
    console.log(name, r.iterations, g.expected.iterations, r.inertia, g.expected.inertia, r.stopReason, r.hash, r.history.at(-1)!.inertia);
    expect([...r.labels]).toEqual(g.expected.labels);
    expect(r.iterations).toBe(g.expected.iterations);
    expect(Math.abs(r.inertia / g.expected.inertia - 1) || 0).toBeLessThan(1e-6);
    const flat = g.expected.centroids.flat();
    flat.forEach((c: number, i: number) => expect(Math.abs(r.centroids.data[i] - c)).toBeLessThan(1e-6 * Math.max(1, Math.abs(c))));
  });
test('million', async () => {
  const { gaussianBoard } = await import('../../src/index.ts');
  let t = performance.now();
  const b = gaussianBoard(1e6, 16, { seed: 1 });
  console.log('board', performance.now() - t); t = performance.now();
  const r = await kmeans(b, 16, { engine: 'reference' });
  console.log('fit', performance.now() - t, r.seconds, r.iterations, r.stopReason, r.hash, r.inertia, r.history.at(-1));
});
