/** A fit of the command, in memory or of a file that is read again at every pass; from then on both are alike. */
import { labelled } from '../io/labelled.ts';
import type { Table } from '../io/table.ts';
import type { WriteFormat } from '../io/write.ts';
import { cluster, clusterToStream, type KMeansResult } from '../kmeans.ts';
import type { Matrix } from '../matrix.ts';
import { judge, type KMeansOptions } from '../options.ts';
import type { Model } from '../predict.ts';
import type { METRICS } from '../support.ts';
import { assigned, assigner, measured, type AddedNames, type Assigner } from './assign.ts';
import { carried, isLarge, loadPoints, numbersOf, openPoints, sampled } from './data.ts';
import type { CheckpointFlags } from './checkpoint.ts';
import { UsageError } from './exit.ts';
import type { DataFlags, RunFlags, TellFlags } from './options.ts';
import { carriedNames, type WriteFlags } from './outputs.ts';
import type { Terminal } from './terminal.ts';

export interface FitFlags extends DataFlags, RunFlags, TellFlags, WriteFlags, CheckpointFlags {
  k: number;
  init?: string;
  nInit?: number;
  refine?: 'none' | 'breathing';
  maxIter?: number;
  tol?: number;
  metric?: (typeof METRICS)[number];
  whiten?: true;
  weights?: string;
  emptyCluster?: 'relocate' | 'keep' | 'drop' | 'error';
  algorithm?: 'auto' | 'lloyd' | 'filtered';
  model?: string;
  centroids?: string;
  plot?: string;
}

/** A fit, wherever its points are. */
export interface Fitted {
  names: string[];
  result: Omit<KMeansResult, 'labels' | 'predict'>;
  model: Model;
  /** Rows that are points. */
  points: number;
  /** Rows of the file; undefined where nobody counted. */
  rows: number | undefined;
  /** Labels beside the rows of the file. */
  table(names: AddedNames): Promise<Table>;
  /** The points at some places, in order. */
  sample(places: Uint32Array): Promise<Matrix>;
  /** Lets go of what was kept of the file. */
  dispose(): Promise<void>;
}

type Asked = [
  path: string,
  flags: FitFlags,
  options: KMeansOptions,
  format: WriteFormat | undefined,
  terminal: Terminal,
];

/** In memory where the file is small enough for it, else chunk by chunk. */
export async function fitFile(...asked: Asked): Promise<Fitted> {
  const [path, { maxMemory }] = asked;
  return (await isLarge(path, maxMemory)) ? fitSource(...asked) : fitInMemory(...asked);
}

async function fitInMemory(...[path, flags, options, format, terminal]: Asked): Promise<Fitted> {
  const { signal } = terminal;
  const { weights } = flags;
  const beside = format === undefined ? [] : carriedNames(flags, format);
  const besides = weights === undefined ? [] : [weights];
  const read = await loadPoints(
    path,
    flags,
    beside === undefined ? true : [...new Set([...beside, ...besides])],
    besides,
    terminal,
  );
  const { result, model } = await cluster(
    judge(read.points, flags.k, {
      ...options,
      ...(flags.margins && { margins: true }),
      ...(weights !== undefined && { weights: await numbersOf(read, weights, signal) }),
    }),
  );
  return {
    names: read.names,
    result,
    model,
    points: read.points.rows,
    rows: read.rows,
    async table({ margin, ...names }) {
      const { points, table } = read;
      const { labels, centroids, margins } = result;
      const added = await measured(points, centroids.data, model, labels, names, signal);
      const from = { ...read, table: carried(table, beside) };
      return labelled(from, margin === undefined ? added : { ...added, [margin]: margins! });
    },
    sample: (places) => sampled([read.points], places, read.points.columns),
    dispose: async () => {},
  };
}

/** Without anything that grows with the rows: labels are worked out again as they are written. */
async function fitSource(...[path, flags, options, format, terminal]: Asked): Promise<Fitted> {
  if (flags.weights !== undefined)
    throw new UsageError(
      `--weights is '${flags.weights}' with a file that is too large for memory; expected none with it. ` +
        'Raise --max-memory, or leave the weights out.',
    );
  const { signal } = terminal;
  const source = await openPoints(path, flags, terminal);
  const { result, model } = await clusterToStream(source, flags.k, options);
  let labels: Assigner | undefined;
  return {
    names: source.names,
    result,
    model,
    points: result.rows,
    rows: source.table.rows,
    async table(names) {
      labels = assigner(model, result.rows, flags, signal);
      const table = carried(source.table, format && carriedNames(flags, format));
      return assigned({ ...source, table }, names, labels);
    },
    sample: (places) => sampled(source.chunks(signal), places, source.columns),
    async dispose() {
      await labels?.[Symbol.asyncDispose]();
      await result.dispose();
    },
  };
}
