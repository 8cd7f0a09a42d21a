/**
 * A run on WebAssembly lanes. Each lane holds a shard of the points, orders it, and works an iteration
 * out alone; only centroids go out and sums, counts and moved rows come back. The conductor, one more
 * instance on the calling thread, turns the sums into new centroids.
 *
 * Integer sums do not depend on their order: any number of lanes gives the same bits.
 */
import { breather } from '../../breathe.ts';
import type {
  Algorithm,
  Assignment,
  Clustering,
  IterationRecord,
  Session,
  Status,
  Stop,
  Task,
} from '../../engine.ts';
import {
  LABEL_BITS,
  leadingBits,
  powerOfTwo,
  roundHalfAway,
  runningInertia,
  SUM_BITS,
  type Grid,
} from '../../grid.ts';
import { nearTieBound } from '../../near-tie.ts';
import { call, give, read, write, type Lane, type Step, type StepResult } from './lane.ts';

/** Levels of the tree: 32 bits of a key twice over, and halving below. */
const TREE_DEPTH = 72;
/** The filter is tried up to so many columns, and given up above so many candidates of k a row. */
const FILTER_COLUMNS = 16;
const FILTER_SHARE = 1 / 10;
/** Ordering fewer rows takes longer than it saves. */
const FILTER_ROWS = 4096;
/** Blocks of eight rows that a call of `brute` works through: a pause is possible in between. */
const BRUTE_WORK = 2 ** 25;

/** Where things stand in a lane's memory. */
const ADDRESSES = [
  'pointsAt',
  'weightsAt',
  'labelsAt',
  'centroidsAt',
  'sumsAt',
  'countsAt',
  'sumStepsAt',
] as const;
const CONDUCTOR_ADDRESSES = [
  'updateExponentsAt',
  'updateCentroidsAt',
  'updateSumsAt',
  'updateCountsAt',
  'updateLaneAt',
] as const;
type Addresses<Names extends readonly string[]> = Record<Names[number], number>;

interface Shard {
  lane: Lane;
  first: number;
  rows: number;
  at: Addresses<typeof ADDRESSES>;
  /** Labels in the caller's order, once they have been asked for. */
  labelsOut: number;
}

export class WasmSession implements Session {
  readonly #task: Task;
  readonly #shards: Shard[];
  readonly #conductor: Lane;
  readonly #pause: () => Promise<void> | undefined;
  readonly #onDispose: () => void;
  #at!: Addresses<typeof CONDUCTOR_ADDRESSES>;
  #algorithm: Algorithm;
  #filterOpen = false;
  #bruteOpen = false;
  #deciding = false;
  #k = 0;
  #centroids = new Float32Array();
  #previous = new Float32Array();
  #stop: Stop | null = null;
  #empty = 0;
  #history: IterationRecord[] = [];

