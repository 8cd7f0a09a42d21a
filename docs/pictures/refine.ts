/** Clusters that Lloyd's algorithm shares or splits, and breathing does not. */
import { blobs, kmeans, type Matrix } from 'centroids';
import { BLUE, card, discs, dots, panelOf, RED, sideOf, square } from './draw/draw.ts';

const K = 30;

export async function picture(): Promise<string> {
  const points = blobs(4000, K, { deviation: 0.03, seed: 8 });
  const truth = meansOf(points, K);
  const on = square(sideOf(3), 1.08);
  const panels = [];
  for (const [name, options] of [
    ['one start', {}],
    ['ten restarts', { nInit: 10 }],
    ["refine: 'breathing'", { refine: 'breathing' as const }],
  ] as const) {
    const { centroids, inertia } = await kmeans(points, K, options);
    const missed = orphans(truth, centroids);
    panels.push(
      panelOf(
        on,
        [
          dots(on, points, new Uint8Array(points.rows), ['#8b98a5'], { every: 5, size: 1.8 }),
          missed
            .map(
              (j) =>
                `<circle cx="${place(truth, j, 0)}" cy="${place(truth, j, 1)}" r="12" fill="none" stroke="${RED}" stroke-width="2"/>`,
            )
            .join('\n'),
          discs(on, centroids, { r: 2.8, fill: BLUE }),
        ],
        [`${name}: inertia ${inertia.toFixed(2)}`, `${missed.length || 'none'} without a centroid`],
      ),
    );
  }
  return card('30 blobs: centroids found by one start, ten restarts and breathing', panels);

  function place({ data }: Matrix, j: number, t: 0 | 1): number {
    return Math.round(t === 0 ? on.x(data[2 * j]) : on.y(data[2 * j + 1]));
  }
}

/** Groups that are the nearest to no centroid: those that `centroidIndex` counts. */
function orphans(truth: Matrix, centroids: Matrix): number[] {
  const apart = (c: number, j: number) =>
    Math.hypot(
      truth.data[2 * j] - centroids.data[2 * c],
      truth.data[2 * j + 1] - centroids.data[2 * c + 1],
    );
  const groups = [...Array(truth.rows).keys()];
  const chosen = new Set<number>();
  for (let c = 0; c < centroids.rows; c++)
    chosen.add(groups.reduce((best, j) => (apart(c, j) < apart(c, best) ? j : best)));
  return groups.filter((j) => !chosen.has(j));
}

function meansOf({ data, labels, rows }: Matrix & { labels: Uint32Array }, k: number): Matrix {
  const sums = new Float64Array(2 * k);
  const sizes = new Float64Array(k);
  for (let i = 0; i < rows; i++) {
    sizes[labels[i]]++;
    for (let t = 0; t < 2; t++) sums[2 * labels[i] + t] += data[2 * i + t];
  }
  return {
    data: Float32Array.from(sums, (sum, at) => sum / sizes[Math.floor(at / 2)]),
    rows: k,
    columns: 2,
  };
}
