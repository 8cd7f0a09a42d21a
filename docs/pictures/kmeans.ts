/** A run as its result tells it: clusters, and its history. */
import { gaussianBoard, kmeans } from 'centroids';
import {
  BLUE,
  card,
  cells,
  chart,
  coloursOf,
  curve,
  discs,
  dots,
  label,
  panelOf,
  RED,
  square,
} from './draw/draw.ts';

export async function picture(): Promise<string> {
  const points = gaussianBoard(5000, 6, { seed: 7 });
  const { centroids, labels, history, inertia, iterations } = await kmeans(points, 6, { seed: 1 });
  const longer = await kmeans(points, 6, { seed: 1, tol: 0 });
  const on = square(300);
  const colours = coloursOf(centroids);
  const clusters = panelOf(
    on,
    [
      cells(on, centroids, colours),
      dots(on, points, labels, colours, { every: 3 }),
      discs(on, centroids),
    ],
    ['labels, centroids and their cells'],
  );
  const size = { width: 376, height: 152, x: [0, longer.iterations + 1] as const };
  const record = (values: typeof history, of: 'inertia' | 'moved') =>
    values.map((entry): [number, number] => [entry.iteration, entry[of]]);
  const falling = chart({
    ...size,
    y: [420, history[0].inertia],
    title: 'history: inertia',
    body: (x, y) => [
      curve(record(longer.history, 'inertia'), x, y, '#9fb3c8', { knots: false }),
      curve(record(history, 'inertia'), x, y, BLUE, { knots: false }),
      `<circle cx="${Math.round(x(iterations))}" cy="${Math.round(y(inertia))}" r="4" fill="${BLUE}"/>`,
      label(`tol 1e-4 stops here, after ${iterations}`, x(iterations), y(462), BLUE, 'end'),
    ],
  });
  const settling = chart({
    ...size,
    height: 165,
    y: [0.8, 6000],
    log: 'y',
    ticks: [6, 4],
    title: 'history: labels that changed',
    xTitle: 'iteration',
    body: (x, y) => [
      curve(
        record(longer.history, 'moved').filter(([, moved]) => moved > 0),
        x,
        y,
        RED,
        { knots: false },
      ),
      label(
        `tol 0: until none, after ${longer.iterations}`,
        x(longer.iterations),
        y(300),
        RED,
        'end',
      ),
    ],
  });
  const charts = {
    width: size.width,
    height: 300 + 17,
    body: `${falling.body}\n<g transform="translate(0 152)">${settling.body}</g>`,
  };
  return card('A clustering, and the history of the run to it', [clusters, charts]);
}
