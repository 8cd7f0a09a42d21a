/**
 * A run over pages: each iteration brings one page after the other to a session of the engine, which labels
 * its rows and adds them up; the next page is read meanwhile. What pages add up to are integers, so the
 * result has the bits of a run over all rows at once, and does not depend on the size of a page.
 *
 * Memory: what the engine takes for a page, and what pages take (pages.ts, labels.ts).
 */
import { breather } from '../breathe.ts';
import type {
  Algorithm,
  Assignment,
  Clustering,
  Engine,
  Session,
  Status,
  Task,
} from '../engine.ts';
import { Course, emptiesOf } from '../course.ts';
import { runningInertia } from '../grid.ts';
import { sumWords, type Sums } from '../hash.ts';
import { mainMemory } from '../laid-points.ts';
import { Farthest } from '../metric/farthest.ts';
import { divide, movedRows, takeRows, type Totals } from '../lloyd.ts';
import type { PagedPoints } from './paged-points.ts';
import type { Page } from './pages.ts';

/** Of a column: with so many centroids the block filter pays for bringing rows in order each time. */
const FILTER_CENTROIDS = 32;

type Place = Omit<Page, 'data'>;

export class PagedSession implements Session {
  readonly #engine: Engine;
  readonly #task: Task;
  readonly #points: PagedPoints;
  readonly #pause: () => Promise<void> | undefined;
  /** What the points' holder had when it was given the page. */
  #holds = 0;
  /** The engine's, on a page. */
  #session: Session | null = null;
  #algorithm: Algorithm;
  #centroids = new Float32Array();
  /** Whether rows have no labels yet. */
  #fresh = true;
  /** Of the last iteration, as long as they are those of the centroids. */
  #totals: Totals | null = null;
  #course!: Course;

  constructor(engine: Engine, task: Task, points: PagedPoints) {
    this.#engine = engine;
    this.#task = task;
    this.#points = points;
    this.#pause = breather(task.signal);
    this.#algorithm = this.#asked === 'filtered' ? 'filtered' : 'lloyd';
  }

  get algorithm(): Algorithm {
    return this.#algorithm;
  }

