/** Distances of rows to the nearest centre so far, found on the lanes that hold the points. */
import {
  asBigInt,
  asNumbers,
  STRETCH_ROWS,
  unitsOf,
  type DistanceOptions,
  type Distances,
  type Stretch,
} from '../distances.ts';
import type { GridFacts } from '../grid.ts';
import { call, give, read, write, type Step } from './lane.ts';
import { orderRows } from './order.ts';
import { address, addresses, type Shard, type Team } from './team.ts';

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
  /** Rows that take part, counted in the shard; null where D stands at the row's own place. */
  readonly list: Uint32Array | null;
  readonly places: number;
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
  { rows, weights: given, trials, centres, owners }: DistanceOptions,
): Promise<Distances> {
  const size = rows ? rows.length : allRows;
  const passes = (centres * size) / allRows;
  const needed =
    !given && columns <= TREE_COLUMNS && allRows >= TREE_ROWS && passes >= TREE_CENTRES;
  const wanted = needed || (!given && !rows);
  const most = owners ? Math.max(trials, ADDED_AT_ONCE) : trials;
  const limbs = new Float64Array(3 * Math.ceil(allRows / STRETCH_ROWS));
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
    if (needed) await orderRows(lane, call('openSeedTree'));
    const [treed, ...opened] = await lane.run([
      call(
        'openSeed',
        ...[members, +!!list, +!!given, +wanted, +owners, centres, most, unitsOf(columns)],
      ),
      ...ADDRESSES.map((name) => call(name)),
    ]);
    const tree = treed !== 0;
    const at = addresses(ADDRESSES, opened);
    if (list) await lane.run([write(at.seedListAt, list)]);
    if (given) await lane.run([write(at.seedWeightsAt, given.slice(...range!))]);
    const firstStretch = Math.floor(first / STRETCH_ROWS);
    const stretchCount = Math.floor((first + own - 1) / STRETCH_ROWS) + 1 - firstStretch;
    return {
      shard,
      at,
      list: tree ? null : list,
      places: tree ? own : members,
      firstMember: range ? range[0] : first,
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
        const ranges = numbers.map((s) => placesOf(part, s));
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
      return numbers.map((_, n) =>
        joined(
          found.flatMap(({ part, ranges, bytes }) => {
            const { list, shard, firstMember } = part;
            const [from, to] = ranges[n];
            if (to <= from) return [];
            const rowAt = (i: number) => shard.first + (list ? list[from + i] : from + i);
            const masses = new Float64Array(bytes.shift()!, 0, to - from);
            for (let i = 0; i < masses.length; i++)
              if (given) masses[i] *= given[firstMember + from + i];
              else if (weights) masses[i] *= weights[rowAt(i)];
            return [{ rowAt, masses }];
          }),
        ),
      );
    },

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
      const found = await each(async ({ shard, places }) => {
        const { lane, first } = shard;
        const inCall = Math.min(places, CALL_ROWS);
        const [mark, room] = (await lane.run([call('used'), call('reserve', 4 * inCall)])).map(
          address,
        );
        const picked: Uint32Array[] = [];
        for (let from = 0; from < places; from += inCall) {
          const to = Math.min(places, from + inCall);
          const [count] = await lane.run([
            call('pickSeed', from, to, key, sum / 2 ** 32, expected, room),
          ]);
          const [bytes] = await lane.run([read(room, 4 * (count as number))]);
          picked.push(new Uint32Array(bytes as ArrayBuffer).map((row) => first + row));
        }
        await lane.run([call('release', mark)]);
        return picked;
      });
      return Uint32Array.from(found.flat().flatMap((some) => [...some]));
    },

    async owned() {
      const found = await each(async ({ shard, places }) => {
        const { lane } = shard;
        const [mark, room] = (await lane.run([call('used'), call('reserve', 4 * added)])).map(
          address,
        );
        await lane.run([give(room, new Uint32Array(added))]);
        for (let from = 0; from < places; from += CALL_ROWS)
          await lane.run([call('countOwned', from, Math.min(places, from + CALL_ROWS), room)]);
        const [bytes] = await lane.run([read(room, 4 * added), call('release', mark)]);
        return new Uint32Array(bytes as ArrayBuffer);
      });
      return found.reduce((a, b) => a.map((sum, j) => sum + b[j]));
    },

    close,
  };
}

/** Distances that go on elsewhere, with the centres they had, where the first ones are lost. */
export async function surviving(
  columns: number,
  open: () => Promise<Distances>,
  spare: () => Distances,
  isLost: (error: unknown) => boolean,
): Promise<Distances> {
  let current: Distances | null = null;
  let fallen = false;
  const added: Float32Array[] = [];
  let tried: Float32Array = new Float32Array();
  const on = async <T>(work: (distances: Distances) => Promise<T>): Promise<T> => {
    try {
      return await work((current ??= await open()));
    } catch (error) {
      if (fallen || !isLost(error)) throw error;
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

/** The part's places that belong to a stretch. */
function placesOf({ shard, list }: Part, stretch: number): [number, number] {
  const begin = stretch * STRETCH_ROWS - shard.first;
  const from = Math.min(shard.rows, Math.max(0, begin));
  const to = Math.min(shard.rows, Math.max(0, begin + STRETCH_ROWS));
  return list ? [firstAtLeast(list, from), firstAtLeast(list, to)] : [from, to];
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

/** A stretch that several lanes have parts of. */
function joined(parts: readonly Stretch[]): Stretch {
  if (parts.length === 1) return parts[0];
  const rows = parts.flatMap(({ rowAt, masses }) => Array.from(masses, (_, i) => rowAt(i)));
  const masses = Float64Array.from(parts.flatMap((part) => [...part.masses]));
  return { rowAt: (i) => rows[i], masses };
}
