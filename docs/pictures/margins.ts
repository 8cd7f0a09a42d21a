/** Rows by their margin: dark between two clusters; and how many of each. */
import { gaussianBoard, kmeans } from 'centroids';
import { BLUE, card, cells, chart, discs, dots, panelOf, square, tenths } from './draw/draw.ts';

/** From doubtful to clear: brightness tells, whichever colours are seen. */
const SHADES = ['#5e1a00', '#b4490d', '#e39a4a', '#9db8cc', '#c3d2de'];
const LIMITS = [0.03, 0.08, 0.15, 0.3, Infinity];

export async function picture(): Promise<string> {
  const points = gaussianBoard(5000, 6, { seed: 7 });
  const { centroids, margins } = await kmeans(points, 6, { seed: 1, margins: true });
  const on = square(300);
  const shade = Array.from(margins!, (margin) => LIMITS.findIndex((limit) => margin < limit));
  const clouds = panelOf(
    on,
    [
      cells(on, centroids, Array<string>(6).fill('#fff')).replaceAll(
        'stroke="#fff"',
        'stroke="#8b98a5"',
      ),
      dots(on, points, shade, SHADES, { every: 2, size: 2.6 }),
      discs(on, centroids),
    ],
    ['dark: nearly as near to another centroid'],
  );
  const width = 0.03;
  const counts = new Float64Array(Math.ceil(0.72 / width));
  for (const margin of margins!) counts[Math.min(counts.length - 1, Math.floor(margin / width))]++;
  const histogram = chart({
    width: 376,
    height: 317,
    x: [0, 0.72],
    y: [0, 310],
    title: 'rows by margin',
    xTitle: 'margin, in the units of the points',
    body: (x, y, bottom) =>
      [...counts].map((count, i) => {
        const from = x(i * width) + 0.5;
        const to = x((i + 1) * width) - 0.5;
        return `<rect x="${tenths(from)}" y="${tenths(y(count))}" width="${tenths(to - from)}" height="${tenths(bottom - y(count))}" fill="${BLUE}"/>`;
      }),
  });
  return card('Margins of 5000 rows', [clouds, histogram]);
}
