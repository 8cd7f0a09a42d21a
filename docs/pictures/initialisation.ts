/** Where first centroids are, and where Lloyd's algorithm ends from there. */
import { blobs, kmeans, type KMeansOptions, type Matrix } from 'centroids';
import { card, coloursOf, discs, dots, INK, panelOf, plane, sideOf, tenths } from './draw/draw.ts';

const K = 12;

export async function picture(): Promise<string> {
  const points = blobs(3000, K, { deviation: 0.04, seed: 3 });
  const corner = Array.from({ length: K }, (_, j) => [
    -1 + 0.12 * (j % 4),
    -1 + 0.12 * Math.floor(j / 4),
  ]);
  const inits: [string, NonNullable<KMeansOptions['init']>][] = [
    ["'auto', 'k-means++'", 'k-means++'],
    ["'k-means||'", 'k-means||'],
    ["'random'", 'random'],
    ['explicit, in a corner', corner],
  ];
  const on = plane(sideOf(2), 250, [-1.1, 1.1], [-1.1, 1.1]);
  const panels = [];
  for (const [name, init] of inits) {
    let first: Matrix | null = null;
    const { centroids, labels, inertia, iterations } = await kmeans(points, K, {
      init,
      seed: 1,
      maxIter: 1000,
      tol: 0,
      onProgress: async ({ phase, iteration, read }) => {
        if (phase === 'iterate' && iteration === 0) first = (await read()).centroids;
      },
    });
    panels.push(
      panelOf(
        on,
        [
          dots(on, points, labels, coloursOf(centroids), { every: 4 }),
          ways(first!, centroids),
          discs(on, first!, { r: 3.2, fill: '#fff', ring: INK }),
          discs(on, centroids, { r: 4 }),
        ],
        [`${name}: inertia ${inertia.toFixed(1)} after ${iterations} iterations`],
      ),
    );
  }
  return card(
    'First centroids (rings) and where they end (discs)',
    panels.slice(0, 2),
    panels.slice(2),
  );

  function ways(from: Matrix, to: Matrix): string {
    const [a, b] = [from, to].map(({ data }) =>
      Array.from(
        { length: K },
        (_, j) => `${tenths(on.x(data[2 * j]))} ${tenths(on.y(data[2 * j + 1]))}`,
      ),
    );
    return `<path d="${a.map((place, j) => `M${place}L${b[j]}`).join('')}" stroke="${INK}" stroke-opacity=".5"/>`;
  }
}
