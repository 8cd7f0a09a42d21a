/**
 * The answers of scikit-learn and SciPy (the JSON files beside this one, written by `make.py`), and
 * how an answer of ours is held against them. Any engine; Vitest in Node or in a browser.
 */
import { expect } from 'vitest';
import { kmeans, type Engine, type EngineName, type KMeansOptions } from '../../src/index.ts';
import { layOnGrid, standardDeviations } from '../../src/grid.ts';
import { toRows } from '../../src/matrix.ts';
import { kmeans as scipyKMeans, kmeans2, vq } from '../../src/vq/index.ts';

/**
 * The one tolerance against other people's answers, which are float64: ours leave as float32, rounded
 * at 2^−24 = 6e-8 of the largest coordinate, from centroids of 24 bits. Labels and iterations have
 * none.
 */
export const FLOAT32_TOLERANCE = 1e-6;

export type Choice = EngineName | Engine;
type Algorithm = NonNullable<KMeansOptions['algorithm']>;

interface ScikitLearn {
  points: number[][];
  init: number[][];
  weights: number[] | null;
  tol: number;
  max_iter: number;
  expected: { centroids: number[][]; labels: number[]; inertia: number; iterations: number };
}

interface Scored {
  points: number[][];
  expected: {
    labels: number[];
    silhouette: number;
    silhouette_samples: number[];
    davies_bouldin: number;
    calinski_harabasz: number;
  };
}

interface External {
  truth: number[];
  labels: number[];
  expected: {
    adjusted_rand: number;
    normalized_mutual_info: number;
    homogeneity: number;
    completeness: number;
    v_measure: number;
  };
}

interface SciPy {
  points: number[][];
  expected: {
    centroids: number[][];
    labels: number[];
    distortion?: number;
    distances?: number[];
  };
}

interface OtherMetric {
  /** The file whose points these are. */
  source: string;
  metric: 'cosine' | 'manhattan';
  init: number[][];
  weights: number[] | null;
  expected: ScikitLearn['expected'];
}

interface Whiten {
  points: number[][];
  expected: { whitened: number[][] };
}

const files = import.meta.glob<unknown>('./*.json', { eager: true, import: 'default' });
const named = <T>(prefix: string, except: readonly string[] = []) =>
  Object.entries(files)
    .map(([path, golden]) => ({ name: path.slice(2, -'.json'.length), golden: golden as T }))
    .filter(({ name }) => name.startsWith(prefix) && !except.some((e) => name.startsWith(e)));

export const scikitLearn = named<ScikitLearn>('sk-', ['sk-external-scores']);
export const scored = named<Scored>('sk-').filter(
  ({ golden }) => golden.expected.silhouette !== undefined,
);
export const external = named<External>('sk-external-scores')[0].golden;
export const scipy = named<SciPy>('scipy-', ['scipy-whiten']);
export const otherMetrics = named<OtherMetric>('metric-');
export const whiten = named<Whiten>('scipy-whiten');

/** Same start, same path: labels, iterations, centroids and inertia. */
export async function judgeScikitLearn(
  golden: ScikitLearn,
  engine: Choice,
  algorithm: Algorithm = 'auto',
): Promise<void> {
  const { points, init, weights, tol, max_iter, expected } = golden;
  const options: KMeansOptions = { init, tol, maxIter: max_iter, engine, algorithm };
  const result = await kmeans(points, init.length, weights ? { ...options, weights } : options);
  expect([...result.labels]).toEqual(expected.labels);
  expect(result.iterations).toBe(expected.iterations);
  near([...result.centroids.data], expected.centroids.flat(), largest(points));
  // Points on their centroid: theirs leaves a rest of 1e-29, ours none.
  const rest = 1e-12 * points.length * largest(points) ** 2;
  expect(Math.abs(result.inertia - expected.inertia)).toBeLessThanOrEqual(
    FLOAT32_TOLERANCE * expected.inertia + rest,
  );
}

