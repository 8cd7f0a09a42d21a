import { Codebook, kmeans, KMeans, KMeansError } from 'centroids';

const points = [[1, 2], [3, 4], [5, 6]];

await report(() => kmeans([[1, 2], [3, NaN]], 2));
await report(() => kmeans(points, 12));
await report(() => kmeans(points, 2, { engine: 'webgl' }));
await report(() => kmeans(points, 2, { metric: 'cosine', whiten: true }));
await report(() => kmeans(points, 2, { init: [[0, 0], [99, 99]], emptyCluster: 'error' }));
await report(() => new KMeans({ k: 2 }).predict(points));
await report(async () => Codebook.load(new Uint8Array(100)));

async function report(work: () => Promise<unknown>) {
  try {
    await work();
    console.log('no error');
  } catch (error) {
    if (!(error instanceof KMeansError)) throw error; // not from this library
    console.log(`${error.name} (${error.code})`);
    console.log(`  ${error.message}`);
  }
}
