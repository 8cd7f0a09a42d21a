/**
 * Kernels beside their twins in src/engines/reference/lloyd.ts and src/lloyd.ts: each function here runs both on the
 * same numbers and tells what differs, nothing when all is well. Mutants go the same way, and have to
 * be told apart.
 */
import { layOnGrid, powerOfTwo, toLabelGrid, type Grid } from '../../src/grid.ts';
import { converge, divide, relocate, reportedShift, type Totals } from '../../src/lloyd.ts';
import { accumulate, assign, manhattan } from '../../src/engines/reference/lloyd.ts';
import { proposalOf } from '../../src/engines/webgpu/parameters.ts';
import { below, pcg32, type Random } from '../../src/rng.ts';
import { Workbench, type Change, type Job } from '../support/workbench.ts';

const noPause = () => undefined;

/** A job with what the kernels find when they begin. */
export interface Problem extends Job {
  /** Grid values, k × columns. */
  centroids: Float32Array;
  labels: Uint32Array;
}

/** Words of State (shaders/shared/state.wgsl). */
const STATE = { moved: 0, stop: 1, iteration: 2, empty: 3, relocated: 4, shift: 6, explained: 9 };
const STOP = { running: 0, labels: 1, tol: 2, empty: 3, relocate: 4 };

// ---- problems ----------------------------------------------------------------------------------

export interface Recipe extends Pick<Job, 'tuning' | 'limits' | 'filtered'> {
  rows: number;
  columns: number;
  k: number;
  weighted?: boolean;
  /** `lattice`: few different numbers, so that ties are everywhere. */
  data?: 'uniform' | 'lattice';
}

/** Points, centroids and labels from a seed. Only the first `used` clusters have rows. */
export function makeProblem(recipe: Recipe, seed = 1, used = recipe.k): Problem {
  const { rows, columns, k, weighted, data = 'uniform', limits, filtered } = recipe;
  // `assign`, unless another kernel is asked for
  const tuning = { narrowColumns: 0, wideColumns: Infinity, wideK: Infinity, ...recipe.tuning };
  const random = pcg32(seed, 77);
  const coordinate = () => (data === 'lattice' ? below(5, random) / 4 - 0.5 : 2 * random() - 1);
  const points = { data: Float64Array.from({ length: rows * columns }, coordinate), rows, columns };
  // the kinds of weights that matter: none, one, many
  const weights = Array.from(
    { length: rows },
    () => [0, 1, 1, below(60_000, random)][below(4, random)],
  );
  weights[0] = 1;
  const grid = layOnGrid(points, weighted ? { weights } : {});
  // each coordinate is some row's: where the rows are, so that every centroid gets some
  const centroids = Float32Array.from(
    { length: k * columns },
    (_, at) => grid.values[below(rows, random) * columns + (at % columns)],
  );
  const labels = Uint32Array.from({ length: rows }, () => below(used, random));
  return { grid, k, centroids, labels, tuning, limits, filtered: filtered === true };
}

/** A grid whose columns have these exponents; its values do not matter. */
export function gridOfExponents(exponents: readonly number[]): Grid {
  const columns = exponents.length;
  const largest = Math.max(...exponents);
  const data = Float64Array.from(
    [...exponents, ...exponents],
    (e, at) => (at < columns ? 1 : -1) * powerOfTwo(e - largest),
  );
  return layOnGrid({ data, rows: 2, columns });
}

// ---- twins -------------------------------------------------------------------------------------

export async function onWorkbench(
  device: GPUDevice,
  job: Job,
  change: Change | undefined,
  work: (bench: Workbench, differences: Differences) => Promise<void>,
): Promise<string[]> {
  const bench = new Workbench(device, job, change);
  const differences = new Differences();
  try {
    await work(bench, differences);
  } finally {
    bench.dispose();
  }
  return differences.found;
}

export class Differences {
  readonly found: string[] = [];

  compare(what: string, got: ArrayLike<number>, wanted: ArrayLike<number>): void {
    const length = Math.max(got.length, wanted.length);
    const wrong: number[] = [];
    // 0 and −0 are the same number: what differs is what would differ in the result
    for (let i = 0; i < length; i++) if (got[i] !== wanted[i]) wrong.push(i);
    if (wrong.length === 0) return;
    const [at] = wrong;
    this.found.push(
      `${what}: ${wrong.length} of ${length} differ, first [${at}] = ${got[at]}; expected ${wanted[at]}`,
    );
  }
}

