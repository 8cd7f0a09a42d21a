/** Rows under a model: labels, distances and margins, chunk by chunk beside the columns that are carried. */
import { breather } from '../breathe.ts';
import { centroidsOf } from '../estimators/positions.ts';
import { labelled, type Added } from '../io/labelled.ts';
import type { FileSource } from '../io/read.ts';
import type { PointRows } from '../io/select.ts';
import type { Table } from '../io/table.ts';
import { ladder, shared } from '../ladder.ts';
import { distancesTo, marginsOf, secondNearest } from '../margins.ts';
import { joined, type Matrix, type Rows } from '../matrix.ts';
import { nearest, type Model } from '../predict.ts';
import { given } from './arguments.ts';
import type { RunFlags } from './options.ts';

/** Columns that are added, and what they are called. */
export interface AddedNames {
  label: string;
  /** The distance to the nearest centroid. */
  distance?: string | undefined;
  /** How much farther the second-nearest is. */
  margin?: string | undefined;
}

/** Labels rows under one model; engines are opened once. */
export interface Assigner extends AsyncDisposable {
  labels(rows: Rows): Promise<Uint32Array>;
  columns(rows: Rows, names: AddedNames): Promise<Added>;
}

/** @param rows how many there will be: by that the engine is chosen */
export function assigner(
  model: Model,
  rows: number,
  { engine = 'auto', threads }: RunFlags,
  signal: AbortSignal,
): Assigner {
  const work = rows * model.centroids.length;
  const { rungs, dispose } = shared(ladder(engine, work, given({ threads })));
  const { data } = centroidsOf(model);
  const labels = async (points: Rows) =>
    points.rows === 0 ? new Uint32Array() : nearest(points, model, rungs, signal);
  return {
    labels,
    columns: async (points, names) =>
      measured(points, data, model, await labels(points), names, signal),
    [Symbol.asyncDispose]: dispose,
  };
}

/** Labels of these rows alone. */
export async function labelsOnce(
  model: Model,
  points: Rows,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const to = assigner(model, points.rows, flags, signal);
  try {
    return await to.labels(points);
  } finally {
    await to[Symbol.asyncDispose]();
  }
}

/** The columns of rows whose labels are known. */
export async function measured(
  points: Rows,
  centroids: Float32Array,
  { metric = 'euclidean', frame: { scale }, k }: Model,
  labels: Uint32Array,
  { label, distance, margin }: AddedNames,
  signal: AbortSignal,
): Promise<Added> {
  const pause = breather(signal);
  const found = { metric, points, centroids, labels, scale };
  const columns: Record<string, Added[string]> = { [label]: labels };
  if (distance !== undefined) columns[distance] = await distancesTo(found, pause);
  if (margin !== undefined)
    columns[margin] =
      k === 1
        ? new Float32Array(points.rows).fill(Infinity)
        : await marginsOf(found, await secondNearest(found, pause), pause);
  return columns;
}

/** Coordinates that are labelled at once, at least: a call of an engine has its price. */
const BATCH = 1 << 18;

/** The table of a file with the columns of its rows under a model: read, labelled and given chunk by chunk. */
export function assigned(
  source: Pick<FileSource, 'table' | 'missing' | 'walk' | 'columns'>,
  names: AddedNames,
  to: Pick<Assigner, 'columns'>,
): Table {
  const { table, missing } = source;
  const nothing = { [names.label]: new Uint32Array() };
  for (const name of [names.distance, names.margin])
    if (name !== undefined) Object.assign(nothing, { [name]: new Float32Array() });
  const beside = (parts: readonly PointRows[], added: Added) =>
    labelled(
      {
        table,
        missing,
        async *walk() {
          yield* parts;
        },
      },
      added,
    );
  const whole = beside([], nothing);
  const own = new Set(table.columns.map(({ name }) => name));
  return {
    ...whole,
    async *chunks({ signal, columns = whole.columns.map(({ name }) => name) } = {}) {
      const others = columns.filter((name) => own.has(name));
      let start = 0;
      for await (const parts of batches(source.walk(others, signal), source.columns)) {
        const added = await to.columns(inOne(parts, source.columns), names);
        for await (const chunk of beside(parts, added).chunks({ columns })) {
          yield { ...chunk, start };
          start += chunk.rows;
        }
      }
    },
  };
}

async function* batches(
  parts: AsyncIterable<PointRows>,
  columns: number,
): AsyncGenerator<PointRows[], void> {
  let held: PointRows[] = [];
  let rows = 0;
  for await (const part of parts) {
    held.push(part);
    rows += part.chunk.rows;
    if (rows * columns < BATCH) continue;
    yield held;
    [held, rows] = [[], 0];
  }
  if (held.length > 0) yield held;
}

function inOne(parts: readonly PointRows[], columns: number): Matrix {
  const arrays = parts.map(({ data }) => data);
  const data = arrays.length === 1 ? arrays[0] : joined(Float32Array, arrays);
  return { data, rows: data.length / columns, columns };
}
