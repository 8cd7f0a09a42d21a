/**
 * Lays points on the grid on lanes, which keep them: the same passes and bits as layOnGrid.
 *
 * A lane is given its rows in pieces, so that little is under way at a time and a page answers in
 * between. Rows in shared memory are not copied for that; numbers of at most 24 bits travel as
 * float32, which holds them exactly.
 */
import {
  addMoments,
  centresOf,
  columnExponentsOf,
  factsOf,
  frameOf,
  integerWeights,
  powerOfTwo,
  refuseNonFinite,
  scaledEnds,
  stepsPerUnit,
  SUM_BITS,
  toGridValues,
  type GridFacts,
  type GridOptions,
  type Moments,
} from '../grid.ts';
import { hostDistances } from '../distances.ts';
import { lanesFailed } from '../errors.ts';
import type { LaidPoints } from '../laid-points.ts';
import { gatherRows, type Rows } from '../matrix.ts';
import { gatheredDistances, lanesDistances, surviving, worthGathering } from './distances.ts';
import { call, give, read, write, type Step, type StepResult } from './lane.ts';
import { bring } from './hold.ts';
import { address, Team, type Shard, type TeamOptions } from './team.ts';

export { detachedDistances } from './distances.ts';

export type LayOptions = GridOptions &
  Pick<TeamOptions, 'k' | 'threads' | 'workers' | 'worker' | 'signal'>;

/** @throws as layOnGrid, and where there are no lanes (see Team.open) */
export async function layOnLanes(points: Rows, options: LayOptions): Promise<LaidPoints> {
  const { rows, columns } = points;
  const weights = integerWeights(options.weights, rows);
  const scale = options.scale ?? null;
  const wide = WIDE.some((type) => points.data instanceof type);
  const team = await Team.open({
    ...options,
    rows,
    columns,
    weighted: weights.weights !== null,
    numberBytes: wide ? 8 : 4,
  });
  const kind = wide ? '64' : '32';
  const field = (shard: Shard, n: number) => shard.at.layAt + 8 * columns * n;
  try {
    const found = await team.each(async (shard) => {
      await bring(points, shard, wide);
      const { first, rows: own, lane, at } = shard;
      if (weights.weights)
        await lane.run([give(at.weightsAt, weights.weights.slice(first, first + own))]);
      if (scale) await lane.run([write(field(shard, 3), scale)]);
      const results = await lane.run([
        ...pass(shard, columns, `ranges${kind}`),
        read(field(shard, 4), 16 * columns),
      ]);
      const ends = new Float64Array(results.pop() as ArrayBuffer);
      return { odd: results.some((odd) => odd !== 0), ends };
    });
    if (found.some(({ odd }) => odd)) refuseNonFinite(points, options.name);
    const end = (from: number, better: (a: number, b: number) => number) =>
      found
        .map(({ ends }) => ends.slice(from, from + columns))
        .reduce((a, b) => a.map((x, t) => better(x, b[t])));
    const ends = scaledEnds({ low: end(0, Math.min), high: end(columns, Math.max) }, scale);

    const scaled = scale ? 1 : 0;
    const sums = await team.each(async (shard) => {
      const results = await shard.lane.run([
        write(field(shard, 0), ends.low),
        write(field(shard, 1), stepsPerUnit(ends)),
        ...pass(shard, columns, `stepSums${kind}`, scaled),
        read(field(shard, 4), 8 * columns),
      ]);
      return new Float64Array(results.at(-1) as ArrayBuffer);
    });
    // whole numbers below 2^53 together: any order gives the same
    const total = sums.reduce((a, b) => a.map((x, t) => x + b[t]));
    const frame = frameOf(ends, centresOf(ends, total, weights.totalWeight), options);

    const columnExponents = columnExponentsOf(frame, ends);
    const stepsInOne = Float32Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e));
    const moments = await team.each(async (shard) => {
      const results = await shard.lane.run([
        write(field(shard, 2), frame.centre),
        write(shard.at.sumStepsAt, stepsInOne),
        ...pass(shard, columns, `settle${kind}`, scaled, powerOfTwo(-frame.exponent)),
        read(field(shard, 4), 24 * columns),
      ]);
      return momentsOf(results.at(-1)!, columns);
    });
    const grid = factsOf(rows, frame, weights, columnExponents, moments.reduce(addMoments));
    return laidOn(team, grid, options, {
      values: () => toGridValues(points, grid),
      gather: (list) => toGridValues(gatherRows(points, list), grid),
    });
  } catch (error) {
    team.dispose();
    throw error;
  }
}

