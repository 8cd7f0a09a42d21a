import {
  adjustedRandIndex,
  blobs,
  calinskiHarabasz,
  centroidIndex,
  daviesBouldin,
  homogeneityCompletenessV,
  kmeans,
  normalizedMutualInformation,
  silhouette,
  silhouetteSamples,
} from 'centroids';

const points = blobs(800, 4, { deviation: 0.14, seed: 9 });
const { labels, centroids } = await kmeans(points, 4, { seed: 1, nInit: 5 });

console.log('silhouette', (await silhouette(points, labels)).toFixed(3));
const { score, low, high } = await silhouette(points, labels, { sample: 200, seed: 1 });
console.log(`of 200 rows ${score.toFixed(3)}, ${low.toFixed(3)} to ${high.toFixed(3)}`);
const each = await silhouetteSamples(points, labels);
console.log(each.filter((s) => s < 0).length, 'rows nearer to another cluster');
console.log('Davies–Bouldin', daviesBouldin(points, labels).toFixed(3));
console.log('Caliński–Harabasz', calinskiHarabasz(points, labels).toFixed(1));

const truth = points.labels;
console.log('adjusted Rand', adjustedRandIndex(truth, labels).toFixed(3));
console.log('mutual information', normalizedMutualInformation(truth, labels).toFixed(3));
const { homogeneity, completeness, vMeasure } = homogeneityCompletenessV(truth, labels);
console.log([homogeneity, completeness, vMeasure].map((x) => x.toFixed(3)).join(' '));

const other = await kmeans(points, 5, { seed: 2 });
console.log('centroid index', centroidIndex(centroids, other.centroids));
