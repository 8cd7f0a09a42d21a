/**
 * Results beside the rows they belong to: the columns of a file with labels, distances and margins.
 */
import { refuse } from '../errors.ts';
import { joined, type Matrix } from '../matrix.ts';
import type { RowsOfPoints } from './read.ts';
import { gathered } from './select.ts';
import {
  arrayOf,
  placesOf,
  tableOf,
  type Chunk,
  type Column,
  type ColumnInfo,
  type Table,
} from './table.ts';

type Numbers = Uint32Array | Int32Array | Float32Array | Float64Array;

/** Columns to add to a table, by their names: one number per point. */
export type Added = Readonly<Record<string, Numbers>>;

/** Columns to add to a table, in parts of any length: for results that do not fit in memory. */
export interface AddedInParts {
  /** Type of each column, by its name. Labels are `'int32'`. */
  readonly types: Readonly<Record<string, 'int32' | 'float32' | 'float64'>>;
  /** Starts again from the first part, every time. */
  parts(signal?: AbortSignal): AsyncIterable<Added>;
}

/**
 * Adds columns, such as labels, to the table that points were read from. Rows without a point (they lack a
 * coordinate) are left out under `missing: 'drop-row'`; under `'label'` they get −1 in columns of whole numbers
 * and a missing value in others.
 *
 * A source is read once more, chunk by chunk, while the table is.
 *
 * @param from what `readPoints` or `openSource` resolved with
 * @param added columns by name, one number per point
 * @throws InvalidInputError if a name is taken, or there is not one number per point (the latter may show
 *   only while the table is read)
 * @example
 * const file = await readPoints('in.csv');
 * const { labels } = await kmeans(file.points, 8);
 * await writeFile('out.csv', writeTable(labelled(file, { labels }), 'csv'));
 */
export function labelled(from: RowsOfPoints, added: Added | AddedInParts): Table {
  if (typeof (from as RowsOfPoints | null)?.walk !== 'function')
    refuse('from', from, 'what readPoints or openSource gave', 'Pass it as it is.');
  if (typeof added !== 'object' || added === null)
    refuse('added', added, 'typed arrays by the names of their columns', 'Pass { label: labels }.');
  const { table, missing } = from;
  const { types, parts } = isInParts(added) ? added : inOnePart(added);
  const own = new Set(table.columns.map(({ name }) => name));
  const more = Object.entries(types).map(([name, type]): ColumnInfo => {
    if (own.has(name))
      refuse('a column', name, 'a name that the file does not have', 'Choose another name.');
    return { name, type, width: 1 };
  });
  const infos: ColumnInfo[] = [...table.columns, ...more];
  return {
    name: table.name,
    format: table.format,
    columns: infos,
    rows: missing === 'drop-row' && table.format !== 'memory' ? undefined : table.rows,
    async *chunks({ signal, columns } = {}) {
      const chosen = placesOf({ columns: infos, name: table.name }, columns);
      const others = chosen.filter((at) => at < table.columns.length).map((at) => infos[at].name);
      const numbers = new Taken(parts(signal), types);
      try {
        let start = 0;
        for await (const { chunk, count, kept } of from.walk(others, signal)) {
          const found = await numbers.take(count);
          const taken = missing === 'drop-row' ? kept : null;
          const rows = taken ? taken.length : chunk.rows;
          const placed = chosen.map((place): Column => {
            if (place < table.columns.length) {
              const column = chunk.columns[others.indexOf(infos[place].name)];
              return gathered(column, taken);
            }
            const n = place - table.columns.length;
            return { ...more[n], values: spread(found[n], taken ? null : kept, chunk) };
          });
          if (rows > 0) yield { start, rows, columns: placed };
          start += rows;
        }
        await numbers.end();
      } finally {
        await numbers.close();
      }
    },
  };
}

function isInParts(added: Added | AddedInParts): added is AddedInParts {
  return typeof added.parts === 'function';
}

function inOnePart(added: Added): AddedInParts {
  for (const [name, values] of Object.entries(added))
    if (!ArrayBuffer.isView(values))
      refuse(`added.${name}`, values, 'a typed array', 'Convert it: Float64Array.from(values).');
  const lengths = new Set(Object.values(added).map(({ length }) => length));
  if (lengths.size > 1)
    refuse('lengths of the columns', [...lengths].join(', '), 'one', 'Pass one number a point.');
  const types = Object.entries(added).map(([name, values]) => {
    const isWhole = values instanceof Uint32Array || values instanceof Int32Array;
    const type = values instanceof Float32Array ? 'float32' : isWhole ? 'int32' : 'float64';
    return [name, type] as const;
  });
  return {
    types: Object.fromEntries(types),
    async *parts() {
      yield added;
    },
  };
}

/** Takes as many numbers of each column off their parts as a chunk has points. */
class Taken {
  readonly #names: readonly string[];
  readonly #parts: AsyncIterator<Added, unknown>;
  /** What is left of the last part, column by column. */
  #left: Numbers[];
  #count = 0;

  constructor(parts: AsyncIterable<Added>, types: AddedInParts['types']) {
    this.#names = Object.keys(types);
    this.#parts = parts[Symbol.asyncIterator]();
    this.#left = Object.values(types).map((type) => arrayOf(type, 0) as Numbers);
  }

  async take(count: number): Promise<Numbers[]> {
    const parts: Numbers[][] = this.#names.map(() => []);
    for (let missing = count; missing > 0 && this.#names.length > 0;) {
      if (this.#left[0].length === 0 && !(await this.#next()))
        this.#refuse(this.#count, 'one number a point; there are more', 'Pass all.');
      const taken = Math.min(missing, this.#left[0].length);
      this.#left.forEach((values, n) => parts[n].push(values.subarray(0, taken)));
      this.#left = this.#left.map((values) => values.subarray(taken));
      this.#count += taken;
      missing -= taken;
    }
    return parts.map((some, n) => {
      const Like = this.#left[n].constructor as typeof Float64Array;
      return some.length === 1 ? some[0] : joined(Like, some);
    });
  }

  /** There must be no more of them. */
  async end(): Promise<void> {
    const points = this.#count;
    while (this.#names.length > 0 && (this.#left[0].length > 0 || (await this.#next()))) {
      this.#count += this.#left[0].length;
      this.#left = this.#left.map((values) => values.subarray(values.length));
    }
    if (this.#count !== points)
      this.#refuse(this.#count, `${points} (the points)`, 'Pass one number a point.');
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#parts.next();
    if (done) return false;
    this.#left = this.#names.map((name) => (value as Added)[name]);
    const lengths = new Set(this.#left.map(({ length }) => length));
    if (lengths.size > 1)
      refuse('lengths of a part', [...lengths].join(', '), 'one', 'Pass one number a point.');
    return true;
  }

  #refuse(length: number, expected: string, remedy: string): never {
    refuse(`${this.#names[0]}.length`, length, expected, remedy);
  }

  async close(): Promise<void> {
    await this.#parts.return?.();
  }
}

function spread(part: Numbers, kept: Uint32Array | null, { rows }: Chunk): Column['values'] {
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
 * Makes a table of a matrix, such as centroids, to be written: one row per row, and before its columns a column
 * `cluster` that counts the rows from 0.
 *
 * @param matrix rows × columns
 * @param names of the columns; default `column0`, `column1` and so on
 * @throws InvalidInputError if there is not one name per column
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
