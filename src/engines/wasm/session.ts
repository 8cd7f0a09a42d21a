/**
 * A run on WebAssembly lanes. Each lane holds a shard of the points, orders it, and works an iteration
 * out alone; only centroids go out and sums, counts and moved rows come back. The conductor, one more
 * instance on the calling thread, turns the sums into new centroids.
 *
 * Integer sums do not depend on their order: any number of lanes gives the same bits.
 */
import { breather } from '../../breathe.ts';
import type { Algorithm, Assignment, Clustering, Session, Status, Task } from '../../engine.ts';
import { Course, emptiesOf } from '../../course.ts';
import { runningInertia, type GridFacts } from '../../grid.ts';
import type { Sums } from '../../hash.ts';
import { takeRows } from '../../lloyd.ts';
import { manhattanBound, nearTieBound } from '../../near-tie.ts';
import { holdOnLanes } from '../../lanes/hold.ts';
import { call, give, read, write, type Step } from '../../lanes/lane.ts';
import { orderRows } from '../../lanes/order.ts';
import { address, addresses, type Shard, type Team } from '../../lanes/team.ts';
import type { WasmOptions } from './index.ts';

/** How a lane finds labels: by boxes in a tree, by bounds that last, or by every distance. */
type Way = 'boxes' | 'bounds' | 'brute';
/** Boxes are tried up to so many columns, and given up above so many candidates of k a row. */
const BOX_COLUMNS = 16;
const BOX_SHARE = 1 / 10;
/** Bounds are tried above that, and given up above so many closer looks of k a row. */
const BOUND_SHARE = 1 / 8;
/** Ordering fewer rows takes longer than it saves. */
const FILTER_ROWS = 4096;
/** Whether it is worth a try to spare distances; the first iteration shows whether it is worth more. */
export function triesFilter(rows: number, _columns: number, k: number): boolean {
  return rows >= FILTER_ROWS && k >= 4;
}

/** Numbers that packing moves in a call. */
const PACK_NUMBERS = 2 ** 22;
/** Multiplications of a call: 10 to 40 ms, after which a page answers and an abort is heard. */
const BRUTE_WORK = 2 ** 27;
const FILTER_WORK = 2 ** 25;
/** What makes the centroids in hand ready. */
const START: Readonly<Record<Way, string>> = {
  boxes: 'startFilter',
  bounds: 'startBounds',
  brute: 'packCentroids',
};
/** Labels that travel in one message: what is under way is small beside them all. */
const LABELS_PIECE = 2 ** 16;

/** Where things stand in the conductor's memory. */
const CONDUCTOR_ADDRESSES = [
  'updateExponentsAt',
  'updateCentroidsAt',
  'updateSumsAt',
  'updateCountsAt',
  'updateLaneAt',
] as const;

export class WasmSession implements Session {
  readonly #task: Task;
  readonly #grid: GridFacts;
  readonly #team: Team;
  /** Whether the team was made here and not by whoever laid the points. */
  readonly #owned: boolean;
  readonly #pause: () => Promise<void> | undefined;
  #at!: Record<(typeof CONDUCTOR_ADDRESSES)[number], number>;
  /** Where a shard's labels stand in the caller's order, once they have been asked for. */
  readonly #labelsOut = new Map<Shard, number>();
  #way: Way;
  #open: Way | null = null;
  #deciding = false;
  /** How often rows were labelled since centroids were placed. */
  #passes = 0;
  /** Whether the lanes' labels are those of a look, and not of the last iteration. */
  #behind = false;
  #k = 0;
  #centroids: Float32Array = new Float32Array();
  #course!: Course;

  private constructor(task: Task, team: Team, owned: boolean) {
    const { rows, columns } = task.points.grid;
    this.#task = task;
    this.#grid = task.points.grid;
    this.#team = team;
    this.#owned = owned;
    this.#pause = breather(task.signal);
    const tries = task.distance !== 'manhattan' && triesFilter(rows, columns, task.k);
    this.#deciding = task.algorithm === 'auto' && tries;
    const spares = task.algorithm === 'auto' ? tries : task.algorithm === 'filtered';
    this.#way = !spares ? 'brute' : columns <= BOX_COLUMNS ? 'boxes' : 'bounds';
  }

