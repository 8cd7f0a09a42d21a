import { BisectingKMeans, blobs, blobsChunks, KMeans, MiniBatchKMeans } from 'centroids';

const points = blobs(4000, 8, { deviation: 0.08, seed: 5 });

const model = await new KMeans({ k: 8, seed: 1 }).fit(points);
console.log('KMeans', model.inertia.toFixed(2), 'in', model.iterations, 'iterations');
console.log('score', (await model.score(points)).toFixed(2));
const distances = await model.transform([[0, 0]]); // to every centroid
console.log(distances.rows, '×', distances.columns);

const text = JSON.stringify(model); // and back: the same labels, to the bit
const loaded = KMeans.fromJSON(text);
console.log((await loaded.predict(points)).join() === model.labels.join());

const batches = await new MiniBatchKMeans({ k: 8, seed: 1, batchSize: 256 }).fit(points);
console.log('MiniBatchKMeans', batches.inertia.toFixed(2), 'in', batches.steps, 'steps');

const stream = new MiniBatchKMeans({ k: 8, seed: 1 });
const source = blobsChunks(20_000, 8, { deviation: 0.08, seed: 5, chunkRows: 1000 });
for await (const chunk of source.chunks()) await stream.partialFit(chunk);
console.log('stream', stream.steps, 'steps, then', (await stream.score(points)).toFixed(2));

for (const bisectingStrategy of ['biggest-inertia', 'largest-cluster'] as const) {
  const tree = await new BisectingKMeans({ k: 8, seed: 1, bisectingStrategy }).fit(points);
  console.log('BisectingKMeans', bisectingStrategy, tree.inertia.toFixed(2));
}
