/**
 * Distances of all rows to the nearest centre so far, page by page, to the bits of those in memory.
 *
 * Nothing is kept of a row: every pass finds anew how far rows are from all centres so far. That is more
 * to compute (for k-means‖ five times as much in all), but nothing to store, and lanes leave most of it out.
 *
 * Memory: a page, and 8 bytes for each 4096 rows.
 */
import {
  FARTHEST,
  STRETCH_ROWS,
  wordOf,
  type DistanceOptions,
  type Distances,
} from '../distances.ts';
import type { LaidPoints } from '../laid-points.ts';
import { joined } from '../matrix.ts';
import type { Held, PagedPoints } from './paged-points.ts';

export function pagedDistances(
  points: PagedPoints,
  held: (wanted?: (index: number) => boolean) => AsyncIterable<Held>,
  { trials, owners }: Pick<DistanceOptions, 'trials' | 'owners'>,
  pause: () => Promise<void> | undefined,
): Distances {
  const { rows, columns, weights } = points.grid;
  let centres = new Float32Array();
  let tried: Float32Array = new Float32Array();
  let masses: Float64Array | null = null;

  /** Pages that are wanted, with the distances to all centres so far. */
  const each = async (
    work: (own: Distances, page: Held) => Promise<void>,
    wanted?: (index: number) => boolean,
  ) => {
    for await (const page of held(wanted)) {
      const own = await open(page.laid);
      await work(own, page);
      await own.close();
    }
  };
  const open = async (laid: LaidPoints) => {
    const count = centres.length / columns;
    const own = await laid.distances({ rows: null, trials, centres: count, owners, pause });
    if (count > 0) await own.add(centres);
    return own;
  };
  const append = (more: Float32Array) => {
    centres = joined(Float32Array, [centres, more]);
    masses = null;
  };

  return {
    async masses() {
      if (masses) return masses;
      const found = new Float64Array(Math.ceil(rows / STRETCH_ROWS));
      if (centres.length > 0)
        await each(async (own, { first }) => found.set(await own.masses(), first / STRETCH_ROWS));
      // as far as can be, all of them: powers of two, and whole weights
      else for (let i = 0; i < rows; i++) found[Math.floor(i / STRETCH_ROWS)] += (weights ? weights[i] : 1) * FARTHEST; // prettier-ignore
      return (masses = found);
    },
    async stretches(numbers) {
      const found = new Map<number, Float64Array>();
      const inPage = points.pageRows / STRETCH_ROWS;
      const pageOf = (stretch: number) => Math.floor(stretch / inPage);
      await each(
        async (own, { index }) => {
          const asked = numbers.filter((stretch) => pageOf(stretch) === index);
          const some = await own.stretches(asked.map((stretch) => stretch - index * inPage));
          asked.forEach((stretch, i) => found.set(stretch, some[i]));
        },
        (index) => numbers.some((stretch) => pageOf(stretch) === index),
      );
      return numbers.map((stretch) => found.get(stretch)!);
    },
    gather: (places) => points.gather(places),
    async gains(values) {
      tried = values;
      const gains = Array.from({ length: values.length / columns }, () => 0n);
      await each(async (own) => {
        for (const [j, gain] of (await own.gains(values)).entries()) gains[j] += gain;
      });
      return gains;
    },
    add: async (values) => append(values),
    take: async (n) => append(tried.slice(n * columns, (n + 1) * columns)),
    async pick(key, expected, total) {
      const picked: number[] = [];
      const step = total / 2 ** 32;
      await each(async (own, { first, laid }) => {
        const count = Math.ceil(laid.grid.rows / STRETCH_ROWS);
        for (let s = 0; s < count; s++) {
          const [own_] = await own.stretches([s]);
          const from = first + s * STRETCH_ROWS;
          for (let i = 0; i < own_.length; i++)
            if (wordOf(from + i, key) * step < expected * own_[i]) picked.push(from + i);
          const waiting = pause();
          if (waiting) await waiting;
        }
      });
      return Uint32Array.from(picked);
    },
    async owned() {
      const sums = new Uint32Array(centres.length / columns);
      await each(async (own) => {
        for (const [j, sum] of (await own.owned()).entries()) sums[j] += sum;
      });
      return sums;
    },
    close: async () => {},
  };
}
