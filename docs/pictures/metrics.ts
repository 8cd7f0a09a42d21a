/** The same points under each metric: whose region is where. */
import { gaussianBoard, kmeans, matrix } from 'centroids';
import { card, coloursOf, discs, dots, panelOf, plane, regions, sideOf } from './draw/draw.ts';

const K = 5;

export async function picture(): Promise<string> {
  const board = gaussianBoard(900, 7, { seed: 12 });
  const points = matrix(
    board.data.map((x) => 1.1 + x),
    2,
  ); // none at the origin, which has no direction
  const side = sideOf(3);
  const on = plane(side, side, [0, 2.2], [0, 2.2]);
  const captions = {
    euclidean: ['borders halfway; the mean', 'Σ(x − c)²'],
    cosine: ['borders are rays; a direction', '1 − cos(x, c)'],
    manhattan: ['borders with 45°; medians', 'Σ|x − c|'],
  };
  const panels = [];
  for (const metric of ['euclidean', 'cosine', 'manhattan'] as const) {
    const { centroids, labels, predict } = await kmeans(points, K, { metric, seed: 1, nInit: 5 });
    const colours = coloursOf(centroids);
    const [words, formula] = captions[metric];
    panels.push(
      panelOf(
        on,
        [
          await regions(on, predict, colours),
          dots(on, points, labels, colours, { size: 2.6 }),
          discs(on, centroids),
        ],
        [`'${metric}': ${formula}`, words],
      ),
    );
  }
  return card('Regions of five clusters under three metrics', panels);
}