/** `assign`, or `narrow` or `compare` where the plan has them, and `settle`; with `second` over the labels that there are. */
export function assignDifferences(device: GPUDevice, problem: Problem, change?: Change) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    const { grid, centroids, second } = problem;
    bench.set('labels', problem.labels);
    bench.set('centroids', centroids);
    bench.set('gridCentroids', Int32Array.from(centroids, toLabelGrid));
    await bench.run(proposalOf(bench.plan), 'settle');
    const labels = problem.labels.slice();
    const moved = await assign(grid, centroids, labels, noPause, second);
    differences.compare('labels', await bench.get('labels'), labels);
    differences.compare('moved', [(await bench.get('state'))[STATE.moved]], [moved]);
  });
}

/** `manhattan`; with `second` over the labels that there are. */
export function manhattanDifferences(device: GPUDevice, problem: Problem, change?: Change) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    const { grid, centroids, second } = problem;
    bench.set('labels', problem.labels);
    bench.set('gridCentroids', Int32Array.from(centroids, toLabelGrid));
    await bench.run('manhattan');
    const labels = problem.labels.slice();
    const moved = await manhattan(grid, centroids, labels, noPause, second);
    differences.compare('labels', await bench.get('labels'), labels);
    differences.compare('moved', [(await bench.get('state'))[STATE.moved]], [moved]);
  });
}

/** Share of the rows that `assign` or `compare` leaves to `settle`. */
export async function nearTies(device: GPUDevice, problem: Problem): Promise<number> {
  let near = 0;
  await onWorkbench(device, problem, undefined, async (bench) => {
    bench.set('centroids', problem.centroids);
    await bench.run(proposalOf(bench.plan));
    near = (await bench.get('nearCounts')).reduce((sum, count) => sum + count, 0);
  });
  return near / problem.grid.rows;
}

/** `accumulate`. */
export function accumulateDifferences(device: GPUDevice, problem: Problem, change?: Change) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    bench.set('labels', problem.labels);
    await bench.run('accumulate');
    await compareTotals(
      bench,
      differences,
      await accumulate(problem.grid, problem.labels, problem.k, noPause),
    );
  });
}

async function compareTotals(bench: Workbench, differences: Differences, totals: Totals) {
  differences.compare('sums', await bench.get('sums'), new Uint32Array(totals.sums.buffer));
  differences.compare('counts', await bench.get('counts'), totals.counts);
}

/** `census`, and one `farthest`, `elect`, `relocate` for each empty cluster. */
export function relocationDifferences(device: GPUDevice, problem: Problem, change?: Change) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    const { grid, k, centroids, labels } = problem;
    const totals = await accumulate(grid, labels, k, noPause);
    const vacant = Uint32Array.from(totals.counts, (count) => (count === 0 ? 1 : 0));
    const empties = vacant.reduce((sum, one) => sum + one, 0);
    bench.set('labels', labels);
    bench.set('gridCentroids', Int32Array.from(centroids, toLabelGrid));
    bench.set('sums', totals.sums);
    bench.set('counts', totals.counts);
    bench.set('arguments', new Uint32Array(bench.plan.bytes.arguments / 4).fill(7));

    await bench.run('census');
    const found = await bench.get('state');
    const waits = empties > 0;
    differences.compare('vacant', await bench.get('vacant'), vacant);
    differences.compare(
      'state after census',
      [found[STATE.empty], found[STATE.stop]],
      [empties, waits ? STOP.relocate : STOP.running],
    );
    differences.compare(
      'arguments after census',
      await bench.get('arguments'),
      new Uint32Array(bench.plan.bytes.arguments / 4).fill(waits ? 0 : 7),
    );
    differences.compare(
      'status after census',
      [(await bench.get('status'))[1]],
      [waits ? STOP.relocate | (empties << 8) : 0],
    );

    for (let i = 0; i < empties; i++) await bench.run('farthest', 'elect', 'relocate');
    const relocated = waits ? relocate(grid, centroids, labels, totals) : 0;
    await compareTotals(bench, differences, totals);
    differences.compare('relocated', [(await bench.get('state'))[STATE.relocated]], [relocated]);
  });
}

