import { blobs, centroidIndex, kmeans, matrix } from 'centroids';

const k = 30;
const points = blobs(4000, k, { deviation: 0.03, seed: 8 });
const truth = meansOf(points, k);

const once = await kmeans(points, k);
const restarts = await kmeans(points, k, { nInit: 10 });
const refined = await kmeans(points, k, { refine: 'breathing' });
for (const [name, result] of Object.entries({ once, restarts, refined })) {
  const wrong = centroidIndex(result.centroids, truth);
  console.log(name.padEnd(8), result.inertia.toFixed(3), `${wrong} clusters without a centroid`);
}

// The way to the result: the restart, then each breath that improved it, first with more centroids.
const runs = refined.history.filter(({ moved }) => moved === points.rows).length;
console.log(runs, 'runs of Lloyd,', refined.iterations, 'iterations');

/** The mean of every group that the points were drawn from. */
function meansOf({ data, labels, rows }: typeof points, groups: number) {
  const sums = new Float64Array(2 * groups);
  const sizes = new Float64Array(groups);
  for (let i = 0; i < rows; i++) {
    sizes[labels[i]]++;
    sums[2 * labels[i]] += data[2 * i];
    sums[2 * labels[i] + 1] += data[2 * i + 1];
  }
  return matrix(
    sums.map((sum, at) => sum / sizes[Math.floor(at / 2)]),
    2,
  );
}
