/** What the page asks the worker of the Cluster tab now and then, beside its runs. */
import { kmeans, type KMeansOptions, type KMeansResult } from '../../src/index.ts';
import type { Call } from '../desk.ts';
import type { PointsAtHand } from './at-hand.ts';
import type { OwnFile } from './own-data.ts';
import type { Saved, SaveRequest } from './save-tables.ts';
import type { Axes } from './view.ts';

/** What of the worker the services work on. */
export interface Bench {
  atHand: PointsAtHand;
  /** Of the last run that ended on these points. */
  result: KMeansResult | null;
  /** How the last run was asked for. */
  asked: { k: number; options: KMeansOptions } | null;
  /** Sends labels and centroids again, as they are now seen. */
  repaint: () => void;
}

/** One point for people: where it is in its file, and its numbers. */
export interface PointFacts {
  /** From 1, as files count. */
  row: number;
  id: string | null;
  values: [name: string, value: number][];
  /** Columns that are not among the values. */
  more: number;
}

const MOST_VALUES = 6;

export function servicesOf(bench: Bench) {
  return {
    /** A file's columns. Its rows are read by the run. */
    async open(file: File, { signal }: Call): Promise<OwnFile> {
      const { openOwn } = await import('./own-data.ts');
      return openOwn(file, signal);
    },

    /** Shows the points on other columns; what was clustered stays. */
    see(axes: Axes): void {
      if (bench.atHand.see(axes)) bench.repaint();
    },

    /** Facts of a row, those of the named columns first. */
    row({ row, first }: { row: number; first: Axes }): PointFacts | null {
      const { points, own } = bench.atHand;
      if (points === null || row >= points.rows) return null;
      const { data, columns, names } = points;
      const order = [
        ...new Set([...(first ?? []), ...Array.from({ length: columns }, (_, t) => t)]),
      ];
      return {
        row: (own?.read.kept?.[row] ?? row) + 1,
        id: own?.read.ids === undefined ? null : String(own.read.ids[row]),
        values: order
          .slice(0, MOST_VALUES)
          .map((t) => [
            names?.[t] ?? (columns === 2 ? 'xy'[t] : `column ${t + 1}`),
            data[row * columns + t],
          ]),
        more: Math.max(0, columns - MOST_VALUES),
      };
    },

    async save(request: SaveRequest, call: Call): Promise<Saved> {
      const { save } = await import('./save-tables.ts');
      return save(bench, request, call.signal);
    },

    /** The centroids that the last run began with; null where it began with some of the user's. */
    async starts(_: null, { signal }: Call): Promise<number[][] | null> {
      const { points } = bench.atHand;
      if (points === null || bench.asked === null) return null;
      const { k, options } = bench.asked;
      if (typeof options.init === 'object') return null;
      const abort = new AbortController();
      const stop = () => abort.abort();
      signal.addEventListener('abort', stop);
      let rows: number[][] | null = null;
      await kmeans(points, k, {
        ...options,
        signal: abort.signal,
        onProgress: async ({ phase, read }) => {
          if (phase !== 'iterate') return;
          const { data, columns } = (await read()).centroids;
          rows = Array.from({ length: k }, (_, j) => [
            ...data.subarray(j * columns, (j + 1) * columns),
          ]);
          abort.abort();
        },
      }).catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      });
      signal.throwIfAborted();
      return rows;
    },
  };
}

export type ClusterServices = ReturnType<typeof servicesOf>;
