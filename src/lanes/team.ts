/**
 * A team of lanes that share the rows of one problem out, and a conductor on the calling thread that
 * puts together what they find. A team serves one run and is disposed with it.
 */
import { breather } from '../breathe.ts';
import { call, inlineLane, outOfMemory, type Lane, type StepResult } from './lane.ts';
import { kernels } from './module.ts';
import { enterPool, hardwareThreads, workerLanes } from './pool.ts';

export interface TeamOptions {
  rows: number;
  columns: number;
  /** Most centroids ever placed. */
  k: number;
  weighted: boolean;
  /** Of a raw number: 4 or 8. */
  numberBytes: number;
  /** Most worker threads; default: as many as the machine runs side by side. */
  threads?: number | undefined;
  /** Workers to use however small the problem; results do not depend on it. */
  workers?: number | undefined;
  /** This worker of the pool alone, for one of several problems side by side. */
  worker?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Where things stand in a lane's memory. */
const ADDRESSES = [
  'pointsAt',
  'weightsAt',
  'labelsAt',
  'centroidsAt',
  'sumsAt',
  'countsAt',
  'sumStepsAt',
  'layAt',
] as const;

export interface Shard {
  readonly lane: Lane;
  /** First row, counted in all points. */
  readonly first: number;
  readonly rows: number;
  readonly at: Readonly<Record<(typeof ADDRESSES)[number], number>>;
}

/** A worker is worth its messages from so many distances an iteration on. */
const WORK_PER_WORKER = 2 ** 20;
/** Of a lane's memory. */
const MOST_BYTES = 2 ** 32;

export class Team {
  #shards: readonly Shard[];
  readonly conductor: Lane;
  /** Most centroids that there is room for. */
  readonly k: number;
  readonly #lanes: readonly Lane[];
  readonly #leave: () => void;
  readonly #options: TeamOptions;
  readonly #signal: AbortSignal | undefined;

  private constructor(
    lanes: readonly Lane[],
    shards: readonly Shard[],
    conductor: Lane,
    leave: () => void,
    options: TeamOptions,
  ) {
    this.#lanes = lanes;
    this.#shards = shards;
    this.conductor = conductor;
    this.k = options.k;
    this.#leave = leave;
    this.#options = options;
    this.#signal = options.signal;
  }

  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** @throws EngineUnavailableError where WebAssembly or SIMD is missing; OutOfMemoryError */
  static async open(options: TeamOptions): Promise<Team> {
    const { rows, columns, k, worker, signal } = options;
    const { module } = await kernels();
    const useful = Math.ceil((rows * columns * k) / WORK_PER_WORKER);
    const threads = Math.min(options.threads ?? hardwareThreads(), useful);
    const count =
      worker === undefined ? Math.min(options.workers ?? Math.max(1, threads), rows) : 1;
    const leave = enterPool();
    let lanes: Lane[] = [];
    try {
      const inline = count === 1 && !options.workers && worker === undefined;
      lanes = (inline ? null : await workerLanes(module, count, worker)) ?? [
        await inlineLane(module, breather(signal)),
      ];
      signal?.throwIfAborted();
      refuseTooLarge(Math.ceil(rows / lanes.length), options);
      const shards = await shareOut(lanes, options);
      const conductor = await inlineLane(module, () => undefined);
      return new Team(lanes, shards, conductor, leave, options);
    } catch (error) {
      for (const lane of lanes) lane.close();
      leave();
      throw error;
    }
  }

  /** Empties all memory, for other rows of the same problem, no more of them: to be brought anew. */
  async reopen(rows: number): Promise<void> {
    const empty = [call('dropTree'), call('clear')];
    await Promise.all([...this.#lanes, this.conductor].map((lane) => lane.run(empty)));
    this.#shards = await shareOut(this.#lanes.slice(0, rows), { ...this.#options, rows });
  }

  /**
   * On all lanes side by side. Rejects as soon as the caller aborts; the lanes finish what they are
   * at, and nobody listens.
   */
  async each<T>(work: (shard: Shard) => Promise<T>): Promise<T[]> {
    const signal = this.#signal;
    if (!signal) return Promise.all(this.shards.map(work));
    signal.throwIfAborted();
    let stop!: () => void;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop);
    });
    const all = Promise.all(this.shards.map(work));
    try {
      return await Promise.race([all, aborted]);
    } finally {
      all.catch(() => {});
      signal.removeEventListener('abort', stop);
    }
  }

  dispose(): void {
    for (const lane of this.#lanes) lane.close();
    this.conductor.close();
    this.#leave();
  }
}

/** A shard of the rows for each lane. */
function shareOut(
  lanes: readonly Lane[],
  { rows, columns, k, weighted, numberBytes }: TeamOptions,
): Promise<Shard[]> {
  return Promise.all(
    lanes.map(async (lane, index) => {
      const first = Math.floor((rows * index) / lanes.length);
      const own = Math.floor((rows * (index + 1)) / lanes.length) - first;
      const results = await lane.run([
        call('open', own, first, columns, k, weighted ? 1 : 0, numberBytes),
        call('openLay'),
        ...ADDRESSES.map((name) => call(name)),
      ]);
      return { lane, first, rows: own, at: addresses(ADDRESSES, results) };
    }),
  );
}

/** The last results of a run of steps, by the names of the calls that gave them. */
export function addresses<Names extends readonly string[]>(
  names: Names,
  results: readonly StepResult[],
): Record<Names[number], number> {
  const last = results.slice(-names.length);
  return Object.fromEntries(names.map((name, index) => [name, address(last[index])])) as Record<
    Names[number],
    number
  >;
}

/** Kernels give addresses as signed numbers: the upper half of 4 GiB comes out below zero. */
export function address(result: StepResult): number {
  return (result as number) >>> 0;
}

/**
 * What an address of 32 bits cannot count, in the largest things that a lane reserves at once; whether
 * all of it together fits is seen when it is reserved.
 */
function refuseTooLarge(rows: number, { columns, k, numberBytes }: TeamOptions): void {
  const largest = Math.max((rows + 8) * Math.max(8, columns * numberBytes), k * columns * 8);
  if (largest >= MOST_BYTES)
    throw outOfMemory(true, new RangeError(`${largest} bytes in one of its lanes`));
}
