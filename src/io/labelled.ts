/**
 * Results beside the rows they belong to: the columns of a file with labels, distances and margins.
 */
import { refuse } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import type { RowsOfPoints } from './read.ts';
import { gathered } from './select.ts';
import {
  placesOf,
  tableOf,
  type Chunk,
  type Column,
  type ColumnInfo,
  type Table,
} from './table.ts';

/** One number a point, by the names of the columns they become. */
export type Added = Readonly<
  Record<string, Uint32Array | Int32Array | Float32Array | Float64Array>
>;

/**
 * The table of a file with more columns: one number a point. Rows that are no points get −1 where the
 * numbers are whole and nothing where not (`missing: 'label'`), or are left out (`'drop-row'`).
 *
 * A source is read again for it, chunk by chunk.
 *
 * @throws InvalidInputError for names that the file has, and for other than one number a point
 */
export function labelled(from: RowsOfPoints, added: Added): Table {
  const { table, missing } = from;
  const own = new Set(table.columns.map(({ name }) => name));
  const more = Object.entries(added).map(([name, values]) => {
    if (own.has(name))
      refuse('a column', name, 'a name that the file does not have', 'Call it otherwise.');
    const isWhole = values instanceof Uint32Array || values instanceof Int32Array;
    const type = values instanceof Float32Array ? 'float32' : isWhole ? 'int32' : 'float64';
    return { name, type, width: 1, values } as const;
  });
  const lengths = new Set(more.map(({ values }) => values.length));
  if (lengths.size > 1)
    refuse('lengths of the columns', [...lengths].join(', '), 'one', 'Pass one number a point.');
  const infos: ColumnInfo[] = [
    ...table.columns,
    ...more.map(({ name, type, width }) => ({ name, type, width })),
  ];
  return {
    name: table.name,
    format: table.format,
    columns: infos,
    rows: missing === 'drop-row' && table.format !== 'memory' ? undefined : table.rows,
    async *chunks({ signal, columns } = {}) {
      const chosen = placesOf({ columns: infos, name: table.name }, columns);
      const others = chosen.filter((at) => at < table.columns.length).map((at) => infos[at].name);
      let [start, at] = [0, 0];
      for await (const { chunk, count, kept } of from.walk(others, signal)) {
        for (const { name, values } of more)
          if (at + count > values.length)
            refuse(
              `${name}.length`,
              values.length,
              'one number a point; there are more',
              'Pass all.',
            );
        const taken = missing === 'drop-row' ? kept : null;
        const rows = taken ? taken.length : chunk.rows;
        const placed = chosen.map((place): Column => {
          if (place < table.columns.length) {
            const column = chunk.columns[others.indexOf(infos[place].name)];
            return gathered(column, taken);
          }
          const { name, type, values } = more[place - table.columns.length];
          const part = values.subarray(at, at + count);
          return { name, type, width: 1, values: spread(part, taken ? null : kept, chunk) };
        });
        if (rows > 0) yield { start, rows, columns: placed };
        start += rows;
        at += count;
      }
      for (const { name, values } of more)
        if (at !== values.length)
          refuse(`${name}.length`, values.length, `${at} (the points)`, 'Pass one number a point.');
    },
  };
}

function spread(part: Added[string], kept: Uint32Array | null, { rows }: Chunk): Column['values'] {
  if (kept === null)
    return part instanceof Uint32Array
      ? new Int32Array(part.buffer, part.byteOffset, part.length)
      : part;
  const isFloat = part instanceof Float32Array || part instanceof Float64Array;
  const all = isFloat
    ? new (part.constructor as typeof Float64Array)(rows).fill(NaN)
    : new Int32Array(rows).fill(-1);
  for (const [i, at] of kept.entries()) all[at] = part[i];
  return all;
}

/**
 * A matrix as a table, a row a row: centroids, with a column `cluster` that counts them.
 *
 * @throws InvalidInputError for other than one name a column
 */
export function matrixTable({ data, rows, columns }: Matrix, names?: readonly string[]): Table {
  const titles = names ?? Array.from({ length: columns }, (_, t) => `column${t}`);
  if (titles.length !== columns)
    refuse('names.length', titles.length, `${columns} (columns)`, 'Pass one name a column.');
  return tableOf(
    [
      { name: 'cluster', values: Int32Array.from({ length: rows }, (_, j) => j) },
      ...titles.map((name, t) => ({
        name,
        values: Float32Array.from({ length: rows }, (_, j) => data[j * columns + t]),
      })),
    ],
    'the matrix',
  );
}
