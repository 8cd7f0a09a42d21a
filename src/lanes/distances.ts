/** Distances of rows to the nearest centre so far, found on the lanes that hold the points. */
import {
  asBigInt,
  asNumbers,
  factsOfRows,
  hostDistances,
  STRETCH_ROWS,
  unitsOf,
  type DistanceOptions,
  type Distances,
} from '../distances.ts';
import { lanesFailed } from '../errors.ts';
import type { GridFacts } from '../grid.ts';
import { gatherRows, joined } from '../matrix.ts';
import { holdOnLanes } from './hold.ts';
import { call, give, read, write, type Step } from './lane.ts';
import { orderRows } from './order.ts';
import { address, addresses, type Shard, type Team, type TeamOptions } from './team.ts';

/** Where the spatial order is worth making: boxes of few columns, rows and passes enough. */
const TREE_COLUMNS = 8;
const TREE_ROWS = 4096;
const TREE_CENTRES = 32;
/** Rows × columns that a call looks at: 10 to 20 ms. */
const PASS_WORK = 2 ** 24;
/** Rows that a call looks at which does little with each. */
const CALL_ROWS = 2 ** 18;
/** Centres that are added in one pass. */
const ADDED_AT_ONCE = 256;

const ADDRESSES = [
  'seedListAt',
  'seedWeightsAt',
  'seedNearestAt',
  'seedStretchesAt',
  'seedGainsAt',
  'seedCentresAt',
] as const;

/** A shard's part. */
interface Part {
  readonly shard: Shard;
  readonly at: Readonly<Record<(typeof ADDRESSES)[number], number>>;
  /** Rows that take part, counted in the shard; null: all. */
  readonly list: Uint32Array | null;
  readonly members: number;
  /** Members in the shards before. */
  readonly firstMember: number;
  readonly firstStretch: number;
  readonly stretchCount: number;
  /** Buffers that answers come in, again and again: for a pass, and for stretches. */
  found: ArrayBuffer;
  spare: ArrayBuffer[];
}

