/**
 * Cases for devices that take long over each, chosen by what is in them rather than by number: all kernels,
 * both algorithms, every metric, every way to lose a cluster, numbers and weights of every kind. An ordinary
 * run takes these where others have all; with CENTROIDS_REPEATS above 1 everybody has all.
 */
import { cases, type Case } from './cases.ts';

const CHOSEN: readonly (readonly [name: string, why: string])[] = [
  // what labels rows: narrow up to four columns, compare where rows are wide or clusters many, assign between
  ['blobs of 1 columns', 'one column'],
  ['uniform in 4 columns', 'the most that narrow takes'],
  ['uniform in 5 columns', 'assign'],
  ['uniform in 17 columns', 'compare, and a part of a vector left over'],
  ['k = 65', 'one more than a power of two'],
  ['4096 columns', 'sums too wide for a workgroup: rows are sorted by label'],
  ['k = 257', 'many clusters'],
  ['70 000 rows, seeded from a sample', 'enough rows for the block filter by itself'],
  // sizes
  ['1 rows', 'the least'],
  ['129 rows', 'a row more than a workgroup'],
  ['257 rows', 'a row more than a large workgroup'],
  ['k = n = 64', 'a cluster a row'],
  // ties
  ['lattice 8 × 8 × 8, centroids between its points', 'what floats cannot settle, integers do'],
  ['symmetric about the origin', 'sums that cancel'],
  ['every point a centroid, some twice', 'the lower number wins'],
  // numbers
  ['one outlier, a million times the spread away', 'near-ties of nearly all rows'],
  ['columns of scale 1e-9 to 1e9, whitened', 'exponents of columns'],
  ['an offset of 1e12, a spread of 1', 'float64 on the way in'],
  ['subnormal numbers', 'what devices flush to zero'],
  ["near float32's largest", 'what overflows when it is squared'],
  // weights
  ['weights: fractions', 'integers of 32 bits'],
  ['weights: from 1e-12 to 1e12', 'most round to nothing'],
  // clusters that lose their rows
  ['relocate: most centroids in one place', 'census, farthest, elect and relocate, many times'],
  ['keep: outliers without weight', 'a cluster that stays where it is'],
  ['drop: outliers without weight', 'a cluster less'],
  // starts and stops
  ['options {"tol":0.01}', 'stops by the shift'],
  ['options {"maxIter":2}', 'is cut off'],
  ['options {"init":"k-means++","nInit":3}', 'restarts on the same buffers'],
  ['clusters of Zipf sizes', 'most rows to few sums'],
  ['breathing: room for two more centroids', 'k changes on the way'],
  // other metrics
  ['cosine: blobs of 33 columns', 'unit rows'],
  ['cosine: lattice, centroids between its points', 'ties of unit rows'],
  ['cosine: drop: most centroids in one place', 'a cluster less'],
  ['manhattan: blobs of 3 columns', 'manhattan'],
  ['manhattan: lattice, centroids between its points', 'ties of absolute differences'],
  ['manhattan: weights from 1e-12 to 1e12', 'weighted medians'],
];

/** Cases by their names. */
export function casesNamed(names: readonly string[]): Case[] {
  return names.map((name) => {
    const found = cases.find((problem) => problem.name === name);
    if (!found)
      throw new Error(`There is no case '${name}'; expected a name of cases.ts. Correct it.`);
    return found;
  });
}

export const chosenCases: readonly Case[] = casesNamed(CHOSEN.map(([name]) => name));