  /** Pages are brought in order anew every time, which takes many centroids to pay. */
  get #asked(): Task['algorithm'] {
    const { algorithm, k } = this.#task;
    const stays = this.#points.pageCount === 1;
    if (algorithm !== 'auto' || stays) return algorithm;
    return k >= FILTER_CENTROIDS * this.#points.grid.columns ? algorithm : 'lloyd';
  }

  get #k(): number {
    return this.#centroids.length / this.#points.grid.columns;
  }

  async place(centroids: Float32Array): Promise<void> {
    this.#centroids = centroids.slice();
    this.#course = new Course(this.#task, this.#points.grid, this.#centroids);
    this.#fresh = true;
    this.#totals = null;
  }

  async step(iterations: number): Promise<Status> {
    for (let i = 0; i < iterations && this.#course.stop === null; i++) await this.#iterate();
    return this.#course.status();
  }

  async #iterate(): Promise<void> {
    const { grid, labels } = this.#points;
    let moved = 0;
    const totals = await this.#pass(async ({ index }, found) => {
      moved += movedRows(this.#fresh ? null : await labels.get(index), found);
      await labels.put(index, found);
    });
    this.#fresh = false;
    const empty = emptiesOf(totals.counts);
    const relocated =
      empty > 0 && this.#task.emptyCluster === 'relocate' ? await this.#relocate(totals) : 0;
    const previous = this.#centroids;
    this.#centroids = previous.slice();
    const { shift, explainedSum } = divide(grid, this.#centroids, totals);
    const inertia = runningInertia(grid, explainedSum);
    this.#course.note(previous, { moved, empty, relocated, shift, inertia });
    // where no row moves, the centroids are the means that they were
    this.#totals = this.#course.stop === 'labels' ? totals : null;
  }

  /** Brings every page to the engine; sums and counts for the current centroids. */
  async #pass(visit: (page: Place, labels: Uint32Array) => void | Promise<void>): Promise<Totals> {
    const totals: Totals = {
      sums: new BigInt64Array(this.#centroids.length),
      counts: new Uint32Array(this.#k),
    };
    for await (const { page, session } of this.#sessions()) {
      await session.place(this.#centroids);
      const { labels, sums, counts } = await session.read();
      this.#algorithm = session.algorithm;
      for (let at = 0; at < sums.length; at++) totals.sums[at] += sums[at];
      for (let j = 0; j < counts.length; j++) totals.counts[j] += counts[j];
      await visit(page, labels);
      const waiting = this.#pause();
      if (waiting) await waiting;
    }
    return totals;
  }

  /** All pages, each in a session of the engine. A single one stays there. */
  async *#sessions(): AsyncGenerator<{ page: Place; session: Session }, void> {
    const session = this.#session;
    if (session && this.#points.pageCount === 1 && this.#points.holds === this.#holds) {
      yield { page: { index: 0, first: 0, rows: this.#points.rowsOf(0) }, session };
      return;
    }
    for await (const page of this.#points.pages(this.#task.signal))
      yield { page, session: await this.#load(page) };
  }

  async #load(page: Page): Promise<Session> {
    await this.#unload();
    const { holder } = this.#points;
    // lanes that served seeding only are given back
    if (!this.#engine.holder) holder.dispose();
    const owner = this.#engine.holder ? holder : mainMemory;
    const points = await owner.hold(this.#points.factsOf(page), page.data);
    this.#holds = this.#points.holds;
    this.#session = await this.#engine.open({
      ...this.#task,
      points,
      algorithm: this.#asked,
      shiftLimit: 0n,
      emptyCluster: 'keep',
      restorePoints: false,
    });
    return this.#session;
  }

  async #unload(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.dispose();
  }

  /** Gives each vacant cluster the farthest row; twin of relocate in the reference engine. */
  async #relocate(totals: Totals): Promise<number> {
    const { grid, labels } = this.#points;
    const { counts } = totals;
    const vacant = [...counts.keys()].filter((j) => counts[j] === 0);
    const farthest = new Farthest(vacant.length, this.#centroids, grid.columns, 'euclidean');
    for await (const page of this.#points.pages(this.#task.signal)) {
      const { weights } = this.#points.factsOf(page);
      const own = { ...page, labels: await labels.get(page.index), weights };
      await farthest.add(own, this.#pause);
    }
    const { rows } = farthest;
    const values = await this.#points.gather(Uint32Array.from(rows, ({ row }) => row));
    takeRows(grid, totals, vacant, rows, values);
    return rows.length;
  }

  async assign(): Promise<Assignment> {
    const all = new Uint32Array(this.#points.grid.rows);
    await this.#pass(({ first }, labels) => all.set(labels, first));
    return { labels: all };
  }

  async assignSecond(labels: Uint32Array): Promise<Assignment> {
    const second = new Uint32Array(labels.length);
    for await (const { page, session } of this.#sessions()) {
      const { first, rows } = page;
      await session.place(this.#centroids);
      second.set((await session.assignSecond(labels.slice(first, first + rows))).labels, first);
    }
    return { labels: second };
  }

  /** One more pass, but where the last iteration found all that there is to know. */
  async read(without?: 'labels'): Promise<Clustering> {
    const { grid, labels, allLabels } = this.#points;
    const all = new Uint32Array(allLabels && !without ? grid.rows : 0);
    const sizes = new Uint32Array(this.#k);
    let labelSums: Sums = [0, 0];
    const note = (first: number, found: ArrayLike<number>) => {
      for (let i = 0; i < found.length; i++) sizes[found[i]]++;
      const [a, b] = sumWords(found, first);
      labelSums = [(labelSums[0] + a) >>> 0, (labelSums[1] + b) >>> 0];
      if (all.length > 0) all.set(found, first);
    };
    if (this.#totals)
      for (let page = 0; page < this.#points.pageCount; page++) {
        note(page * this.#points.pageRows, await labels.get(page));
        const waiting = this.#pause();
        if (waiting) await waiting;
      }
    const totals = this.#totals ?? (await this.#pass(({ first }, found) => note(first, found)));
    return {
      labels: all,
      sizes,
      labelSums,
      centroids: this.#centroids.slice(),
      sums: totals.sums.slice(),
      counts: totals.counts.slice(),
      history: this.#course.history,
    };
  }

  async dispose(): Promise<void> {
    await this.#unload();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
