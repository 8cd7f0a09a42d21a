import { kmeans, kmeans2, vq, whiten } from 'centroids/vq';

// Three features of six cars: litres, horsepower, doors.
const cars = [
  [1.0, 75, 5],
  [1.2, 90, 5],
  [1.4, 110, 3],
  [2.8, 240, 2],
  [3.0, 280, 2],
  [3.6, 310, 2],
];
const features = whiten(cars);
console.log(Array.from(features.data.subarray(0, 3), (x) => x.toFixed(3)).join(' '));

const { codebook, distortion } = await kmeans(features, 2, { seed: 1 });
console.log(codebook.rows, 'codes, distortion', distortion.toFixed(4));

const { code, dist } = await vq(features, codebook);
console.log(code.join(' '), '|', Array.from(dist, (d) => d.toFixed(3)).join(' '));

const { label } = await kmeans2(features, 2, { minit: '++', seed: 1, iter: 5 });
console.log(label.join(' '));

await kmeans2(features, [[1, 1, 1], [50, 50, 50]], { onWarning: (words) => console.log(words) });