/** `divide` of given sums and weights. */
export function divideDifferences(
  device: GPUDevice,
  { totals, ...problem }: Job & Pick<Problem, 'centroids'> & { totals: Totals },
  change?: Change,
) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    const { grid, centroids } = problem;
    bench.set('centroids', centroids);
    bench.set('gridCentroids', Int32Array.from(centroids, toLabelGrid));
    bench.set('sums', totals.sums);
    bench.set('counts', totals.counts);
    await bench.run('divide');
    const moved = centroids.slice();
    const { shift, explainedSum } = divide(grid, moved, totals);
    differences.compare('centroids', floats(await bench.get('centroids')), moved);
    differences.compare(
      'grid centroids',
      new Int32Array((await bench.get('gridCentroids')).buffer),
      Int32Array.from(moved, toLabelGrid),
    );
    differences.compare('previous', floats(await bench.get('previous')), centroids);
    differences.compare('sums', await bench.get('sums'), new Uint32Array(2 * centroids.length));
    const state = await bench.get('state');
    differences.compare('shift', state.slice(STATE.shift, STATE.shift + 3), words(shift, 3));
    differences.compare(
      'explained',
      state.slice(STATE.explained, STATE.explained + 4),
      words(explainedSum, 4),
    );
  });
}

/** What `converge` finds. */
export interface Ending {
  moved: number;
  empty: number;
  relocated: number;
  shift: bigint;
  shiftLimit: bigint;
  explained: bigint;
  /** Iterations done before. */
  iteration: number;
  emptyCluster?: 'relocate' | 'keep' | 'stop';
  /** Stopped already: then nothing may change. */
  stopped?: boolean;
}

/** `converge`. */
export function convergeDifferences(device: GPUDevice, job: Job, end: Ending, change?: Change) {
  const { shiftLimit, emptyCluster = 'relocate' } = end;
  return onWorkbench(
    device,
    { ...job, shiftLimit, emptyCluster },
    change,
    async (bench, differences) => {
      const { historyCapacity, bytes } = bench.plan;
      const before = new Uint32Array(bytes.state / 4);
      before.set([
        end.moved,
        end.stopped ? STOP.tol : 0,
        end.iteration,
        end.empty,
        end.relocated,
        9,
      ]);
      before.set(words(end.shift, 3), STATE.shift);
      before.set(words(end.explained, 4), STATE.explained);
      bench.set('state', before);
      const filled = (size: number) => new Uint32Array(size / 4).fill(5);
      for (const name of ['nearCounts', 'counts', 'arguments'] as const)
        bench.set(name, filled(bytes[name]));
      await bench.run('converge');

      const whole =
        end.empty > 0 && emptyCluster === 'stop'
          ? 'empty'
          : converge(end.moved, end.relocated, end.shift, shiftLimit);
      const stop = whole === null ? STOP.running : STOP[whole];
      const record = [
        end.iteration + 1,
        stop | (end.empty << 8),
        end.moved,
        new Uint32Array(Float32Array.of(reportedShift(end.shift)).buffer)[0],
        ...words(end.explained, 4),
      ];
      const history = new Uint32Array(bytes.history / 4);
      const after = new Uint32Array(bytes.state / 4);
      if (end.stopped) after.set(before);
      else {
        history.set(record, 8 * (end.iteration % historyCapacity));
        after.set([0, stop, end.iteration + 1]);
      }
      const rest = (name: 'nearCounts' | 'counts') =>
        end.stopped ? filled(bytes[name]) : new Uint32Array(bytes[name] / 4);
      differences.compare(
        'status',
        await bench.get('status'),
        end.stopped ? new Uint32Array(8) : record,
      );
      differences.compare('history', await bench.get('history'), history);
      differences.compare('state', await bench.get('state'), after);
      differences.compare('near counts', await bench.get('nearCounts'), rest('nearCounts'));
      differences.compare('counts', await bench.get('counts'), rest('counts'));
      differences.compare(
        'arguments',
        await bench.get('arguments'),
        stop !== STOP.running && !end.stopped
          ? new Uint32Array(bytes.arguments / 4)
          : filled(bytes.arguments),
      );
    },
  );
}

// ---- numbers -----------------------------------------------------------------------------------

/** A whole number as 32-bit words, lowest first; two's complement. */
export function words(value: bigint, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) =>
    Number(BigInt.asUintN(32, value >> BigInt(32 * i))),
  );
}

function floats(bits: Uint32Array): Float32Array {
  return new Float32Array(bits.buffer);
}

/** 32 random bits, or one of the ends and edges that arithmetic trips over. */
export function word(random: Random): number {
  const edges = [0, 1, 2, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
  return below(3, random) === 0 ? edges[below(edges.length, random)] : random.uint32();
}