/** Spherical k-means and k-medians as NumPy does them: same start, same path. */
export async function judgeMetric(golden: OtherMetric, engine: Choice): Promise<void> {
  const { metric, init, weights, expected } = golden;
  const { points } = files[`./${golden.source}.json`] as ScikitLearn;
  const options: KMeansOptions = { metric, init, tol: 0, engine };
  const result = await kmeans(points, init.length, weights ? { ...options, weights } : options);
  expect([...result.labels]).toEqual(expected.labels);
  expect(result.iterations).toBe(expected.iterations);
  near([...result.centroids.data], expected.centroids.flat(), largest(points));
  const rows = points.length * largest(metric === 'cosine' ? [[1]] : points);
  expect(Math.abs(result.inertia - expected.inertia)).toBeLessThanOrEqual(
    FLOAT32_TOLERANCE * (expected.inertia + rows),
  );
}

/** Their code book is a resting place of ours: the same codes, the same book, the same distances. */
export async function judgeSciPy(
  { points, expected }: SciPy,
  engine: Choice,
  algorithm: Algorithm = 'auto',
): Promise<void> {
  const { centroids: book, labels, distances, distortion } = expected;
  const result = await kmeans(points, book.length, { init: book, tol: 0, engine, algorithm });
  expect([...result.labels]).toEqual(labels);
  near([...result.centroids.data], book.flat(), largest(points));
  expect([...(await result.predict(points))]).toEqual(labels);
  if (!distances || distortion === undefined) return;
  const { data, columns } = result.centroids;
  const ours = points.map((point, i) =>
    Math.hypot(...point.map((x, t) => x - data[result.labels[i] * columns + t])),
  );
  near(ours, distances, largest(points));
  near([ours.reduce((sum, d) => sum + d, 0) / ours.length], [distortion], largest(points));
}

/** The same through the functions of SciPy's names: their book is a resting place of all of them. */
export async function judgeVq({ points, expected }: SciPy, engine: Choice): Promise<void> {
  const { centroids: book, labels, distances, distortion } = expected;
  const scale = largest(points);
  const { code, dist } = await vq(points, book, { engine });
  expect([...code]).toEqual(labels);
  if (distances) near([...dist], distances, scale);
  const found = await scipyKMeans(points, book, { engine });
  near([...found.codebook.data], book.flat(), scale);
  if (distortion !== undefined) near([found.distortion], [distortion], scale);
  const { centroid, label } = await kmeans2(points, book, { minit: 'matrix', engine });
  near([...centroid.data], book.flat(), scale);
  expect([...label]).toEqual(labels);
}

/** Whatever the start, so clear a structure is found: the same partition, in any order of names. */
export async function judgePartition(
  { points, expected }: SciPy,
  engine: Choice,
  algorithm: Algorithm = 'auto',
): Promise<void> {
  const k = expected.centroids.length;
  const { labels, centroids } = await kmeans(points, k, { nInit: 4, engine, algorithm });
  const names = new Map<number, number>();
  labels.forEach((label, i) => names.set(label, names.get(label) ?? expected.labels[i]));
  expect(names.size).toBe(k);
  expect(new Set(names.values()).size).toBe(k);
  expect(Array.from(labels, (label) => names.get(label))).toEqual(expected.labels);
  for (const [ours, theirs] of names)
    near(
      [...centroids.data.subarray(2 * ours, 2 * ours + 2)],
      expected.centroids[theirs],
      largest(points),
    );
}

export function judgeWhiten({ points, expected }: Whiten): void {
  const deviations = standardDeviations(layOnGrid(toRows(points)));
  near(
    points.flatMap((point) => point.map((x, t) => x / deviations[t])),
    expected.whitened.flat(),
    largest(expected.whitened),
  );
}

/** Equal within the tolerance, on the scale of the largest number there is. */
export function near(actual: number[], wanted: number[], scale: number): void {
  expect(actual).toHaveLength(wanted.length);
  actual.forEach((x, i) =>
    expect(Math.abs(x - wanted[i])).toBeLessThanOrEqual(FLOAT32_TOLERANCE * scale),
  );
}

export function largest(points: number[][]): number {
  return points.reduce((most, p) => p.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
}
