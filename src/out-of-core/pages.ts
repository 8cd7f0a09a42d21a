/**
 * The rows of a source in pages of one size, whatever the size of its chunks, as often as they are asked
 * for. What was read once is kept as float32, in memory or outside of it (blocks.ts), so that text is
 * parsed once; where that cannot be (no room, or nobody wants it) the source is read again at every pass.
 *
 * Memory: two pages, one that is worked on and one that is read; and those that stay in memory.
 */
import { breather } from '../breathe.ts';
import { InvalidInputError, refuse } from '../errors.ts';
import { toGridValues, type Frame } from '../grid.ts';
import type { PointSource } from '../matrix.ts';
import { ahead } from './ahead.ts';
import { bytesOf, openBlocks, sharesMemory, type Blocks } from './blocks.ts';
import { packed, type Part } from './packed.ts';

/** Rows as the source has them, or on the grid. */
export type Page = Part;

export interface PagesOptions {
  readonly pageRows: number;
  /** Of pages that are kept in memory. */
  readonly cacheBytes: number;
  /** Whether to keep what was read, and where what does not fit in memory; `null`: nowhere. */
  readonly cache: { readonly folder: string | undefined; readonly outside: boolean } | null;
}

/** How errors call the source's rows. */
const NAME = 'points';
/** Labels and weights are counted in 32 bits. */
const MOST_ROWS = 2 ** 32 - 1;
/** Numbers between two pauses. */
const SLICE = 2 ** 18;

/** What was kept is gone in the middle of a pass. */
export class CacheLostError extends Error {}

export class Pages {
  readonly columns: number;
  pageRows: number;
  /** Known once the first pass is done. */
  rows = NaN;
  readonly #source: PointSource;
  readonly #cacheBytes: number;
  readonly #outside: { readonly folder: string | undefined } | null;
  /** False once nothing is kept. */
  #keeps: boolean;
  readonly #inMemory: Float32Array[] = [];
  #blocks: Blocks | null = null;
  /** What is kept lies on the grid, and not as the source has it. */
  #keptLaid = false;
  /** Pages that no pass uses now. */
  readonly #spare: Float32Array[] = [];
  #disposed = false;

  constructor(source: PointSource, { pageRows, cacheBytes, cache }: PagesOptions) {
    this.#source = source;
    this.columns = source.columns;
    this.pageRows = Math.max(1, Math.min(pageRows, source.rows ?? pageRows));
    this.#cacheBytes = cacheBytes;
    this.#keeps = cache !== null;
    this.#outside = cache?.outside ? { folder: cache.folder } : null;
  }

  get count(): number {
    return Math.ceil(this.rows / this.pageRows);
  }

  /** Rows of a page. */
  rowsOf(index: number): number {
    return Math.min(this.pageRows, this.rows - index * this.pageRows);
  }

