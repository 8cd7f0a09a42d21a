/** Silhouettes of every row, cluster by cluster, with a right and two wrong numbers of clusters. */
import { blobs, kmeans, silhouetteSamples } from 'centroids';
import { card, chart, coloursOf, label, sideOf, tenths, GREY, INK } from './draw/draw.ts';

export async function picture(): Promise<string> {
  const points = blobs(500, 4, { deviation: 0.14, seed: 5 });
  const panels = [];
  for (const k of [3, 4, 6]) {
    const { labels, centroids } = await kmeans(points, k, { seed: 1, nInit: 5 });
    const silhouettes = await silhouetteSamples(points, labels);
    const mean = silhouettes.reduce((sum, s) => sum + s, 0) / points.rows;
    const colours = coloursOf(centroids);
    panels.push(
      chart({
        width: sideOf(3),
        height: 270,
        x: [-0.2, 1],
        y: [points.rows + 8 * (k - 1), 0],
        ticks: [3, 0],
        title: `k = ${k}: mean ${mean.toFixed(2)}`,
        xTitle: 'silhouette',
        body: (x, y, bottom) => {
          let from = 0;
          const bars = colours.map((colour, j) => {
            const own = [...silhouettes].filter((_, i) => labels[i] === j).sort((a, b) => b - a);
            const outline = own.map((s, at) => `${tenths(x(s))} ${tenths(y(from + at))}`);
            const middle = y(from + own.length / 2) + 4;
            const path = `<path d="M${tenths(x(0))} ${tenths(y(from))}L${outline.join('L')}L${tenths(x(0))} ${tenths(y(from + own.length))}Z" fill="${colour}"/>`;
            from += own.length + 8;
            return path + label(`${j}`, x(-0.2) - 4, middle, GREY, 'end');
          });
          return [
            ...bars,
            `<path d="M${tenths(x(mean))} 24V${tenths(bottom)}" stroke="${INK}" stroke-dasharray="4 4"/>`,
          ];
        },
      }),
    );
  }
  return card('Silhouettes of four blobs in 3, 4 and 6 clusters', panels);
}
