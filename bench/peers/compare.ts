/**
 * Everybody on the same cases, one after the other, each in a process of its own: the same points,
 * the same first centroids, the same number of iterations. Answers are compared before a time is told.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inProcess } from '../apart.ts';
import { scaled, type Case } from '../cases.ts';
import { firstCentroids, makePoints } from '../data.ts';
import type { Matrix } from '../../src/index.ts';
import { PACE } from './clock.ts';
import { readClusters, writePoints, type Answer, type Clusters, type Task } from './exchange.ts';
import { JS_CASES, type PeerName } from './goals.ts';
import { compare, DRIFTED, EARLY, SAME, type Verdict } from './judge.ts';
import type { Row } from './results.ts';
import { askSklearn } from './sklearn.ts';
import type { Contender, Job, Reply } from './worker.ts';

export interface CompareOptions {
  iterations: number;
  repeats: number;
  seed: number;
  /** For what may be cut short: JavaScript libraries, and ours on one thread. */
  maxSeconds: number;
  threads: number;
  /** Beside 'auto'. */
  algorithms: readonly ('lloyd' | 'filtered')[];
  /** A Python with scikit-learn. */
  python: string | null;
  flags: readonly string[];
  say: (line: string) => void;
}

/** A part of a case, with our own answer to it: what others are compared with. */
interface Part {
  case: Case;
  share: number;
  points: Matrix;
  task: Task;
  ours: Row;
  answer: Answer;
}

const JS_LIBRARIES = ['ml-kmeans', 'skmeans'] as const;
/** Parts of a case that a slow library may be measured on. */
const SHARES = [1, 0.1, 0.01];
/** Fits that a library should end within maxSeconds: the first one and one that is timed. */
const FITS = 2;
/** Iterations after which labels are compared strictly. */
const EARLY_ITERATIONS = 2;
/** Most times that first centroids are drawn. */
const DRAWS = 10;

