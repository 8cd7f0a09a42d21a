/**
 * Gives observations their codes: a session of an engine holds them, code books come and go.
 *
 * An engine's grid reaches a little beyond the observations. A given code book may lie anywhere: codes
 * that can be nearest to no row are left out, and where one that can still lies beyond the grid, the
 * host looks for the nearest itself, in float64.
 */
import { breather } from '../breathe.ts';
import type { Task } from '../engine.ts';
import { powerOfTwo, toGridValues } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import { layPoints } from '../lay-points.ts';
import { ladder } from '../ladder.ts';
import { gatherRows, squaredDistance, type Rows } from '../matrix.ts';
import type { Settings } from '../options.ts';
import { Run } from '../run.ts';
import type { DoubleMatrix } from './observations.ts';

export class Coder {
  readonly #obs: Rows;
  readonly #run: Run;
  readonly pause: () => Promise<void> | undefined;

  private constructor(
    readonly laid: LaidPoints,
    run: Run,
    settings: Settings,
  ) {
    this.#obs = settings.points;
    this.#run = run;
    this.pause = breather(settings.signal);
  }

  /** Puts the observations where the engine works. `k`: most codes of a book; `book`: the first one. */
  static async open(
    given: Settings,
    k: number,
    algorithm: Task['algorithm'],
    book?: DoubleMatrix,
  ): Promise<Coder> {
    const settings = { ...given, k };
    const { points, signal, engine } = settings;
    signal?.throwIfAborted();
    const laid = await layPoints(settings, book);
    const run = new Run(ladder(engine, points.rows * k * points.columns, settings), {
      points: laid,
      k,
      shiftLimit: 0n,
      emptyCluster: 'keep',
      algorithm,
      signal,
    });
    try {
      await run.open();
    } catch (error) {
      laid.dispose();
      throw error;
    }
    return new Coder(laid, run, settings);
  }

  async dispose(): Promise<void> {
    await this.#run.dispose();
    this.laid.dispose();
  }

  /** The nearest code of every row, ties to the lowest. */
  async nearest(book: DoubleMatrix): Promise<Uint32Array> {
    const values = toGridValues(book, this.laid.grid);
    if (values.every(onGrid)) return this.#assign(values);
    const able = this.#able(values);
    const { data: chosen } = gatherRows(
      { data: values, columns: book.columns },
      Uint32Array.from(able),
    );
    const codes = chosen.every(onGrid)
      ? await this.#assign(chosen)
      : await this.#onHost(book.data, able);
    return codes.map((code) => able[code]);
  }

  async #assign(values: Float32Array): Promise<Uint32Array> {
    await this.#run.place(values);
    return this.#run.assign();
  }

  /**
   * Codes that may be nearest to a row. All rows lie within `reach` of the grid's origin; from there
   * the nearest code is D away, so that it is at most D + reach from any row, and a code farther out
   * than D + 2 · reach is beaten by it everywhere.
   */
  #able(values: Float32Array): number[] {
    const { columns, columnExponents } = this.laid.grid;
    const reach = Math.hypot(...Array.from(columnExponents, powerOfTwo));
    const out = Array.from({ length: values.length / columns }, (_, j) =>
      Math.hypot(...values.subarray(j * columns, (j + 1) * columns)),
    );
    const limit = (1 + 1e-6) * (Math.min(...out) + 2 * reach);
    return [...out.keys()].filter((j) => out[j] <= limit);
  }

  /** Positions in `able` of the nearest codes. */
  async #onHost(book: Float64Array, able: readonly number[]): Promise<Uint32Array> {
    const { data, rows, columns } = this.#obs;
    const nearest = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) {
      let least = Infinity;
      for (let at = 0; at < able.length; at++) {
        const distance = squaredDistance(data, i * columns, book, able[at] * columns, columns);
        if (distance >= least) continue;
        least = distance;
        nearest[i] = at;
      }
      const waiting = this.pause();
      if (waiting) await waiting;
    }
    return nearest;
  }

  /** The distance of every row to its code, in the units of the observations. */
  async distances(book: DoubleMatrix, codes: Uint32Array): Promise<Float64Array> {
    const { data, rows, columns } = this.#obs;
    const distances = new Float64Array(rows);
    await this.#slices((from, to) => {
      for (let i = from; i < to; i++)
        distances[i] = Math.sqrt(
          squaredDistance(data, i * columns, book.data, codes[i] * columns, columns),
        );
    });
    return distances;
  }

  /** The mean of the rows of every code (0 where it has none), and how many there are. */
  async means(
    codes: Uint32Array,
    k: number,
  ): Promise<{ means: DoubleMatrix; members: Uint32Array }> {
    const { data, columns } = this.#obs;
    const sums = new Float64Array(k * columns);
    const members = new Uint32Array(k);
    await this.#slices((from, to) => {
      for (let i = from; i < to; i++) {
        members[codes[i]]++;
        for (let t = 0, at = codes[i] * columns; t < columns; t++, at++)
          sums[at] += data[i * columns + t];
      }
    });
    for (let at = 0; at < sums.length; at++) sums[at] /= members[Math.floor(at / columns)] || 1;
    return { means: { data: sums, rows: k, columns }, members };
  }

  /** All rows in stretches, between which others have the thread. */
  async #slices(work: (from: number, to: number) => void): Promise<void> {
    const { rows } = this.#obs;
    for (let from = 0; from < rows; from += SLICE) {
      work(from, Math.min(rows, from + SLICE));
      const waiting = this.pause();
      if (waiting) await waiting;
    }
  }
}

const SLICE = 4096;

const onGrid = (y: number) => y >= -1 && y <= 1;