/** @throws EngineUnavailableError where a lane is lost; OutOfMemoryError */
export async function lanesDistances(
  team: Team,
  { rows: allRows, columns, weights }: GridFacts,
  gather: (rows: Uint32Array) => Promise<Float32Array>,
  { rows, weights: given, trials, centres, owners }: DistanceOptions,
): Promise<Distances> {
  const size = rows ? rows.length : allRows;
  const treed = !rows && !given;
  const needed =
    treed && columns <= TREE_COLUMNS && allRows >= TREE_ROWS && centres >= TREE_CENTRES;
  const most = owners ? Math.max(trials, ADDED_AT_ONCE) : trials;
  const limbs = new Float64Array(3 * Math.ceil(size / STRETCH_ROWS));
  let added = 0;

  const close = async () => {
    await Promise.all(team.shards.map(({ lane }) => lane.run([call('closeSeed')])));
  };
  const stretchesOf = ({ at, stretchCount, found }: Part) =>
    read(at.seedStretchesAt, 24 * stretchCount, found);
  /** Sums of the lanes' stretches, in `found`: whole numbers, to be added in any order. */
  const total = () => {
    limbs.fill(0);
    for (const { firstStretch, stretchCount, found } of parts) {
      const own = new Float64Array(found, 0, 3 * stretchCount);
      for (let i = 0; i < own.length; i++) limbs[3 * firstStretch + i] += own[i];
    }
  };

  const open = async (shard: Shard): Promise<Part> => {
    const { lane, first, rows: own } = shard;
    const range =
      rows && ([first, first + own].map((row) => firstAtLeast(rows, row)) as [number, number]);
    const list = rows && rows.slice(...range!).map((row) => row - first);
    const members = list ? list.length : own;
    const firstMember = range ? range[0] : first;
    if (needed) await orderRows(lane, call('openSeedTree'));
    const at = addresses(
      ADDRESSES,
      await lane.run([
        call('openSeed', members, firstMember, +!!list, +!!given, +treed, +owners),
        call('reserveSeed', centres, most, unitsOf(columns)),
        ...ADDRESSES.map((name) => call(name)),
      ]),
    );
    if (list) await lane.run([write(at.seedListAt, list)]);
    if (given) await lane.run([write(at.seedWeightsAt, given.slice(...range!))]);
    const firstStretch = Math.floor(firstMember / STRETCH_ROWS);
    const stretchCount =
      members && Math.ceil((firstMember + members) / STRETCH_ROWS) - firstStretch;
    return {
      shard,
      at,
      list,
      members,
      firstMember,
      firstStretch,
      stretchCount,
      found: new ArrayBuffer(24 * Math.max(most, stretchCount)),
      spare: [],
    };
  };

  let parts: Part[];
  try {
    parts = await team.each(open);
    await each(async (part) => {
      const results = await part.shard.lane.run([call('startSeed'), stretchesOf(part)]);
      part.found = results[1] as ArrayBuffer;
    });
    total();
  } catch (error) {
    close().catch(() => {});
    throw error;
  }

  function each<T>(work: (part: Part) => Promise<T>): Promise<T[]> {
    return team.each((shard) => work(parts.find((part) => part.shard === shard)!));
  }

  /**
   * A pass, whose finding is then in `found`. In calls that are short, each in a message of its own: an
   * abort leaves a lane soon.
   */
  function pass(begin: (part: Part) => Step[], finding: (part: Part) => Step) {
    return each(async (part) => {
      const { lane } = part.shard;
      let steps = begin(part);
      for (;;) {
        const results = await lane.run([...steps, call('passSeed', PASS_WORK), finding(part)]);
        part.found = results.at(-1) as ArrayBuffer;
        if (results.at(-2) === 0) return;
        steps = [];
      }
    });
  }

  const hand =
    (values: Float32Array, keeps: boolean) =>
    ({ at }: Part) => [
      write(at.seedCentresAt, values),
      call('beginSeed', values.length / columns, added, +keeps),
    ];

  return {
    masses: async () => asNumbers(limbs),

    async stretches(numbers) {
      const found = await each(async (part) => {
        const ranges = numbers.map((s) => membersOf(part, s));
        const wanted = ranges.filter(([from, to]) => to > from);
        while (part.spare.length < wanted.length)
          part.spare.push(new ArrayBuffer(8 * STRETCH_ROWS));
        const steps = wanted.map(([from, to]) =>
          read(part.at.seedNearestAt + 8 * from, 8 * (to - from), part.spare.pop()),
        );
        const bytes = steps.length > 0 ? await part.shard.lane.run(steps) : [];
        part.spare.push(...(bytes as ArrayBuffer[]));
        return { part, ranges, bytes: bytes as ArrayBuffer[] };
      });
      return numbers.map((_, n) => {
        const masses = found.flatMap(({ part, ranges, bytes }) => {
          const [from, to] = ranges[n];
          if (to <= from) return [];
          const own = new Float64Array(bytes.shift()!, 0, to - from);
          const first = part.firstMember + from;
          if (given) own.forEach((d, i) => (own[i] = d * given[first + i]));
          else if (weights)
            own.forEach((d, i) => (own[i] = d * weights[rows ? rows[first + i] : first + i]));
          return [own];
        });
        return masses.length === 1 ? masses[0] : joined(Float64Array, masses);
      });
    },

    gather: (places) => gather(rows ? places.map((place) => rows[place]) : places),

    async gains(tried) {
      const count = tried.length / columns;
      await pass(hand(tried, false), ({ at, found }) => read(at.seedGainsAt, 24 * count, found));
      const own = parts.map(({ found }) => new Float64Array(found));
      return Array.from({ length: count }, (_, j) =>
        own.reduce((sum, gains) => sum + asBigInt(gains, 3 * j), 0n),
      );
    },

    async add(chosen) {
      for (let from = 0; from < chosen.length; from += most * columns) {
        const some = chosen.slice(from, from + most * columns);
        await pass(hand(some, true), stretchesOf);
        added += some.length / columns;
        total();
      }
    },

    async take(tried) {
      await pass(() => [call('takeSeed', tried, added)], stretchesOf);
      added++;
      total();
    },

    async pick(key, expected, sum) {
      const found = await each(async ({ shard, members, firstMember }) => {
        const { lane } = shard;
        const inCall = Math.min(members, CALL_ROWS);
        const [mark, room] = (await lane.run([call('used'), call('reserve', 4 * inCall)])).map(
          address,
        );
        const picked: Uint32Array[] = [];
        for (let from = 0; from < members; from += inCall) {
          const to = Math.min(members, from + inCall);
          const [count] = await lane.run([
            call('pickSeed', from, to, key, sum / 2 ** 32, expected, room),
          ]);
          const [bytes] = await lane.run([read(room, 4 * (count as number))]);
          picked.push(new Uint32Array(bytes as ArrayBuffer).map((place) => firstMember + place));
        }
        await lane.run([call('release', mark)]);
        return picked;
      });
      return Uint32Array.from(found.flat().flatMap((some) => [...some]));
    },

    async owned() {
      const found = await each(async ({ shard, members }) => {
        const { lane } = shard;
        const [mark, room] = (await lane.run([call('used'), call('reserve', 4 * added)])).map(
          address,
        );
        await lane.run([give(room, new Uint32Array(added))]);
        for (let from = 0; from < members; from += CALL_ROWS)
          await lane.run([call('countOwned', from, Math.min(members, from + CALL_ROWS), room)]);
        const [bytes] = await lane.run([read(room, 4 * added), call('release', mark)]);
        return new Uint32Array(bytes as ArrayBuffer);
      });
      return found.reduce((a, b) => a.map((sum, j) => sum + b[j]));
    },

    close,
  };
}

