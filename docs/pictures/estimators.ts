/** What each estimator makes of the same points, and of all places beside them. */
import { BisectingKMeans, gaussianBoard, KMeans, MiniBatchKMeans } from 'centroids';
import { card, coloursOf, discs, dots, panelOf, regions, sideOf, square } from './draw/draw.ts';

const K = 7;

export async function picture(): Promise<string> {
  const points = gaussianBoard(4000, K, { seed: 21 });
  const on = square(sideOf(3));
  const models = {
    KMeans: new KMeans({ k: K, seed: 1, nInit: 5 }),
    MiniBatchKMeans: new MiniBatchKMeans({ k: K, seed: 1, batchSize: 256 }),
    BisectingKMeans: new BisectingKMeans({ k: K, seed: 1 }),
  };
  const words = {
    KMeans: 'all rows, every iteration',
    MiniBatchKMeans: '256 rows per step',
    BisectingKMeans: 'borders are those of the splits',
  };
  const panels = [];
  for (const [name, model] of Object.entries(models)) {
    await model.fit(points);
    const { centroids, labels, inertia } = model;
    const colours = coloursOf(centroids);
    panels.push(
      panelOf(
        on,
        [
          await regions(on, (places) => model.predict(places), colours),
          dots(on, points, labels, colours, { every: 5 }),
          discs(on, centroids),
        ],
        [`${name}: inertia ${inertia.toFixed(1)}`, words[name as keyof typeof words]],
      ),
    );
  }
  return card('Three estimators on the same points', panels);
}
