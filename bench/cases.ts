/**
 * The workloads, as data: who is measured on what, and why. Nothing here runs or takes time; data.ts
 * makes the points. The same seeds give the same points in every JavaScript engine.
 */

/** How a case's points are made; see data.ts. */
export type Recipe =
  | { kind: 'uniform' }
  /** `centres` round Gaussians. `sizes: 'zipf'`: the j-th has 1/j of the first one's rows. */
  | { kind: 'blobs'; centres: number; sizes: 'even' | 'zipf' }
  /** Images of 28 × 28 grey values 0 to 255, mostly 0: ten shapes drawn in strokes, shifted, noisy. */
  | { kind: 'digits' }
  /** The same row over and over. */
  | { kind: 'duplicates' };

export interface Case {
  /** What the tables call it: the workload's id and, where there are several, the kind of data. */
  readonly name: string;
  /** The workload: T for tiny, C for common, G for a GPU's, S for skewed, O for out of core. */
  readonly id: string;
  readonly rows: number;
  readonly columns: number;
  readonly k: number;
  readonly recipe: Recipe;
  readonly why: string;
  /** The share of its rows that the default run takes; a case without one is not in it. */
  readonly quick?: number;
  /** Bytes that a run may take beside the points: then they come as a source that is streamed. */
  readonly maxMemory?: number;
}

/** Fifty blobs, fewer where k is smaller: Lloyd converges quickly on them. */
const blobs = (k: number): Recipe => ({
  kind: 'blobs',
  centres: Math.min(50, k),
  sizes: 'even',
});
/** Lloyd hardly converges on these. */
const uniform: Recipe = { kind: 'uniform' };
const both = (k: number) => ({ blobs: blobs(k), uniform });
const digits: Recipe = { kind: 'digits' };
const zipf: Recipe = { kind: 'blobs', centres: 1024, sizes: 'zipf' };
const duplicates: Recipe = { kind: 'duplicates' };

/** A workload; `data` is one recipe, or several by the name that the case gets. */
type Workload = Omit<Case, 'name' | 'recipe'> & { data: Recipe | Record<string, Recipe> };

const M = 1_000_000;
const MiB = 1024 * 1024;

// prettier-ignore
const WORKLOADS: readonly Workload[] = [
  { id: 'T1', rows: 10_000, columns: 2, k: 8, data: blobs(8), quick: 1, why: 'overhead' },
  { id: 'T2', rows: 1_000, columns: 16, k: 10, data: blobs(10), quick: 1, why: 'overhead' },
  { id: 'C1', rows: M, columns: 2, k: 16, data: both(16), quick: 1, why: "a tab's main job" },
  { id: 'C2', rows: M, columns: 2, k: 256, data: both(256), quick: 0.05, why: 'many clusters' },
  { id: 'C3', rows: M, columns: 3, k: 256, data: both(256), quick: 0.05, why: "a photo's colours" },
  { id: 'C4', rows: M, columns: 16, k: 64, data: blobs(64), quick: 0.05, why: 'middle' },
  { id: 'C5', rows: 100_000, columns: 128, k: 100, data: both(100), quick: 0.05, why: 'embeddings' },
  { id: 'C6', rows: 100_000, columns: 128, k: 1000, data: both(1000), why: 'bound by arithmetic' },
  { id: 'C7', rows: 10 * M, columns: 2, k: 64, data: blobs(64), why: 'size' },
  { id: 'C8', rows: 70_000, columns: 784, k: 10, data: digits, quick: 0.05, why: 'wide' },
  // Sizes of which GPU k-means have published numbers.
  { id: 'G1', rows: 8_400_000, columns: 4, k: 1024, data: blobs(1024), why: 'few columns' },
  { id: 'G2', rows: 2_100_000, columns: 32, k: 1024, data: blobs(1024), why: 'some columns' },
  { id: 'G3', rows: M, columns: 128, k: 1000, data: blobs(1000), why: 'many columns' },
  { id: 'G4', rows: 700_000, columns: 45, k: 65_536, data: blobs(65_536), why: 'many clusters' },
  { id: 'S1', rows: 2 * M, columns: 32, k: 1024, data: { zipf }, quick: 0.002, why: 'skewed sizes' },
  { id: 'S1', rows: 2 * M, columns: 32, k: 1024, data: { duplicates }, quick: 0.002, why: 'only ties' },
  // Two million rows in a million clusters would take 10^14 operations an iteration.
  { id: 'S1', rows: 100_000, columns: 32, k: 50_000, data: { half: uniform }, quick: 0.02, why: 'k = n/2' },
  { id: 'O1', rows: 16 * MiB, columns: 4, k: 64, data: blobs(64), maxMemory: 64 * MiB, why: 'out of core: points are four times the memory allowed' },
];

export const CASES: readonly Case[] = WORKLOADS.flatMap(({ data, ...workload }) =>
  isRecipe(data)
    ? [{ ...workload, name: workload.id, recipe: data }]
    : Object.entries(data).map(([suffix, recipe]) => ({
        ...workload,
        name: `${workload.id}-${suffix}`,
        recipe,
      })),
);

function isRecipe(data: Workload['data']): data is Recipe {
  return typeof data.kind === 'string';
}

/** Cases by workload id ('C1': both its data) or by name ('C1-blobs'); 'all' is every one. */
export function findCases(wanted: readonly string[]): Case[] {
  for (const name of wanted)
    if (name !== 'all' && !CASES.some((each) => each.id === name || each.name === name))
      throw new RangeError(
        `case is '${name}'; expected 'all' or one of ${CASES.map((each) => each.name).join(', ')}. ` +
          'Check the spelling.',
      );
  return CASES.filter(
    (each) => wanted.includes('all') || wanted.includes(each.id) || wanted.includes(each.name),
  );
}

/**
 * The case with `scale` times the rows. Columns and k stay, since they decide which kernel runs; only
 * where k would exceed half the rows it shrinks to that. Memory that is allowed shrinks along.
 */
export function scaled(given: Case, scale: number): Case {
  const rows = Math.max(2, Math.round(given.rows * scale));
  const k = Math.min(given.k, Math.floor(rows / 2));
  if (given.maxMemory === undefined) return { ...given, rows, k };
  return { ...given, rows, k, maxMemory: Math.round(given.maxMemory * (rows / given.rows)) };
}
