/**
 * One contender on one case, in a process of its own: ours, or a JavaScript library. What a library
 * wants its points to look like (arrays of arrays) is made before the clock starts: its users have them.
 */
import { readFileSync } from 'node:fs';
import { kmeans as mlKmeans } from 'ml-kmeans';
import skmeans from 'skmeans';
import { median } from 'simple-statistics';
import { EmptyClusterError, kmeans, openEngine, type KMeansOptions } from '../../src/index.ts';
import { listsOf } from '../../src/matrix.ts';
import { Stopwatch, timed, type Split } from './clock.ts';
import { readPoints, writeClusters, type Answer, type Task } from './exchange.ts';

export type Contender =
  | {
      kind: 'centroids';
      algorithm: 'auto' | 'lloyd' | 'filtered';
      threads: number;
      /** Also leave the early state. */
      states: boolean;
      /**
       * Other JavaScript libraries follow: also leave the state before the last iteration, which their
       * labels belong to; fail where a cluster loses its points on the way, which they take otherwise.
       */
      forLibraries: boolean;
    }
  | { kind: 'ml-kmeans' }
  | { kind: 'skmeans' };

export interface Job {
  task: Task;
  /** What its files are called. */
  name: string;
  contender: Contender;
}

export type Reply = { answer: Answer } | { failure: string; empty?: boolean };

process.once('message', (job: Job) => {
  void compete(job)
    .then(
      (answer): Reply => ({ answer }),
      (error): Reply => ({
        failure: error instanceof Error ? error.message : String(error),
        empty: error instanceof EmptyClusterError,
      }),
    )
    .then((reply) => process.send!(reply, () => process.exit(0)));
});

function compete({ task, name, contender }: Job): Promise<Answer> {
  switch (contender.kind) {
    case 'centroids':
      return ours(task, name, contender);
    case 'ml-kmeans':
      return theirs(task, name, 'ml-kmeans', (rows, start) => {
        const { clusters, centroids, iterations } = mlKmeans(rows, task.k, {
          initialization: start,
          maxIterations: task.iterations,
          tolerance: 0,
        });
        return { labels: clusters, centroids, iterations };
      });
    case 'skmeans':
      return theirs(task, name, 'skmeans', (rows, start) => {
        const { idxs, centroids, it } = skmeans(rows, task.k, start, task.iterations);
        // it does not count the iteration in which the centroids come to rest
        const iterations = it < task.iterations ? it + 1 : it;
        return { labels: idxs, centroids, iterations };
      });
  }
}

async function ours(
  task: Task,
  name: string,
  { algorithm, threads, states, forLibraries }: Extract<Contender, { kind: 'centroids' }>,
): Promise<Answer> {
  const { points, init } = readPoints(task);
  const options: KMeansOptions = {
    ...{ init, algorithm, threads, maxIter: task.iterations },
    ...{ tol: 0, engine: 'wasm' },
  };
  const splits: Split[] = [];
  const { last, first, warmUps, times, ...rest } = await timed(async () => {
    const stopwatch = new Stopwatch();
    const since = performance.now();
    const answer = await kmeans(points, task.k, {
      ...options,
      onProgress: ({ phase }) => stopwatch.enter(phase),
    });
    const now = performance.now();
    splits.push(stopwatch.split(now));
    return { answer, milliseconds: now - since };
  }, task);
  if (forLibraries) await kmeans(points, task.k, { ...options, emptyCluster: 'error' });
  const { labels, centroids, iterations, hash, inertia } = last;
  writeClusters(task.folder, name, { labels, centroids: Float64Array.from(centroids.data) });
  const leave = async (file: string, maxIter: number) => {
    const state = await kmeans(points, task.k, { ...options, maxIter });
    const places = Float64Array.from(state.centroids.data);
    writeClusters(task.folder, file, { labels: state.labels, centroids: places });
  };
  if (forLibraries) await leave('previous', iterations - 1);
  if (states) await leave('early', task.early);
  const engine = await openEngine('wasm', { threads });
  const { description } = engine;
  await engine.dispose();
  const phases = Object.keys(splits[0]);
  const split = Object.fromEntries(
    phases.map((phase) => [phase, median(splits.slice(-times.length).map((one) => one[phase]))]),
  );
  const summary = { iterations, hash, inertia, split, algorithm: last.algorithm, description };
  return { first, warmUps, times, median: rest.median, ...summary };
}

interface TheirResult {
  labels: number[];
  centroids: number[][];
  iterations: number;
}

async function theirs(
  task: Task,
  name: string,
  library: string,
  run: (rows: number[][], start: number[][]) => TheirResult,
): Promise<Answer> {
  const { points, init } = readPoints(task);
  const rows = listsOf(points);
  const { last, ...times } = await timed(async () => {
    const start = listsOf(init); // skmeans writes into it
    const since = performance.now();
    const answer = run(rows, start);
    return { answer, milliseconds: performance.now() - since };
  }, task);
  const centroids = Float64Array.from(last.centroids.flat());
  writeClusters(task.folder, name, { labels: Uint32Array.from(last.labels), centroids });
  const description = `${library} ${versionOf(library)}`;
  return { ...times, iterations: last.iterations, inertia: null, description };
}

function versionOf(library: string): string {
  const file = new URL(`../../node_modules/${library}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
