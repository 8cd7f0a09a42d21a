/**
 * NPZ: arrays of NumPy in a ZIP archive. Those with as many rows as the first array of rows are the
 * columns of the table; they are read side by side.
 */
import { KMeansError } from '../errors.ts';
import type { Bytes } from './bytes.ts';
import { damaged, judgeMemory } from './damaged.ts';
import { MOST_HEADER, npyChunks, npyHeader, type NpyHeader } from './npy.ts';
import { part, placesOf, type Column, type ColumnInfo, type Table, type Values } from './table.ts';
import { memberBytes, zipMembers } from './zip.ts';

interface ArrayMember {
  info: ColumnInfo;
  header: NpyHeader;
  bytes: Bytes;
}

/** @throws InvalidFileError where it holds no array of numbers that can be read */
export async function openNpz(
  bytes: Bytes,
  { maxMemory, signal }: { maxMemory: number; signal?: AbortSignal | undefined },
): Promise<Table> {
  const { name: file } = bytes;
  const all: ArrayMember[] = [];
  let refused: KMeansError | null = null;
  for (const member of await zipMembers(bytes, signal)) {
    if (!member.name.endsWith('.npy')) continue;
    const inner = await memberBytes(bytes, member, signal);
    try {
      const header = npyHeader(await inner.slice(0, MOST_HEADER, signal), inner.name);
      const expected = header.offset + header.rows * header.width * header.size;
      if (expected !== member.size)
        damaged(inner.name, `has ${member.size} bytes`, `${expected} by its header`);
      judgeMemory(inner.name, 'one row', 8 * header.width, maxMemory, 'save fewer columns');
      const info = { name: member.name.slice(0, -4), type: header.type, width: header.width };
      all.push({ info, header, bytes: inner });
    } catch (error) {
      // Text, records, single numbers beside the data: no columns. Damage is damage.
      if (!(error instanceof KMeansError) || error.code !== 'not-supported') throw error;
      refused ??= error;
    }
  }
  const first = all.find(({ header }) => header.width > 1) ?? all[0];
  if (first === undefined) {
    if (refused !== null) throw refused;
    damaged(file, 'has no .npy member', 'arrays of NumPy', { remedy: 'Write it by np.savez.' });
  }
  const { rows } = first.header;
  const arrays = all.filter(({ header }) => header.rows === rows);
  const columns = arrays.map(({ info }) => info);
  return {
    name: file,
    format: 'npz',
    columns,
    rows,
    async *chunks({ signal, columns: wanted } = {}) {
      const chosen = placesOf({ columns, name: file }, wanted).map((place) => arrays[place]);
      const readers = chosen.map(
        ({ info, header, bytes }) => new Rows(info, npyChunks(bytes, header, maxMemory, signal)),
      );
      try {
        for (let start = 0; start < rows;) {
          const counts = await Promise.all(readers.map((reader) => reader.ready()));
          const count = Math.min(rows - start, ...counts);
          if (count === 0) damaged(file, `ends in row ${start + 1}`, `${rows} rows`);
          const values = readers.map((reader) => reader.take(count));
          yield { start, rows: count, columns: values };
          start += count;
        }
      } finally {
        await Promise.all(readers.map((reader) => reader.close()));
      }
    },
  };
}

/** One array whose chunks are cut where another's end. */
class Rows {
  #values: Values = [];
  #rows = 0;
  #at = 0;

  constructor(
    private readonly info: ColumnInfo,
    private readonly chunks: AsyncGenerator<{ rows: number; values: Values }, void>,
  ) {}

  /** How many rows are at hand; reads on where there are none. */
  async ready(): Promise<number> {
    if (this.#at === this.#rows) {
      const { value } = await this.chunks.next();
      if (value) [this.#values, this.#rows, this.#at] = [value.values, value.rows, 0];
    }
    return this.#rows - this.#at;
  }

  take(rows: number): Column {
    const from = this.#at;
    this.#at += rows;
    return part({ ...this.info, values: this.#values }, from, this.#at);
  }

  async close(): Promise<void> {
    await this.chunks.return();
  }
}
