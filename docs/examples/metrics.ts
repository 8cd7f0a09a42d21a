import { kmeans } from 'centroids';

const counts = [[9, 1, 0], [90, 12, 1], [0, 1, 7], [1, 0, 30]]; // words in texts, short and long
for (const metric of ['euclidean', 'cosine', 'manhattan'] as const) {
  const { labels, inertia } = await kmeans(counts, 2, { metric });
  console.log(metric.padEnd(9), labels.join(' '), inertia.toFixed(3));
}

const { centroids } = await kmeans(counts, 2, { metric: 'cosine' });
const lengths = [0, 1].map((j) => Math.hypot(...centroids.data.subarray(3 * j, 3 * j + 3)));
console.log('lengths under cosine', lengths.map((length) => length.toFixed(6)).join(' '));

const prices = [[1], [2], [3], [1000]]; // one outlier
const mean = await kmeans(prices, 1);
const median = await kmeans(prices, 1, { metric: 'manhattan' });
console.log('mean', mean.centroids.data[0], 'median', median.centroids.data[0]);

try {
  await kmeans([[1, 0], [0, 0]], 1, { metric: 'cosine' });
} catch (error) {
  console.log((error as Error).message);
}