/** All rows of the table that one case gives. */
export async function compareOn(given: Case, options: CompareOptions): Promise<Row[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'centroids-peers-'));
  try {
    return await inFolder(folder, given, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inFolder(folder: string, given: Case, options: CompareOptions): Promise<Row[]> {
  const { say } = options;
  const rows: Row[] = [];
  const note = (row: Row) => {
    rows.push(row);
    say(line(row));
    return row;
  };

  let part = await begin(folder, given, 1, options);
  if (part.ours.result.outcome !== 'right') return [note(part.ours)];
  if (options.python !== null) {
    let row = await sklearn(part, options.python, options);
    if (row.fewer !== undefined) {
      // rounding made its labels come to rest earlier: then nobody goes further
      part = await begin(folder, given, 1, { ...options, iterations: row.fewer });
      if (part.ours.result.outcome !== 'right') return [note(part.ours)];
      row = await sklearn(part, options.python, options);
    }
    note(row.row);
  }
  note(part.ours);
  for (const algorithm of options.algorithms)
    note(await oursAgain(part, algorithm, options.threads, options));
  if (options.threads > 1) note(await oursAgain(part, 'auto', 1, options));

  if (!JS_CASES.includes(given.id)) return rows;
  const parts = new Map([[1, part]]);
  for (const library of JS_LIBRARIES) {
    const { iterations } = part.answer;
    const share = await affordable(folder, given, library, { ...options, iterations });
    let smaller = parts.get(share);
    if (!smaller) {
      smaller = await begin(folder, given, share, options);
      parts.set(share, smaller);
      note(smaller.ours);
    }
    if (smaller.ours.result.outcome === 'right') note(await javascript(smaller, library, options));
  }
  return rows;
}

/**
 * Writes a part's points down and measures ours on it. Where JavaScript libraries follow, first
 * centroids are drawn until no cluster loses its points on the way: what to do then is a matter of
 * taste, and theirs is another.
 */
async function begin(
  folder: string,
  given: Case,
  share: number,
  options: CompareOptions,
): Promise<Part> {
  const forLibraries = JS_CASES.includes(given.id);
  const { part, points, task } = prepare(folder, given, share, options);
  let reply: Reply | null = null;
  for (let draw = 0; draw < DRAWS; draw++) {
    writePoints(task.folder, points, firstCentroids(points, part.k, options.seed + draw));
    const who = contender('auto', options.threads, true, forLibraries);
    reply = await compete({ task, name: 'ours', contender: who }, options.flags);
    if ('answer' in reply || !reply.empty) break;
  }
  const result: Row['result'] =
    'failure' in reply!
      ? { outcome: 'failed', reason: reply.failure }
      : { outcome: 'right', answer: reply!.answer, verdict: null, times: 1 };
  const ours: Row = {
    ...{ case: part, share, who: 'centroids', threads: options.threads, algorithm: 'auto' },
    result,
  };
  const answer = result.outcome === 'right' ? result.answer : nothing;
  return { case: part, share, points, task, ours, answer };
}

const nothing: Answer = {
  ...{ iterations: 0, first: 0, warmUps: 0, times: [], median: NaN, inertia: null },
  description: '',
};

function prepare(folder: string, given: Case, share: number, options: CompareOptions) {
  const part = share === 1 ? given : scaled(given, share);
  const points = makePoints(part, options.seed);
  const own = path.join(folder, String(share));
  mkdirSync(own, { recursive: true });
  const { rows, columns, k } = part;
  const { iterations, repeats, maxSeconds } = options;
  const task: Task = {
    ...PACE,
    ...{ folder: own, rows, columns, k, iterations, repeats, atLeast: repeats, maxSeconds },
    early: Math.min(EARLY_ITERATIONS, iterations),
  };
  return { part, points, task };
}

const contender = (
  algorithm: 'auto' | 'lloyd' | 'filtered',
  threads: number,
  states = false,
  forLibraries = false,
): Contender => ({ kind: 'centroids', algorithm, threads, states, forLibraries });

/** Ours in another way: it has to have the same bits. */
async function oursAgain(
  part: Part,
  algorithm: 'auto' | 'lloyd' | 'filtered',
  threads: number,
  { flags }: CompareOptions,
): Promise<Row> {
  const task: Task = { ...part.task, atLeast: 0 };
  const reply = await compete(
    { task, name: 'again', contender: contender(algorithm, threads) },
    flags,
  );
  const row = { case: part.case, share: part.share, who: 'centroids' as const, threads, algorithm };
  if ('failure' in reply) return { ...row, result: { outcome: 'failed', reason: reply.failure } };
  const { answer } = reply;
  if (answer.hash !== part.answer.hash) {
    const faults = [`hash ${answer.hash}; 'auto' has ${part.answer.hash}`];
    return { ...row, result: { outcome: 'wrong', faults } };
  }
  const times = answer.median / part.answer.median;
  return { ...row, result: { outcome: 'right', answer, verdict: null, times } };
}

async function sklearn(
  part: Part,
  python: string,
  options: CompareOptions,
): Promise<{ row: Row; fewer?: number }> {
  const task: Task = { ...part.task, iterations: part.answer.iterations };
  try {
    const answer = await askSklearn(python, task, options.threads);
    const row = judged(part, 'scikit-learn', options.threads, answer);
    if (answer.iterations < part.answer.iterations) return { row, fewer: answer.iterations };
    return { row };
  } catch (error) {
    return { row: failed(part, 'scikit-learn', options.threads, error) };
  }
}

async function javascript(
  part: Part,
  library: (typeof JS_LIBRARIES)[number],
  options: CompareOptions,
): Promise<Row> {
  const task: Task = { ...part.task, iterations: part.answer.iterations, atLeast: 1 };
  const reply = await compete({ task, name: library, contender: { kind: library } }, options.flags);
  if ('failure' in reply) return failed(part, library, 1, new Error(reply.failure));
  try {
    return judged(part, library, 1, reply.answer);
  } catch (error) {
    return failed(part, library, 1, error);
  }
}

/** The largest part of a case that a library ends in time, going by a hundredth of it. */
async function affordable(
  folder: string,
  given: Case,
  library: (typeof JS_LIBRARIES)[number],
  options: CompareOptions,
): Promise<number> {
  const trial = SHARES.at(-1)!;
  // in a folder of its own: the same part may be measured as well
  const { task, points, part } = prepare(path.join(folder, 'trial'), given, trial, options);
  writePoints(task.folder, points, firstCentroids(points, part.k, options.seed));
  const once: Task = { ...task, repeats: 1, atLeast: 1, timeFor: 0 };
  const reply = await compete(
    { task: once, name: 'trial', contender: { kind: library } },
    options.flags,
  );
  if ('failure' in reply) return trial; // and fails there once more, in the table
  const seconds = (share: number) => (FITS * reply.answer.median * share) / trial / 1000;
  return SHARES.find((share) => seconds(share) <= options.maxSeconds) ?? trial;
}

/** scikit-learn's sums are float32; those of JavaScript libraries float64, but their labels lag. */
function judged(part: Part, who: PeerName, threads: number, answer: Answer): Row {
  const { folder } = part.task;
  const read = (name: string) => readClusters(folder, name);
  const ours = read('ours');
  const faults: string[] = [];
  let verdict: Verdict;
  if (who === 'scikit-learn') {
    const early = compare(part.points, read('sklearn-early'), read('early'), EARLY);
    faults.push(...early.faults.map((fault) => `after ${part.task.early} iterations: ${fault}`));
    verdict = compare(part.points, read('sklearn'), ours, DRIFTED);
  } else {
    // their labels are those before their last centroids
    const before = read('previous');
    const like: Clusters = { labels: before.labels, centroids: ours.centroids };
    verdict = compare(part.points, read(who), like, SAME, before.centroids);
  }
  faults.push(...verdict.faults);
  const { iterations } = part.answer;
  if (answer.iterations !== iterations)
    faults.push(`${answer.iterations} iterations instead of ${iterations}`);
  const row = { case: part.case, share: part.share, who, threads, algorithm: null };
  if (faults.length > 0) return { ...row, result: { outcome: 'wrong', faults } };
  const times = answer.median / part.answer.median;
  return { ...row, result: { outcome: 'right', answer, verdict, times } };
}

function failed(part: Part, who: PeerName, threads: number, error: unknown): Row {
  const reason = error instanceof Error ? error.message : String(error);
  const row = { case: part.case, share: part.share, who, threads, algorithm: null };
  return { ...row, result: { outcome: 'failed', reason } };
}

function line({ case: { name, rows }, who, threads, algorithm, result }: Row): string {
  const how = algorithm === null ? '' : ` (${algorithm}, ${threads})`;
  const what =
    result.outcome === 'right'
      ? `right, ${result.answer.median.toFixed(2)} ms`
      : result.outcome === 'wrong'
        ? `WRONG: ${result.faults.join('; ')}`
        : `failed: ${result.reason}`;
  return `${name}, ${rows.toLocaleString('en')} rows, ${who}${how}: ${what}`;
}

async function compete(job: Job, flags: readonly string[]): Promise<Reply> {
  const reply = await inProcess<Reply>('bench/peers/worker.ts', job, [
    '--max-old-space-size=8192',
    ...flags,
  ]);
  return 'lost' in reply ? { failure: reply.lost } : reply;
}