  /** Works on the lanes that hold the points, or brings them to lanes of its own. */
  static async open(task: Task, options: WasmOptions): Promise<WasmSession> {
    const { points, k, signal } = task;
    const { lanes, grid } = points;
    // a lane does not look where it writes
    if (lanes && lanes.k < k)
      throw new Error(`The points were laid for ${lanes.k} centroids, and the task is of ${k}.`);
    const team =
      lanes ?? (await holdOnLanes(grid, () => points.values(), { ...options, k, signal }));
    const session = new WasmSession(task, team, lanes === null);
    try {
      await session.#setUp();
      return session;
    } catch (error) {
      await session.dispose();
      throw error;
    }
  }

  get algorithm(): Algorithm {
    return this.#way === 'brute' ? 'lloyd' : 'filtered';
  }

  async #setUp(): Promise<void> {
    const { k } = this.#task;
    const { columns, columnExponents, historyExponent } = this.#grid;
    const manhattan = this.#task.distance === 'manhattan';
    const bound = manhattan ? manhattanBound(columns) : nearTieBound(columns);
    await this.#team.each((shard) =>
      shard.lane.run([
        call('setDistance', manhattan ? 1 : 0),
        call('setBound', bound.relative, bound.root, bound.absolute),
        call('openExact', k),
      ]),
    );
    this.#at = addresses(
      CONDUCTOR_ADDRESSES,
      await this.#team.conductor.run([
        call('openUpdate', columns, k, historyExponent),
        ...CONDUCTOR_ADDRESSES.map((name) => call(name)),
      ]),
    );
    await this.#team.conductor.run([write(this.#at.updateExponentsAt, columnExponents)]);
  }

  /** Orders or packs the points, once each; not before there are centroids: seeding has the room until then. */
  async #openWay(): Promise<void> {
    const { k } = this.#task;
    const before = this.#open;
    if (this.#way === before) return;
    this.#open = this.#way;
    await this.#team.each(async (shard) => {
      const { lane } = shard;
      // what the way before took makes room
      if (before === 'bounds') await lane.run([call('dropBounds')]);
      if (this.#way === 'boxes') {
        await orderRows(lane, call('openOrder'), this.#task.signal);
        await lane.run([call('openFilter', k)]);
      } else if (this.#way === 'bounds')
        await lane.run([call('dropTree'), call('openBounds', k), ...this.#packCalls(shard)]);
      else await lane.run([call('dropTree'), call('openBrute', k), ...this.#packCalls(shard)]);
    });
  }

  #packCalls(shard: Shard): Step[] {
    const name = this.#way === 'bounds' ? 'packBounds' : 'pack';
    return blockCalls(name, shard, PACK_NUMBERS / this.#grid.columns);
  }

  async place(centroids: Float32Array): Promise<void> {
    this.#k = centroids.length / this.#grid.columns;
    this.#centroids = centroids.slice();
    this.#course = new Course(this.#task, this.#grid, this.#centroids);
    this.#behind = false;
    this.#passes = 0;
    await this.#openWay();
    await this.#forget();
    if (this.#way === 'bounds') await this.#tell(call('forgetBounds'));
    await this.#team.conductor.run([write(this.#at.updateCentroidsAt, this.#centroids)]);
  }

  #forget(): Promise<unknown> {
    return this.#tell(this.#way === 'boxes' ? call('forget') : call('forgetBrute', this.#task.k));
  }

  async step(iterations: number): Promise<Status> {
    if (this.#behind && this.#course.stop === null && iterations > 0) await this.#catchUp();
    for (let i = 0; i < iterations && this.#course.stop === null; i++) {
      this.#task.signal?.throwIfAborted();
      await this.#iterate();
      const waiting = this.#pause();
      if (waiting) await waiting;
    }
    return this.#course.status();
  }

  async #iterate(): Promise<void> {
    const { moved, counts } = await this.#pass();
    const empty = emptiesOf(counts);
    const relocated =
      empty > 0 && this.#task.emptyCluster === 'relocate' ? await this.#relocate(counts) : 0;
    const k = this.#k;
    const [, ...results] = await this.#team.conductor.run([
      call('divide', k),
      ...[0, 1, 2, 3, 4, 5].map((n) => call('word', n)),
      read(this.#at.updateCentroidsAt, 4 * this.#centroids.length),
    ]);
    const words = results.slice(0, 6).map((word) => BigInt(word as number));
    const shift = (words[1] << 32n) + words[0];
    const explainedSum = words
      .slice(2)
      .reduce((sum, word, index) => sum + (word << BigInt(32 * index)), 0n);
    const inertia = runningInertia(this.#grid, explainedSum);
    this.#course.note(this.#centroids, { moved, empty, relocated, shift, inertia });
    this.#centroids = new Float32Array(results[6] as ArrayBuffer);
  }

  /** Labels, sums and counts for the current centroids; totals are left with the conductor. */
  async #pass(): Promise<{ moved: number; counts: Uint32Array }> {
    const cells = this.#k * this.#grid.columns;
    const k = this.#k;
    await this.#team.conductor.run([call('clearTotals', k)]);
    let moved = 0;
    let compared = 0;
    const way = this.#way;
    await this.#team.each(async (shard) => {
      const { lane, at } = shard;
      const findings = [
        call('movedRows'),
        call(way === 'boxes' ? 'comparedCandidates' : 'timesLookedCloser'),
        read(at.sumsAt, 8 * cells),
        read(at.countsAt, 4 * k),
      ];
      if (way === 'bounds' && this.#passes === 1) {
        const [again] = await lane.run([call('orderByLabel')]);
        if (again === 1) await lane.run(this.#packCalls(shard));
      }
      const start = [
        write(at.centroidsAt, this.#centroids),
        call('setCentroids', k),
        call('begin'),
        call('quantizeCentroids'),
        call(START[way]),
      ];
      // Long work in messages of its own: an aborted run leaves its lanes to the next one soon.
      const [first, ...others] = this.#calls(shard);
      let results = await lane.run([...start, first, ...findings]);
      if (way !== 'brute' && results[start.length] === 1) others.push(first);
      while (others.length > 0) {
        this.#task.signal?.throwIfAborted();
        const [done] = await lane.run([others[0]]);
        if (way === 'brute' || done !== 1) others.shift();
        if (others.length === 0) results = await lane.run(findings);
      }
      const [own, candidates, sums, counts] = results.slice(-4);
      moved += own as number;
      compared += candidates as number;
      await this.#team.conductor.run([
        write(this.#at.updateLaneAt, new Uint8Array(sums as ArrayBuffer)),
        write(this.#at.updateLaneAt + 8 * cells, new Uint8Array(counts as ArrayBuffer)),
        call('addLane', k),
      ]);
    });
    this.#passes++;
    if (this.#deciding) await this.#decide(compared);
    const [counts] = await this.#team.conductor.run([read(this.#at.updateCountsAt, 4 * k)]);
    return { moved, counts: new Uint32Array(counts as ArrayBuffer) };
  }

  /** The calls that label all rows of a shard; only brute force has several, the others say whether to call again. */
  #calls(shard: Shard): Step[] {
    const { columns } = this.#grid;
    if (this.#way === 'boxes') return [call('filter', Math.ceil(FILTER_WORK / columns))];
    if (this.#way === 'bounds') return [call('bound', BRUTE_WORK)];
    // a row that moves costs as much as some distances
    return blockCalls('brute', shard, BRUTE_WORK / (this.#k * columns + 128));
  }

  /** After the first iteration: whether boxes spared enough, or bounds could tell rows apart. */
  async #decide(compared: number): Promise<void> {
    this.#deciding = false;
    const boxes = this.#way === 'boxes';
    if (compared <= (boxes ? BOX_SHARE : BOUND_SHARE) * this.#k * this.#grid.rows) return;
    this.#way = 'brute';
    await this.#openWay();
    // labels of bounds stand where brute force has them; those of boxes do not
    if (!boxes) return;
    await this.#forget();
    await this.#pass();
  }

  /** Gives each vacant cluster the farthest row; twin of relocate in the reference engine. */
  async #relocate(counts: Uint32Array): Promise<number> {
    const vacant = [...counts.keys()].filter((j) => counts[j] === 0);
    const contenders = (
      await this.#team.each(async (shard) => {
        const labels = await this.#labelsInOrder(shard);
        const most = vacant.length;
        const [mark, to] = (
          await shard.lane.run([call('used'), call('reserve', 24 * (most + 1))])
        ).map(address);
        const [count, bytes] = await shard.lane.run([
          call('contend', labels, most, to),
          read(to, 24 * most),
          call('release', mark),
        ]);
        return entries(bytes as ArrayBuffer, count as number);
      })
    )
      .flat()
      .sort((a, b) =>
        a.distance === b.distance ? a.row - b.row : a.distance > b.distance ? -1 : 1,
      )
      .slice(0, vacant.length);
    const cells = this.#k * this.#grid.columns;
    const [sumBytes] = await this.#team.conductor.run([read(this.#at.updateSumsAt, 8 * cells)]);
    const sums = new BigInt64Array(sumBytes as ArrayBuffer);
    const values = await this.#task.points.gather(Uint32Array.from(contenders, ({ row }) => row));
    takeRows(this.#grid, { sums, counts }, vacant, contenders, values);
    await this.#team.conductor.run([
      write(this.#at.updateSumsAt, sums),
      write(this.#at.updateCountsAt, counts),
    ]);
    return contenders.length;
  }

  /** Where a shard's labels stand in the caller's order. */
  async #labelsInOrder(shard: Shard): Promise<number> {
    if (this.#way !== 'boxes') return shard.at.labelsAt;
    let at = this.#labelsOut.get(shard);
    if (at === undefined) {
      at = address((await shard.lane.run([call('reserve', 4 * shard.rows)]))[0]);
      this.#labelsOut.set(shard, at);
    }
    await shard.lane.run([call('writeLabels', at)]);
    return at;
  }

  assign(): Promise<Assignment> {
    return this.#look(async () => ({ labels: await this.#labels() }));
  }

  /** Apart from what the algorithm keeps: pieces of the labels go out, and come back replaced. */
  async assignSecond(labels: Uint32Array): Promise<Assignment> {
    const k = this.#k;
    const most = Math.floor(BRUTE_WORK / (k * this.#grid.columns));
    const piece = Math.max(64, Math.min(LABELS_PIECE, most));
    const second = new Uint32Array(labels.length);
    await this.#team.each(async ({ lane, at, first, rows }) => {
      const [mark, room] = (
        await lane.run([
          write(at.centroidsAt, this.#centroids),
          call('setCentroids', k),
          call('quantizeCentroids'),
          call('used'),
          call('reserve', 4 * piece),
          call('openSecond'),
        ])
      )
        .slice(3)
        .map(address);
      const bytes = 4 * Math.min(piece, rows);
      let [out, back] = [new ArrayBuffer(bytes), new ArrayBuffer(bytes)];
      for (let from = 0; from < rows; from += piece) {
        this.#task.signal?.throwIfAborted();
        const count = Math.min(piece, rows - from);
        const own = new Uint32Array(out, 0, count);
        own.set(labels.subarray(first + from, first + from + count));
        const results = await lane.run([
          give(room, own),
          call('second', from, count, room),
          read(room, 4 * count, back),
        ]);
        [out, back] = [results[0] as ArrayBuffer, results[2] as ArrayBuffer];
        second.set(new Uint32Array(back, 0, count), first + from);
      }
      await lane.run([call('release', mark)]);
    });
    return { labels: second };
  }

  /** Mostly the last thing that is asked for: takes no copy of the labels, but time if steps follow. */
  read(): Promise<Clustering> {
    return this.#look(async (counts) => {
      const labels = await this.#labels();
      const cells = this.#k * this.#grid.columns;
      const [sums] = await this.#team.conductor.run([read(this.#at.updateSumsAt, 8 * cells)]);
      return {
        labels,
        counts,
        sums: new BigInt64Array(sums as ArrayBuffer),
        centroids: this.#centroids.slice(),
        history: this.#course.history,
        ...(await this.#summary()),
      };
    }, false);
  }

  /** One more pass, which leaves the labels as they were where iterations may follow. */
  async #look<T>(take: (counts: Uint32Array) => Promise<T>, keep = true): Promise<T> {
    const { k } = this.#task;
    const goesOn = this.#course.stop === null;
    const before = this.#way;
    const boxes = before === 'boxes';
    const kept = goesOn && keep && !this.#behind;
    if (kept) await this.#tell(boxes ? call('keepLabels') : call('keepBrute', k));
    const { counts } = await this.#pass();
    const taken = await take(counts);
    // a look before the first iteration may have chosen another algorithm, which knows no labels yet
    if (kept && this.#way === before)
      await this.#tell(boxes ? call('restoreLabels') : call('restoreBrute', k));
    else this.#behind = goesOn;
    return taken;
  }

  /** Brings back the labels of the last iteration, where a look has left others. */
  async #catchUp(): Promise<void> {
    this.#behind = false;
    await this.#forget();
    if (this.#course.history.length === 0) return;
    const now = this.#centroids;
    this.#centroids = this.#course.previous;
    await this.#pass();
    this.#centroids = now;
  }

  /** All labels, in the caller's order. */
  async #labels(): Promise<Uint32Array> {
    const labels = new Uint32Array(this.#grid.rows);
    await this.#team.each(async (shard) => {
      const at = await this.#labelsInOrder(shard);
      let buffer = new ArrayBuffer(4 * Math.min(LABELS_PIECE, shard.rows));
      for (let from = 0; from < shard.rows; from += LABELS_PIECE) {
        const count = Math.min(LABELS_PIECE, shard.rows - from);
        const results = await shard.lane.run([read(at + 4 * from, 4 * count, buffer)]);
        buffer = results[0] as ArrayBuffer;
        labels.set(new Uint32Array(buffer, 0, count), shard.first + from);
      }
    });
    return labels;
  }

  /** Sizes and fingerprint of the labels, found where they are. */
  async #summary(): Promise<{ sizes: Uint32Array; labelSums: Sums }> {
    const bytes = 4 * this.#k;
    const parts = await this.#team.each(async (shard) => {
      const labels = await this.#labelsInOrder(shard);
      const [mark, room] = (await shard.lane.run([call('used'), call('reserve', bytes)])).map(
        address,
      );
      const results = await shard.lane.run([
        give(room, new Uint32Array(this.#k)),
        call('countLabels', labels, shard.rows, room),
        read(room, bytes),
        call('release', mark),
        call('sumWords', labels, shard.rows, shard.first),
        call('firstSum'),
        call('secondSum'),
      ]);
      return {
        sizes: new Uint32Array(results[2] as ArrayBuffer),
        sums: results.slice(-2) as number[],
      };
    });
    return {
      sizes: parts.map(({ sizes }) => sizes).reduce((a, b) => a.map((size, j) => size + b[j])),
      labelSums: [0, 1].map((n) =>
        parts.reduce((sum, part) => (sum + part.sums[n]) % 2 ** 32, 0),
      ) as unknown as Sums,
    };
  }

  #tell(step: Step): Promise<unknown> {
    return this.#team.each((shard) => shard.lane.run([step]));
  }

  async dispose(): Promise<void> {
    if (this.#owned) this.#team.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** Calls that take a shard's rows in blocks of eight, about `rowsInCall` in each. */
function blockCalls(name: string, { rows }: Shard, rowsInCall: number): Step[] {
  const blocks = Math.ceil(rows / 8);
  const inCall = Math.max(64, Math.floor(rowsInCall / 8));
  return Array.from({ length: Math.ceil(blocks / inCall) }, (_, i) =>
    call(name, i * inCall, Math.min(blocks, (i + 1) * inCall)),
  );
}

function entries(bytes: ArrayBuffer, count: number) {
  const view = new DataView(bytes);
  return Array.from({ length: count }, (_, i) => ({
    distance: (view.getBigUint64(24 * i, true) << 32n) + view.getBigUint64(24 * i + 8, true),
    row: view.getUint32(24 * i + 16, true),
    label: view.getUint32(24 * i + 20, true),
  }));
}
