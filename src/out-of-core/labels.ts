/**
 * The labels of all rows between two iterations, packed to as few bytes as k asks for: in memory, or
 * outside of it where they are many.
 */
import { OutOfMemoryError } from '../errors.ts';
import { bytesOf, type Blocks } from './blocks.ts';
import type { Pages } from './pages.ts';

type Packed = Uint8Array | Uint16Array | Uint32Array;

export class LabelStore {
  readonly #pages: Pages;
  readonly #room: (rows: number) => Packed;
  readonly #all: Packed | null;
  readonly #blocks: Blocks | null;
  readonly #own: Packed;

  private constructor(pages: Pages, k: number, blocks: Blocks | null) {
    this.#pages = pages;
    this.#room = (rows) => emptyLabels(rows, k);
    this.#blocks = blocks;
    this.#all = blocks ? null : this.#room(pages.rows);
    this.#own = this.#room(blocks ? pages.pageRows : 0);
  }

  /** `outside`: opens blocks of so many bytes; null where there are none. */
  static async open(
    pages: Pages,
    k: number,
    memory: number,
    outside: ((bytes: number) => Promise<Blocks>) | null,
  ): Promise<LabelStore> {
    const width = emptyLabels(0, k).BYTES_PER_ELEMENT;
    const bytes = width * pages.rows;
    if (bytes <= memory) return new LabelStore(pages, k, null);
    const refuse = (cause?: unknown): never => {
      throw new OutOfMemoryError(
        `labels of ${pages.rows} rows take ${bytes} bytes between iterations; expected at most ${memory}, ` +
          "an eighth of maxMemory, or room in a cache. Raise maxMemory, or use cache: 'auto' in Node.",
        { cause },
      );
    };
    if (!outside) return refuse();
    let blocks: Blocks | undefined;
    try {
      blocks = await outside(width * pages.pageRows);
      const store = new LabelStore(pages, k, blocks);
      // all of the room at once: a disk that is full says so now
      for (let page = 0; page < pages.count; page++) await store.put(page, new Uint32Array(pages.rowsOf(page))); // prettier-ignore
      return store;
    } catch (error) {
      await blocks?.dispose();
      return refuse(error);
    }
  }

  /** The labels of a page, until it is asked for another. */
  async get(page: number): Promise<ArrayLike<number>> {
    const first = page * this.#pages.pageRows;
    const rows = this.#pages.rowsOf(page);
    if (this.#all) return this.#all.subarray(first, first + rows);
    const own = this.#own.subarray(0, rows);
    await this.#blocks!.get(page, bytesOf(own));
    return own;
  }

  async put(page: number, labels: Uint32Array): Promise<void> {
    if (this.#all) return this.#all.set(labels, page * this.#pages.pageRows);
    const own = this.#own.subarray(0, labels.length);
    own.set(labels);
    await this.#blocks!.put(page, bytesOf(own));
  }

  async dispose(): Promise<void> {
    await this.#blocks?.dispose();
  }
}

function emptyLabels(rows: number, k: number): Packed {
  if (k <= 2 ** 8) return new Uint8Array(rows);
  return k <= 2 ** 16 ? new Uint16Array(rows) : new Uint32Array(rows);
}
