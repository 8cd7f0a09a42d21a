import { gaussianBoard, kmeans } from 'centroids';

const points = gaussianBoard(5000, 6, { seed: 7 }); // 5000 rows, 2 columns
const result = await kmeans(points, 6, { seed: 1 });

console.log('hash', result.hash);
console.log('stopped by', result.stopReason, 'after', result.iterations, 'iterations');
console.log('inertia', result.inertia.toFixed(3), 'sizes', result.sizes.join(' '));
for (const { iteration, moved, shift } of result.history.slice(0, 3))
  console.log(`iteration ${iteration}: ${moved} labels changed, shift ${shift.toFixed(5)}`);

// Until no label changes, with weighted rows.
const weights = Float64Array.from({ length: points.rows }, (_, i) => (i < 1000 ? 3 : 1));
const exact = await kmeans(points, 6, { seed: 1, tol: 0, weights });
console.log('stopped by', exact.stopReason, 'after', exact.iterations, 'iterations');

// Two of three centroids start where no point is ever nearest.
const init = [[0, 0], [90, 90], [90, 91]];
for (const emptyCluster of ['relocate', 'keep', 'drop'] as const) {
  const { centroids, sizes } = await kmeans(points, 3, { init, emptyCluster });
  console.log(emptyCluster, centroids.rows, 'centroids, sizes', sizes.join(' '));
}

// Rows of the fit get the labels of the fit, other rows that of the nearest centroid.
const again = await result.predict(points);
console.log(again.every((label, i) => label === result.labels[i]));
