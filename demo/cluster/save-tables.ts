/** Labels and centroids as files, in the worker. Loaded when the first is asked for. */
import {
  matrixTable,
  tableOf,
  writeTable,
  type Table,
  type WriteFormat,
} from '../../src/io/index.ts';
import type { KMeansResult } from '../../src/index.ts';
import { listsOf } from '../../src/matrix.ts';
import type { NamedRows } from './boards.ts';
import type { Bench } from './services.ts';

export type SaveRequest =
  | { what: 'labels'; format: Extract<WriteFormat, 'csv' | 'npy' | 'parquet' | 'arrow'> }
  | { what: 'centroids'; format: 'csv' | 'json' };

export interface Saved {
  file: Blob;
  /** What follows the name of the data in that of the file. */
  ending: string;
}

export async function save(
  { atHand, result }: Bench,
  { what, format }: SaveRequest,
  signal: AbortSignal,
): Promise<Saved> {
  const { points } = atHand;
  if (points === null || result === null)
    throw new Error('There is no result yet; expected a run that has ended. Run it first.');
  const ending = `${what}.${format}`;
  if (format === 'json') return { file: new Blob([jsonOf(points, result)]), ending };
  const written =
    what === 'centroids'
      ? centroidsOf(points, result)
      : await labelsOf(atHand, result, format, signal);
  const stream = writeTable(written, format, { signal });
  return { file: await new Response(stream).blob(), ending };
}

function namesOf({ names, columns }: NamedRows): string[] {
  return names
    ? [...names]
    : Array.from({ length: columns }, (_, t) => (columns === 2 ? 'xy'[t] : `column${t}`));
}

/** `name`, or with a number where that is taken. */
function free(name: string, taken: readonly string[]): string {
  let candidate = name;
  for (let i = 1; taken.includes(candidate); i++) candidate = `${name}.${i}`;
  return candidate;
}

function centroidsOf(points: NamedRows, { centroids }: KMeansResult): Table {
  const names = namesOf(points).map((name) =>
    name === 'cluster' ? free(name, ['cluster', ...namesOf(points)]) : name,
  );
  return matrixTable(centroids, names);
}

async function labelsOf(
  { points, own }: Bench['atHand'],
  { labels }: KMeansResult,
  format: SaveRequest['format'],
  signal: AbortSignal,
): Promise<Table> {
  // NPY has one type for all, and no names: the labels alone.
  if (own && format !== 'npy') {
    const { labelledOwn } = await import('./own-data.ts');
    return labelledOwn(own.choice, (taken) => free('label', taken), labels, signal);
  }
  if (format === 'npy') return tableOf([{ name: 'label', values: ofAllRows(own, labels) }]);
  const { data, rows, columns } = points!;
  const names = namesOf(points!);
  return tableOf([
    ...names.map((name, t) => {
      const values = new (data.constructor as Float32ArrayConstructor)(rows);
      for (let i = 0; i < rows; i++) values[i] = data[i * columns + t];
      return { name, values };
    }),
    {
      name: free('label', names),
      values: new Int32Array(labels.buffer, labels.byteOffset, rows),
    },
  ]);
}

/** One a row of the file: −1 for those that were kept and are no points. */
function ofAllRows(own: Bench['atHand']['own'], labels: Uint32Array): Int32Array {
  const plain = new Int32Array(labels.buffer, labels.byteOffset, labels.length);
  if (!own?.read.kept || own.read.missing !== 'label') return plain;
  const all = new Int32Array(own.read.rows).fill(-1);
  own.read.kept.forEach((place, i) => (all[place] = plain[i]));
  return all;
}

function jsonOf(points: NamedRows, { centroids, sizes, inertia, hash }: KMeansResult): string {
  const found = { centroids: listsOf(centroids), sizes: [...sizes], inertia, hash };
  return JSON.stringify({ columns: namesOf(points), ...found }, null, 1);
}