/** Points that a team holds; `spare`: the same values once more, for when a lane is lost. */
export function laidOn(
  team: Team,
  grid: GridFacts,
  options: Pick<TeamOptions, 'worker' | 'signal'>,
  spare: { values(): Float32Array; gather(rows: Uint32Array): Float32Array },
): LaidPoints {
  const { rows, columns } = grid;
  const gatherLaid = (list: Uint32Array) =>
    gather(team, list, columns).catch((error: unknown) => {
      if (!lanesFailed(error)) throw error;
      return spare.gather(list);
    });
  return {
    grid,
    lanes: team,
    values: () =>
      allValues(team, rows, columns).catch((error: unknown) => {
        if (!lanesFailed(error)) throw error;
        return spare.values();
      }),
    gather: gatherLaid,
    distances: (asked) =>
      surviving(
        columns,
        () =>
          worthGathering(team, grid, asked)
            ? gatheredDistances(grid, gatherLaid, asked, options)
            : lanesDistances(team, grid, gatherLaid, asked),
        () => hostDistances(grid, spare.values(), asked),
      ),
    dispose: () => team.dispose(),
  };
}

/** Numbers that float32 does not hold; all others become float32 on their way, if they are not yet. */
const WIDE = [Float64Array, Int32Array, Uint32Array];

/** So many rows are read one by one, in one message instead of two. */
const FEW = 32;
/** Numbers that a pass looks at in one call: some 10 ms. */
const PASS_NUMBERS = 2 ** 21;

/** A pass over a shard's rows, in calls that are short. */
function pass({ rows }: Shard, columns: number, name: string, ...args: number[]): Step[] {
  const inCall = Math.ceil(PASS_NUMBERS / columns);
  return Array.from({ length: Math.ceil(rows / inCall) }, (_, i) =>
    call(name, i * inCall, Math.min(rows, (i + 1) * inCall), ...args),
  );
}

function momentsOf(bytes: StepResult, columns: number): Moments {
  const sums = [...new BigInt64Array(bytes as ArrayBuffer, 0, columns)];
  const halves = new BigUint64Array(bytes as ArrayBuffer, 8 * columns);
  const squares = sums.map((_, t) => (halves[t] << 32n) + halves[columns + t]);
  return { sums, squares };
}

async function allValues(team: Team, rows: number, columns: number): Promise<Float32Array> {
  const values = new Float32Array(rows * columns);
  await team.each(async (shard) => {
    const [bytes] = await shard.lane.run([read(shard.at.pointsAt, 4 * shard.rows * columns)]);
    values.set(new Float32Array(bytes as ArrayBuffer), shard.first * columns);
  });
  return values;
}

async function gather(team: Team, list: Uint32Array, columns: number): Promise<Float32Array> {
  const gathered = new Float32Array(list.length * columns);
  await team.each(async (shard) => {
    const places: number[] = [];
    list.forEach((row, place) => {
      if (row >= shard.first && row < shard.first + shard.rows) places.push(place);
    });
    if (places.length === 0) return;
    const count = places.length;
    const bytes = 4 * columns;
    if (count <= FEW) {
      const rows = places.map((place) => list[place] - shard.first);
      const results = await shard.lane.run(
        rows.map((row) => read(shard.at.pointsAt + bytes * row, bytes)),
      );
      places.forEach((place, i) =>
        gathered.set(new Float32Array(results[i] as ArrayBuffer), place * columns),
      );
      return;
    }
    const own = Uint32Array.from(places, (place) => list[place] - shard.first);
    const [mark, room] = (
      await shard.lane.run([call('used'), call('reserve', 4 * count * (columns + 1))])
    ).map(address);
    const results = await shard.lane.run([
      give(room, own),
      call('gatherRows', room, count, room + 4 * count),
      read(room + 4 * count, 4 * count * columns),
      call('release', mark),
    ]);
    const values = new Float32Array(results[2] as ArrayBuffer);
    places.forEach((place, i) =>
      gathered.set(values.subarray(i * columns, (i + 1) * columns), place * columns),
    );
  });
  return gathered;
}