  private constructor(task: Task, lanes: readonly Lane[], conductor: Lane, onDispose: () => void) {
    const { rows, columns } = task.grid;
    this.#task = task;
    this.#conductor = conductor;
    this.#onDispose = onDispose;
    this.#pause = breather(task.signal);
    this.#shards = lanes.map((lane, index) => {
      const first = Math.floor((rows * index) / lanes.length);
      const end = Math.floor((rows * (index + 1)) / lanes.length);
      return { lane, first, rows: end - first, at: {} as Shard['at'], labelsOut: 0 };
    });
    const filterPays = columns <= FILTER_COLUMNS && rows >= FILTER_ROWS && task.k >= 4;
    this.#deciding = task.algorithm === 'auto' && filterPays;
    this.#algorithm =
      task.algorithm === 'auto' ? (filterPays ? 'filtered' : 'lloyd') : task.algorithm;
  }

  static async open(
    task: Task,
    lanes: readonly Lane[],
    conductor: Lane,
    onDispose: () => void,
  ): Promise<WasmSession> {
    const session = new WasmSession(task, lanes, conductor, onDispose);
    try {
      await session.#setUp();
      return session;
    } catch (error) {
      await session.dispose();
      throw error;
    }
  }

  get algorithm(): Algorithm {
    return this.#algorithm;
  }

  async #setUp(): Promise<void> {
    const { grid, k } = this.#task;
    const { columns, values, weights, columnExponents } = grid;
    const bound = nearTieBound(columns);
    const steps = Float32Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e));
    await this.#each(async (shard) => {
      const { first, rows } = shard;
      shard.at = addresses(
        ADDRESSES,
        await shard.lane.run([
          call('open', rows, first, columns, k, weights ? 1 : 0),
          call('setBound', bound.relative, bound.root, bound.absolute),
          call('openExact', k),
          ...ADDRESSES.map((name) => call(name)),
        ]),
      );
      await shard.lane.run([
        write(shard.at.sumStepsAt, steps),
        give(shard.at.pointsAt, values.slice(first * columns, (first + rows) * columns)),
        ...(weights ? [give(shard.at.weightsAt, weights.slice(first, first + rows))] : []),
      ]);
    });
    this.#at = addresses(
      CONDUCTOR_ADDRESSES,
      await this.#conductor.run([
        call('openUpdate', columns, k, grid.historyExponent),
        ...CONDUCTOR_ADDRESSES.map((name) => call(name)),
      ]),
    );
    await this.#conductor.run([write(this.#at.updateExponentsAt, columnExponents)]);
    await this.#openAlgorithm();
  }

  /** Orders or packs the points, once each. */
  async #openAlgorithm(): Promise<void> {
    const { k } = this.#task;
    if (this.#algorithm === 'filtered' && !this.#filterOpen) {
      await this.#each((shard) =>
        shard.lane.run([call('order'), call('openFilter', k, TREE_DEPTH)]),
      );
      this.#filterOpen = true;
    }
    if (this.#algorithm === 'lloyd' && !this.#bruteOpen) {
      await this.#each((shard) => shard.lane.run([call('openBrute', k)]));
      this.#bruteOpen = true;
    }
  }

  async place(centroids: Float32Array): Promise<void> {
    this.#k = centroids.length / this.#task.grid.columns;
    this.#centroids = centroids.slice();
    this.#previous = this.#centroids;
    this.#stop = null;
    this.#empty = 0;
    this.#history = [];
    await this.#forget();
    await this.#conductor.run([write(this.#at.updateCentroidsAt, this.#centroids)]);
  }

  #forget(): Promise<unknown> {
    const forgetting =
      this.#algorithm === 'filtered' ? call('forget') : call('forgetBrute', this.#task.k);
    return this.#each((shard) => shard.lane.run([forgetting]));
  }

  async step(iterations: number): Promise<Status> {
    for (let i = 0; i < iterations && this.#stop === null; i++) {
      this.#task.signal?.throwIfAborted();
      await this.#iterate();
      const waiting = this.#pause();
      if (waiting) await waiting;
    }
    return {
      iteration: this.#history.length,
      stop: this.#stop,
      last: this.#history.at(-1) ?? null,
      empty: this.#empty,
      restorePoint: this.#task.restorePoints
        ? { centroids: this.#previous, history: this.#history.slice() }
        : null,
    };
  }

  async #iterate(): Promise<void> {
    const { grid, emptyCluster, shiftLimit } = this.#task;
    const { moved, counts } = await this.#pass();
    this.#empty = counts.reduce((empties, count) => empties + (count === 0 ? 1 : 0), 0);
    const relocated =
      this.#empty > 0 && emptyCluster === 'relocate' ? await this.#relocate(counts) : 0;
    const k = this.#k;
    const [, ...results] = await this.#conductor.run([
      call('divide', k),
      ...[0, 1, 2, 3, 4, 5].map((n) => call('word', n)),
      read(this.#at.updateCentroidsAt, 4 * this.#centroids.length),
    ]);
    const words = results.slice(0, 6).map((word) => BigInt(word as number));
    const shift = (words[1] << 32n) + words[0];
    const explained = words
      .slice(2)
      .reduce((sum, word, index) => sum + (word << BigInt(32 * index)), 0n);
    this.#previous = this.#centroids;
    this.#centroids = new Float32Array(results[6] as ArrayBuffer);
    if (moved === 0 && relocated === 0) this.#stop = 'labels';
    else if (shift < shiftLimit) this.#stop = 'tol';
    if (this.#empty > 0 && emptyCluster === 'stop') this.#stop = 'empty';
    this.#history.push({
      iteration: this.#history.length + 1,
      moved,
      shift: leadingBits(shift) * powerOfTwo(2 * (grid.exponent - LABEL_BITS)),
      inertia: runningInertia(grid, explained),
    });
  }

  /** Labels, sums and counts for the current centroids; totals are left with the conductor. */
  async #pass(): Promise<{ moved: number; counts: Uint32Array }> {
    const cells = this.#k * this.#task.grid.columns;
    const k = this.#k;
    await this.#conductor.run([call('clearTotals', k)]);
    let moved = 0;
    let compared = 0;
    await this.#each(async (shard) => {
      const results = await shard.lane.run([
        write(shard.at.centroidsAt, this.#centroids),
        call('setCentroids', k),
        call('begin'),
        call('quantizeCentroids'),
        ...this.#calls(shard.rows),
        call('movedRows'),
        call('comparedCandidates'),
        read(shard.at.sumsAt, 8 * cells),
        read(shard.at.countsAt, 4 * k),
      ]);
      const [own, candidates, sums, counts] = results.slice(-4);
      moved += own as number;
      compared += candidates as number;
      await this.#conductor.run([
        write(this.#at.updateLaneAt, new Uint8Array(sums as ArrayBuffer)),
        write(this.#at.updateLaneAt + 8 * cells, new Uint8Array(counts as ArrayBuffer)),
        call('addLane', k),
      ]);
    });
    if (this.#deciding) await this.#decide(compared);
    const [counts] = await this.#conductor.run([read(this.#at.updateCountsAt, 4 * k)]);
    return { moved, counts: new Uint32Array(counts as ArrayBuffer) };
  }

  #calls(rows: number): Step[] {
    if (this.#algorithm === 'filtered') return [call('filter')];
    const blocks = Math.ceil(rows / 8);
    const { columns } = this.#task.grid;
    const inCall = Math.max(64, Math.floor(BRUTE_WORK / (8 * this.#k * columns) / 64) * 64);
    const calls: Step[] = [call('packCentroids')];
    for (let from = 0; from < blocks; from += inCall)
      calls.push(call('brute', from, Math.min(blocks, from + inCall)));
    return calls;
  }

  /** After the first iteration: whether the filter spared enough. The labels start afresh if not. */
  async #decide(compared: number): Promise<void> {
    this.#deciding = false;
    if (compared <= FILTER_SHARE * this.#k * this.#task.grid.rows) return;
    this.#algorithm = 'lloyd';
    await this.#openAlgorithm();
    await this.#forget();
    await this.#pass();
  }

  /** Gives each vacant cluster the farthest row; twin of relocate in the reference engine. */
  async #relocate(counts: Uint32Array): Promise<number> {
    const { grid } = this.#task;
    const { columns } = grid;
    const vacant = [...counts.keys()].filter((j) => counts[j] === 0);
    const contenders = (
      await this.#each(async (shard) => {
        const labels = await this.#labelsInOrder(shard);
        const most = vacant.length;
        const [to] = await shard.lane.run([call('reserve', 24 * (most + 1))]);
        const [count, bytes] = await shard.lane.run([
          call('contend', labels, most, to as number),
          read(to as number, 24 * most),
        ]);
        return entries(bytes as ArrayBuffer, count as number);
      })
    )
      .flat()
      .sort((a, b) =>
        a.distance === b.distance ? a.row - b.row : a.distance > b.distance ? -1 : 1,
      )
      .slice(0, vacant.length);
    const cells = this.#k * columns;
    const [sumBytes] = await this.#conductor.run([read(this.#at.updateSumsAt, 8 * cells)]);
    const sums = new BigInt64Array(sumBytes as ArrayBuffer);
    contenders.forEach(({ row, label }, index) => {
      const heir = vacant[index];
      const weight = grid.weights ? grid.weights[row] : 1;
      counts[label] -= weight;
      counts[heir] += weight;
      for (let t = 0; t < columns; t++) {
        const p = weightedStep(grid, row, t, weight);
        sums[label * columns + t] -= p;
        sums[heir * columns + t] += p;
      }
    });
    await this.#conductor.run([
      write(this.#at.updateSumsAt, sums),
      write(this.#at.updateCountsAt, counts),
    ]);
    return contenders.length;
  }

  /** Where a shard's labels stand in the caller's order. */
  async #labelsInOrder(shard: Shard): Promise<number> {
    if (this.#algorithm === 'lloyd') return shard.at.labelsAt;
    if (shard.labelsOut === 0)
      shard.labelsOut = (await shard.lane.run([call('reserve', 4 * shard.rows)]))[0] as number;
    await shard.lane.run([call('writeLabels', shard.labelsOut)]);
    return shard.labelsOut;
  }

  async assign(): Promise<Assignment> {
    return { labels: (await this.#look()).labels };
  }

  async read(): Promise<Clustering> {
    const { labels, sums, counts } = await this.#look();
    return {
      labels,
      sums,
      counts,
      centroids: this.#centroids.slice(),
      history: this.#history.slice(),
    };
  }

  /** One more pass, which leaves the labels as they were where iterations may follow. */
  async #look(): Promise<{ labels: Uint32Array; sums: BigInt64Array; counts: Uint32Array }> {
    const { grid, k } = this.#task;
    const filtered = this.#algorithm === 'filtered';
    const goesOn = this.#stop === null && this.#history.length > 0;
    if (goesOn)
      await this.#each((shard) =>
        shard.lane.run([filtered ? call('keepLabels') : call('keepBrute', k)]),
      );
    const { counts } = await this.#pass();
    const labels = new Uint32Array(grid.rows);
    await this.#each(async (shard) => {
      const at = await this.#labelsInOrder(shard);
      const [bytes] = await shard.lane.run([read(at, 4 * shard.rows)]);
      labels.set(new Uint32Array(bytes as ArrayBuffer), shard.first);
    });
    const [sums] = await this.#conductor.run([
      read(this.#at.updateSumsAt, 8 * this.#k * grid.columns),
    ]);
    if (goesOn)
      await this.#each((shard) =>
        shard.lane.run([
          (this.#algorithm === 'filtered') === filtered
            ? filtered
              ? call('restoreLabels')
              : call('restoreBrute', k)
            : call('begin'),
        ]),
      );
    return { labels, sums: new BigInt64Array(sums as ArrayBuffer), counts };
  }

  /** On all lanes side by side. Rejects at once when the caller aborts; lanes end what they are at. */
  #each<T>(work: (shard: Shard) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#shards.map(work));
  }

  async dispose(): Promise<void> {
    for (const { lane } of this.#shards) lane.close();
    this.#conductor.close();
    this.#onDispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

function addresses<Names extends readonly string[]>(
  names: Names,
  results: readonly StepResult[],
): Addresses<Names> {
  const last = results.slice(-names.length);
  return Object.fromEntries(names.map((name, index) => [name, last[index]])) as Addresses<Names>;
}

function entries(bytes: ArrayBuffer, count: number) {
  const view = new DataView(bytes);
  return Array.from({ length: count }, (_, i) => ({
    distance: (view.getBigUint64(24 * i, true) << 32n) + view.getBigUint64(24 * i + 8, true),
    row: view.getUint32(24 * i + 16, true),
    label: view.getUint32(24 * i + 20, true),
  }));
}

function weightedStep(grid: Grid, row: number, column: number, weight: number): bigint {
  const steps = powerOfTwo(SUM_BITS - grid.columnExponents[column]);
  return BigInt(roundHalfAway(grid.values[row * grid.columns + column] * steps)) * BigInt(weight);
}