/** Numbers looked at for a centre up to which messages to workers take longer than all the rest. */
const SMALL_PASS = 2 ** 22;
/** Numbers of all rows that are few enough to be held once more. */
const FEW_NUMBERS = 2 ** 18;

/** Whether to seed on the calling thread, whatever holds the points. */
export function worthGathering(
  team: Team,
  { rows: allRows, columns }: GridFacts,
  { rows, trials }: DistanceOptions,
): boolean {
  const numbers = (rows ? rows.length : allRows) * columns;
  if (numbers * trials > SMALL_PASS) return false;
  return rows !== null || (team.shards.length > 1 && numbers <= FEW_NUMBERS);
}

/**
 * The same of rows that are gathered in one lane, with a tree of their own: on the calling thread, where
 * it takes no messages, or beside the problem, where that has a worker to itself.
 */
export async function gatheredDistances(
  grid: GridFacts,
  gather: (rows: Uint32Array) => Promise<Float32Array>,
  { rows, weights, ...options }: DistanceOptions,
  { worker, signal }: Pick<TeamOptions, 'worker' | 'signal'>,
): Promise<Distances> {
  const list = rows ?? Uint32Array.from({ length: grid.rows }, (_, row) => row);
  const facts = factsOfRows(grid, { rows: list, weights });
  return heldDistances(facts, await gather(list), options, { k: 1, threads: 1, worker, signal });
}

/** Of all rows of `data`, in a team of their own. */
async function heldDistances(
  facts: GridFacts,
  data: Float32Array,
  options: Omit<DistanceOptions, 'rows' | 'weights'>,
  teamOptions: Pick<TeamOptions, 'k' | 'threads' | 'worker' | 'signal'>,
): Promise<Distances> {
  const team = await holdOnLanes(facts, async () => data, teamOptions);
  const own = async (places: Uint32Array) =>
    gatherRows({ data, columns: facts.columns }, places).data;
  try {
    const distances = await lanesDistances(team, facts, own, { ...options, rows: null });
    return { ...distances, close: async () => team.dispose() };
  } catch (error) {
    team.dispose();
    throw error;
  }
}

/** The same where no lane holds the points: in lanes for the purpose, or on the host without any. */
export function detachedDistances(
  facts: GridFacts,
  data: Float32Array,
  options: Omit<DistanceOptions, 'rows' | 'weights'>,
  { threads, signal }: Pick<TeamOptions, 'threads' | 'signal'>,
): Promise<Distances> {
  return surviving(
    facts.columns,
    () => heldDistances(facts, data, options, { k: options.trials, threads, signal }),
    () => hostDistances(facts, data, { ...options, rows: null }),
  );
}

/** Distances that go on elsewhere, with the centres they had, where the first ones are lost. */
export async function surviving(
  columns: number,
  open: () => Promise<Distances>,
  spare: () => Distances,
): Promise<Distances> {
  let current: Distances | null = null;
  let fallen = false;
  const added: Float32Array[] = [];
  let tried: Float32Array = new Float32Array();
  const on = async <T>(work: (distances: Distances) => Promise<T>): Promise<T> => {
    try {
      return await work((current ??= await open()));
    } catch (error) {
      if (fallen || !lanesFailed(error)) throw error;
      fallen = true;
      current?.close().catch(() => {}); // frees the lanes that are left
      current = spare();
      for (const centres of added) await current.add(centres);
      if (tried.length > 0) await current.gains(tried);
      return work(current);
    }
  };
  return {
    masses: () => on((distances) => distances.masses()),
    stretches: (numbers) => on((distances) => distances.stretches(numbers)),
    gather: (places) => on((distances) => distances.gather(places)),
    gains(centres) {
      tried = centres;
      return on((distances) => distances.gains(centres));
    },
    async add(centres) {
      await on((distances) => distances.add(centres));
      added.push(centres);
    },
    async take(n) {
      await on((distances) => distances.take(n));
      added.push(tried.slice(n * columns, (n + 1) * columns));
    },
    pick: (...args) => on((distances) => distances.pick(...args)),
    owned: () => on((distances) => distances.owned()),
    close: () => on((distances) => distances.close()),
  };
}

/** The part's members that belong to a stretch. */
function membersOf({ members, firstMember }: Part, stretch: number): [number, number] {
  const begin = stretch * STRETCH_ROWS - firstMember;
  const inPart = (place: number) => Math.min(members, Math.max(0, place));
  return [inPart(begin), inPart(begin + STRETCH_ROWS)];
}

/** Place of the first of ascending numbers that is not below `limit`. */
function firstAtLeast(numbers: Uint32Array, limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
