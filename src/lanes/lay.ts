/** Lays points on the grid on lanes, which keep them: the same passes and bits as layOnGrid. */
import {
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
  type GridOptions,
} from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Rows } from '../matrix.ts';
import { call, give, read, write, type Step, type StepResult } from './lane.ts';
import { Team, type Shard, type TeamOptions } from './team.ts';

export type LayOptions = GridOptions & Pick<TeamOptions, 'k' | 'threads' | 'workers' | 'signal'>;

/** @throws as layOnGrid, and where there are no lanes (see Team.open) */
export async function layOnLanes(points: Rows, options: LayOptions): Promise<LaidPoints> {
  const { rows, columns } = points;
  const weights = integerWeights(options.weights, rows);
  const scale = options.scale ?? null;
  const wide = !(points.data instanceof Float32Array);
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
      const { first, rows: own } = shard;
      const raw = points.data.slice(first * columns, (first + own) * columns);
      const numbers = wide && !(raw instanceof Float64Array) ? Float64Array.from(raw) : raw;
      const steps: Step[] = [give(shard.at.pointsAt, numbers)];
      if (weights.weights)
        steps.push(give(shard.at.weightsAt, weights.weights.slice(first, first + own)));
      if (scale) steps.push(write(field(shard, 3), scale));
      const results = await shard.lane.run([
        ...steps,
        call(`ranges${kind}`),
        read(field(shard, 4), 16 * columns),
      ]);
      const [odd, bytes] = results.slice(-2);
      return { odd: odd as number, ends: new Float64Array(bytes as ArrayBuffer) };
    });
    if (found.some(({ odd }) => odd !== 0)) refuseNonFinite(points, options.name);
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
        call(`stepSums${kind}`, scaled),
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
        call(`settle${kind}`, scaled, powerOfTwo(-frame.exponent)),
        read(field(shard, 4), 24 * columns),
      ]);
      return momentsOf(results.at(-1)!, columns);
    });
    const grid = factsOf(rows, frame, weights, columnExponents, {
      sums: addUp(moments.map((moment) => moment.sums)),
      squares: addUp(moments.map((moment) => moment.squares)),
    });
    return {
      grid,
      lanes: team,
      values: () => allValues(team, rows, columns),
      gather: (list) => gather(team, list, columns),
      dispose: () => team.dispose(),
    };
  } catch (error) {
    team.dispose();
    throw error;
  }
}

function momentsOf(bytes: StepResult, columns: number) {
  const sums = [...new BigInt64Array(bytes as ArrayBuffer, 0, columns)];
  const halves = new BigUint64Array(bytes as ArrayBuffer, 8 * columns);
  const squares = sums.map((_, t) => (halves[t] << 32n) + halves[columns + t]);
  return { sums, squares };
}

const addUp = (parts: readonly (readonly bigint[])[]) =>
  parts.reduce((a, b) => a.map((x, t) => x + b[t]));

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
    const own = Uint32Array.from(places, (place) => list[place] - shard.first);
    const [mark, room] = (await shard.lane.run([
      call('used'),
      call('reserve', 4 * count * (columns + 1)),
    ])) as number[];
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
