import { blobs, kmeans, type KMeansOptions } from 'centroids';

const points = blobs(3000, 12, { deviation: 0.04, seed: 3 });

for (const init of ['auto', 'k-means++', 'k-means||', 'random'] as const) {
  const { inertia, iterations, hash } = await kmeans(points, 12, { init, seed: 1 });
  console.log(init.padEnd(9), inertia.toFixed(2).padStart(6), `${iterations} iterations`, hash);
}

// Explicit centroids, in any form of points.
const explicit = Array.from({ length: 12 }, (_, j) => [(j % 4) / 2 - 0.75, Math.floor(j / 4) - 1]);
const given = await kmeans(points, 12, { init: explicit });
console.log('given    ', given.inertia.toFixed(2).padStart(6));

// A function that chooses them: here farthest-first, from a random row.
const farthestFirst: KMeansOptions['init'] = ({ data, rows }, k, random) => {
  const chosen = [Math.floor(random() * rows)];
  const nearest = new Float64Array(rows).fill(Infinity);
  while (chosen.length < k) {
    const last = chosen[chosen.length - 1];
    for (let i = 0; i < rows; i++) {
      const [x, y] = [data[2 * i] - data[2 * last], data[2 * i + 1] - data[2 * last + 1]];
      nearest[i] = Math.min(nearest[i], x * x + y * y);
    }
    chosen.push(nearest.indexOf(nearest.reduce((a, b) => Math.max(a, b))));
  }
  return chosen.map((row) => [data[2 * row], data[2 * row + 1]]);
};
const farthest = await kmeans(points, 12, { init: farthestFirst, seed: 1 });
console.log('function ', farthest.inertia.toFixed(2).padStart(6));

const restarts = await kmeans(points, 12, { init: 'random', nInit: 10, seed: 1 });
console.log('10 random', restarts.inertia.toFixed(2).padStart(6));
