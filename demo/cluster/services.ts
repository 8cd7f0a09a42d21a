/** What the page asks the session of the Cluster tab now and then, beside its runs. */
import type { KMeansOptions, KMeansResult, Matrix } from '../../src/index.ts';
import type { Call } from '../desk.ts';
import { columnTitle } from '../format.ts';
import type { FromClusterWorker, Moment } from '../messages.ts';
import type { Post } from '../worker-port.ts';
import type { PointsAtHand } from './at-hand.ts';
import type { Choice } from './choosing.ts';
import type { Film } from './film.ts';
import type { Inside } from './inside.ts';
import type { OnGpu } from './on-gpu.ts';
import type { OwnFile } from './own-data.ts';
import type { Rows } from '../../src/matrix.ts';
import type { Saved, SaveRequest } from './save-tables.ts';
import type { Axes } from './view.ts';

/** What of the session the services work on. */
export interface Bench {
  atHand: PointsAtHand;
  /** Of the last run that ended on these points. */
  result: KMeansResult | null;
  /** The last run on these points. */
  subject: Subject | null;
  /** Of that run, once somebody has looked back. */
  film: Film | null;
  /** What draws the points, once a run was on WebGPU. */
  onGpu: OnGpu | null;
}

/** A run that is asked about. */
export interface Subject {
  job: number;
  k: number;
  options: KMeansOptions;
  /** The newest picture, with the labels of all rows: where the run is held, or ended. */
  newest: Moment | null;
  /** What the page shows: the newest, or an earlier one. Null while it runs. */
  seen: Moment | null;
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

export function servicesOf(bench: Bench, post: Post<FromClusterWorker>) {
  /** The run of this number, and its points. */
  const about = (job: number) => {
    const { subject, atHand } = bench;
    if (subject?.job !== job || !atHand.points)
      throw new Error('There are no points yet. Ask again once they are on the screen.');
    return { subject, points: atHand.points };
  };
  const filmOf = async (job: number, { signal }: Call): Promise<Film> => {
    const { Film } = await import('./film.ts');
    signal.throwIfAborted(); // the run goes on by now
    const { subject, points } = about(job);
    return (bench.film ??= new Film(points, subject.k, subject.options));
  };
  /** The moment where its centroids are drawn now: the axes may be others than when it was kept. */
  const placed = (moment: Omit<Moment, 'centroids'>, { k }: Subject, { columns }: Rows): Moment => {
    const centroids: Matrix = { data: moment.rows, rows: k, columns };
    return { ...moment, centroids: bench.atHand.place(centroids).slice() };
  };
  return {
    /** A file's columns. Its rows are read by the run. */
    async open(file: File, { signal }: Call): Promise<OwnFile> {
      const { openOwn } = await import('./own-data.ts');
      return openOwn(file, signal);
    },

    /** Shows the points on other columns; what was clustered stays. */
    async see(axes: Axes): Promise<void> {
      const { atHand } = bench;
      if (!atHand.see(axes)) return;
      await bench.onGpu?.renew(atHand);
      const { subject } = bench;
      if (!subject?.seen) return;
      const seen = (subject.seen = placed(subject.seen, subject, atHand.points!));
      post({ ...seen, type: 'moved', job: subject.job });
    },

    /** How a run that has come to `head` looked after an iteration, or shortly before. */
    async look(
      { job, iteration, head }: { job: number; iteration: number; head: number },
      call: Call,
    ): Promise<Moment> {
      const { subject, points } = about(job);
      const { newest } = subject;
      const moment =
        newest?.iteration === iteration
          ? newest
          : await (await filmOf(job, call)).moment(iteration, head);
      call.signal.throwIfAborted(); // another is looked at by now
      bench.onGpu?.put(moment.labels);
      return (subject.seen = placed(moment, subject, points));
    },

    /** All iterations of a run up to `head`: inertias, and how many rows moved. */
    async history({ job, head }: { job: number; head: number }, call: Call) {
      const history = await (await filmOf(job, call)).record(head);
      return {
        inertias: Float64Array.from(history, ({ inertia }) => inertia),
        moves: Float64Array.from(history, ({ moved }) => moved),
      };
    },

    /** The points as they are seen, where they are drawn here. */
    picture: (_: null) => bench.onGpu?.picture() ?? null,

    /** Rows of the picture inside a polygon, x and y in turn, in the picture's units. */
    async inspect({ job, outline }: { job: number; outline: Float64Array }): Promise<Inside> {
      const { rowsInside } = await import('./inside.ts');
      const { subject, points } = about(job);
      const { k, seen } = subject;
      if (!seen) throw new Error('Stop the run first: its rows change clusters while it goes on.');
      return rowsInside(points, bench.atHand.place(points), seen.labels, k, outline);
    },

    async choose({ job, kMax }: { job: number; kMax: number }, call: Call): Promise<Choice> {
      const { choose } = await import('./choosing.ts');
      const { subject, points } = about(job);
      return choose(points, subject.options, kMax, call);
    },

    /** Facts of a row, those of the named columns first. */
    row({ row, first }: { row: number; first: Axes }): PointFacts | null {
      const { points, own } = bench.atHand;
      if (points === null || row >= points.rows) return null;
      const { data, columns, names = [] } = points;
      const order = [
        ...new Set([...(first ?? []), ...Array.from({ length: columns }, (_, t) => t)]),
      ];
      return {
        row: (own?.read.kept?.[row] ?? row) + 1,
        id: own?.read.ids === undefined ? null : String(own.read.ids[row]),
        values: order
          .slice(0, MOST_VALUES)
          .map((t) => [columnTitle(names, columns, t), data[row * columns + t]]),
        more: Math.max(0, columns - MOST_VALUES),
      };
    },

    async save(request: SaveRequest, call: Call): Promise<Saved> {
      const { save } = await import('./save-tables.ts');
      return save(bench, request, call.signal);
    },

    /** The centroids that the last run began with. */
    async starts(_: null, { signal }: Call): Promise<number[][] | null> {
      const { points } = bench.atHand;
      const { subject } = bench;
      if (points === null || subject === null) return null;
      const { startsOf } = await import('./starts.ts');
      return startsOf(points, subject, signal);
    },
  };
}

export type ClusterServices = ReturnType<typeof servicesOf>;