  /** The first pass, which finds out how many rows there are and keeps them. */
  async *readFirst(signal: AbortSignal | undefined): AsyncGenerator<Page, void> {
    let rows = 0;
    for await (const page of ahead(this.#fromSource(signal), signal)) {
      if (this.#keeps) await this.#keep(page);
      yield page;
      rows += page.rows;
    }
    if (rows === 0) refuse(`${NAME}.rows`, 0, 'at least 1', 'Pass at least one point.');
    const { rows: said = rows } = this.#source;
    if (said !== rows) this.#refuseRows(rows, `${said}, as it says`);
    this.rows = rows;
  }

  /** Whether all rows are in memory. */
  get inMemory(): boolean {
    return this.#keeps && this.#inMemory.length === this.count;
  }

  /** Makes one page of rows that are all in memory. */
  join(): void {
    const all = pageOf(this.rows * this.columns);
    for (const [index, page] of this.#inMemory.entries())
      all.set(page, index * this.pageRows * this.columns);
    this.#inMemory.splice(0, Infinity, all);
    this.#spare.length = 0;
    this.pageRows = this.rows;
  }

  /** All pages as the source has them. */
  async *raw(signal: AbortSignal | undefined): AsyncGenerator<Page, void> {
    if (this.#keptLaid) throw new Error('The rows have been laid on the grid.');
    yield* this.#again(() => true, signal);
  }

  /** Pages on the grid; only those that are `wanted`, and from what is kept no others are read. */
  async *laid(
    frame: Frame,
    signal: AbortSignal | undefined,
    wanted: (index: number) => boolean = () => true,
  ): AsyncGenerator<Page, void> {
    const pause = breather(signal);
    for await (const page of this.#again(wanted, signal)) {
      if (!wanted(page.index)) continue;
      if (!this.#keptLaid) await this.#lay(page, frame, page.data, pause);
      yield page;
    }
  }

  /**
   * Lays all pages and shows them; with `keep` they are kept so.
   * @throws CacheLostError where they cannot be: a further pass reads the source again
   */
  async *lay(
    frame: Frame,
    keep: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Page, void> {
    const pause = breather(signal);
    let apart: Float32Array | undefined;
    for await (const page of this.raw(signal)) {
      const held = page.index < this.#inMemory.length;
      const data =
        held && !keep
          ? (apart ??= new Float32Array(this.#inMemory[0].length)).subarray(0, page.data.length)
          : page.data;
      await this.#lay(page, frame, data, pause);
      if (this.#keeps && keep && !held && !(await this.#keep(page))) throw new CacheLostError();
      yield { ...page, data };
    }
    this.#keptLaid = this.#keeps && keep;
  }

  async #lay(
    { rows, first, data }: Page,
    frame: Frame,
    into: Float32Array,
    pause: () => Promise<void> | undefined,
  ): Promise<void> {
    const { columns } = this;
    const step = Math.max(1, Math.floor(SLICE / columns));
    for (let from = 0; from < rows; from += step) {
      const to = Math.min(rows, from + step);
      const part = data.subarray(from * columns, to * columns);
      const out = into.subarray(from * columns, to * columns);
      toGridValues({ data: part, rows: to - from, columns }, frame, out);
      const at = out.findIndex((y) => !(y >= -1 && y <= 1));
      if (at >= 0)
        throw new InvalidInputError(
          `${NAME}[${first + from + Math.floor(at / columns)}][${at % columns}] is out of the range of ` +
            'the first pass; expected the same rows at every pass. Keep the source as it is while it is read.',
        );
      const waiting = pause();
      if (waiting) await waiting;
    }
  }

  #again(
    wanted: (index: number) => boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Page, void> {
    if (!this.#keeps) return ahead(this.#fromSource(signal), signal);
    // nothing is under way where all is in memory
    if (this.inMemory) return this.#fromCache(wanted, signal);
    return ahead(this.#fromCache(wanted, signal), signal);
  }

  async *#fromCache(
    wanted: (index: number) => boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Page, void> {
    const buffers: Float32Array[] = [];
    let turn = 0;
    try {
      for (let index = 0; index < this.count; index++) {
        signal?.throwIfAborted();
        if (!wanted(index)) continue;
        const rows = this.rowsOf(index);
        const page = { index, first: index * this.pageRows, rows };
        let data = this.#inMemory[index];
        if (!data) {
          data = this.#buffer(buffers, turn++).subarray(0, rows * this.columns);
          await this.#blocks!.get(index - this.#inMemory.length, bytesOf(data));
        }
        yield { ...page, data };
      }
    } finally {
      this.#spare.push(...buffers.filter(Boolean));
    }
  }

  /** Rows of the source, put together to pages. */
  async *#fromSource(signal: AbortSignal | undefined): AsyncGenerator<Page, void> {
    const buffers: Float32Array[] = [];
    const bufferOf = (index: number) => this.#buffer(buffers, index);
    const judge = (rows: number) => {
      signal?.throwIfAborted();
      this.#judgeRows(rows);
    };
    let rows = 0;
    try {
      const chunks = this.#source.chunks(signal);
      for await (const page of packed(chunks, this.columns, this.pageRows, bufferOf, judge)) {
        yield page;
        rows = page.first + page.rows;
      }
      if (!Number.isNaN(this.rows) && rows !== this.rows)
        this.#refuseRows(rows, `${this.rows}, as in the first pass`);
    } finally {
      this.#spare.push(...buffers.filter(Boolean));
    }
  }

  #judgeRows(rows: number): void {
    if (rows > this.rows) this.#refuseRows(rows, `${this.rows}, as in the first pass`);
    if (rows > MOST_ROWS) this.#refuseRows(rows, `at most ${MOST_ROWS}`);
  }

  #refuseRows(rows: number, expected: string): never {
    refuse(`${NAME}.rows`, rows, expected, 'Give the same rows at every pass.');
  }

  /** One of two that a pass fills in turn. */
  #buffer(buffers: Float32Array[], index: number): Float32Array {
    return (buffers[index % 2] ??= this.#spare.pop() ?? pageOf(this.pageRows * this.columns));
  }

  /** Keeps a page, or gives all of that up: the source is read again then. */
  async #keep({ index, data }: Page): Promise<boolean> {
    try {
      if (this.#blocks === null && this.#fitsInMemory(index, data)) {
        this.#inMemory[index] = data.slice();
        return true;
      }
      if (!this.#outside) throw new Error('there is no room beyond memory');
      this.#blocks ??= await openBlocks(4 * this.pageRows * this.columns, this.#outside.folder);
      await this.#blocks.put(index - this.#inMemory.length, bytesOf(data));
      return true;
    } catch (error) {
      if (error instanceof InvalidInputError) throw error;
      this.#keeps = false;
      await this.#forget();
      return false;
    }
  }

  #fitsInMemory(index: number, data: Float32Array): boolean {
    return 4 * index * this.pageRows * this.columns + data.byteLength <= this.#cacheBytes;
  }

  async #forget(): Promise<void> {
    this.#inMemory.length = 0;
    const blocks = this.#blocks;
    this.#blocks = null;
    await blocks?.dispose();
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#keeps = false;
    await this.#forget();
    this.#spare.length = 0;
  }
}

/** In memory that workers share where there is some: lanes take their rows out of it themselves. */
function pageOf(numbers: number): Float32Array {
  return sharesMemory()
    ? new Float32Array(new SharedArrayBuffer(4 * numbers))
    : new Float32Array(numbers);
}
