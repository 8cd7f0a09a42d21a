/**
 * Draws the README's picture: `npx tsx tools/readme-picture.ts`. A run watched through an awaited
 * onProgress, at its start, early on and at its end: points by colour, centroids, Voronoi cells.
 *
 * The same bytes on every machine: the library's results have the same bits everywhere, and what is
 * drawn of them is rounded to tenths of a pixel. A test compares the file with what this makes.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Delaunay } from 'd3-delaunay';
import { gaussianBoard, kmeans } from '../src/index.ts';

export const PICTURE = fileURLToPath(new URL('readme-picture.svg', import.meta.url));

const POINTS = 100_000;
const K = 16;
const SEED = 3;
/** All points are clustered, every so-many-th is drawn; no multiple of the Gaussians, which take turns. */
const DRAWN_EVERY = 41;
/** The second frame. */
const EARLY = 4;

const SIDE = 300;
const GAP = 15;
const CAPTION = 30;

interface Frame {
  iteration: number;
  inertia: number;
  centroids: Float32Array;
  labels: Uint32Array;
}

export async function drawPicture(): Promise<string> {
  const points = gaussianBoard(POINTS, K, { seed: SEED });
  const frames: Frame[] = [];
  const result = await kmeans(points, K, {
    init: 'random',
    seed: SEED,
    tol: 0,
    maxIter: 1000,
    engine: 'reference',
    onProgress: async (progress) => {
      const { phase, iteration, inertia } = progress;
      if (phase !== 'iterate' || (iteration !== 0 && iteration !== EARLY)) return;
      const { centroids, labels } = await progress.read();
      frames.push({ iteration, inertia, centroids: centroids.data, labels });
    },
  });
  frames.push({
    iteration: result.iterations,
    inertia: result.inertia,
    centroids: result.centroids.data,
    labels: result.labels,
  });
  const captions = frames.map(({ iteration, inertia }, index) => {
    if (index === 0) return `${K} random rows`;
    const done = index === frames.length - 1 ? ', converged' : '';
    return `iteration ${iteration}${done}: inertia ${Math.round(inertia).toLocaleString('en')}`;
  });

  const width = frames.length * SIDE + (frames.length - 1) * GAP;
  const panels = frames.map(
    (frame, index) =>
      `<g transform="translate(${index * (SIDE + GAP)} 0)">\n${panel(points.data, frame)}\n` +
      `<text x="${SIDE / 2}" y="${SIDE + 20}">${captions[index]}</text>\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${SIDE + CAPTION}" ` +
      `width="${width}" height="${SIDE + CAPTION}" font-family="sans-serif" font-size="13" ` +
      'text-anchor="middle" fill="#777" stroke-linecap="round">',
    `<title>${POINTS.toLocaleString('en')} points in ${K} clusters: ${captions.join('; ')}</title>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function panel(points: Float32Array, { centroids, labels }: Frame): string {
  const sites = Array.from({ length: K }, (_, j): [number, number] => [
    place(centroids[2 * j]),
    place(centroids[2 * j + 1]),
  ]);
  const voronoi = Delaunay.from(sites).voronoi([0, 0, SIDE, SIDE]);
  const cells = sites.map((_, j) => {
    const cell = voronoi.cellPolygon(j).map((corner) => corner.map(tenths).join(' '));
    return `<path d="M${cell.join('L')}Z" fill="${colour(j)}" fill-opacity=".12" stroke="#fff"/>`;
  });
  const dots = Array.from({ length: K }, () => '');
  for (let i = 0; i < labels.length; i += DRAWN_EVERY)
    dots[labels[i]] += `M${tenths(place(points[2 * i]))} ${tenths(place(points[2 * i + 1]))}h0`;
  const clouds = dots.map(
    (path, j) => `<path d="${path}" stroke="${colour(j)}" stroke-width="1.6" fill="none"/>`,
  );
  const centres = sites.map(
    ([x, y]) =>
      `<circle cx="${tenths(x)}" cy="${tenths(y)}" r="4" fill="#222" stroke="#fff" stroke-width="1.5"/>`,
  );
  const ground = `<rect width="${SIDE}" height="${SIDE}" fill="#fff"/>`;
  return [ground, ...cells, ...clouds, ...centres].join('\n');
}

/** The board is [−1, 1] wide. */
const place = (x: number) => ((x + 1) / 2) * SIDE;
const tenths = (x: number) => String(Math.round(10 * x) / 10);
/** Neighbouring numbers get hues that are far apart: the golden angle. */
const colour = (j: number) => `hsl(${Math.round(137.508 * j) % 360} 65% 45%)`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PICTURE, await drawPicture());
