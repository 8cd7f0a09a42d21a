/**
 * Keeps the state of a run: `checkpoint` and `resume` of kmeans.
 *
 * Nothing is saved that can be had again. First centroids follow from seed and restart; labels from the
 * centroids before the last iteration, which is repeated (run.ts); the outcome of a run from its centroids; and
 * the search after the restarts from the best so far, the size of its next breath and how many random numbers
 * it has drawn. A run that has converged is not kept as such: repeating its last iteration would not tell
 * so. It counts once it has been read, until then its state is that of the iterations before.
 */
import type { RestorePoint, Status } from '../engine.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Settings } from '../options.ts';
import type { Breath, Solution } from '../refine.ts';
import type { Keeper } from '../schedule.ts';
import type { Init } from '../seeding/index.ts';
import { pack, unpack, type Outcome, type Prints, type State } from './format.ts';
import { choicesOf, judgeChoices, judgePrints, printsOf } from './identity.ts';

/** What iterates, and can be gone on from. */
interface Restorable {
  readonly restorePoint: RestorePoint | null;
}

export class Checkpoints {
  readonly #settings: Settings;
  /** What the run goes on from. */
  readonly from: State | null;
  #prints!: Prints;
  /** Of the present restart, as far as it was told. */
  #iteration: number;
  /** Iterations since a state was written. */
  #since = 0;
  #restart: number;
  #best: Outcome | null;
  #cut: boolean;
  #newest: { state: State; iteration: number } | null = null;

  /** @throws CheckpointError where what is to be resumed is damaged, or the run of other options */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.from = settings.resume === undefined ? null : unpack(settings.resume);
    if (this.from) judgeChoices(this.from, settings);
    this.#iteration = this.from?.under?.history.length ?? 0;
    this.#restart = this.from?.restart ?? 0;
    this.#best = this.from?.best ?? null;
    this.#cut = this.from?.cut ?? false;
  }

  /** @throws CheckpointError where the run to be resumed is one on other points */
  async identify(laid: LaidPoints, inits: readonly Init[]): Promise<void> {
    this.#prints = await printsOf(laid, inits);
    if (this.from) judgePrints(this.from, this.#prints);
  }

  /** Where to go on in a restart, if that has begun. */
  under(restart: number): RestorePoint | null {
    return (restart === this.from?.restart && this.from.under) || null;
  }

  /** Keeps the iterations of a restart. */
  of(search: Restorable): Keeper | undefined {
    const { checkpoint, maxIter } = this.#settings;
    if (!checkpoint) return undefined;
    const left = () => Math.max(1, checkpoint.every - this.#since);
    return {
      get left() {
        return left();
      },
      keep: ({ iteration, stop }: Status) => {
        this.#since += iteration - this.#iteration;
        this.#iteration = iteration;
        if (stop === 'labels' || stop === 'tol') return;
        this.#take(search.restorePoint, null, iteration);
        // what ends by maxIter may go on by another, if nothing before did
        const extendable = iteration >= maxIter && !this.#cut;
        return extendable || this.#since >= checkpoint.every ? this.write() : undefined;
      },
    };
  }

  /** A run of Lloyd has ended, of a restart or of the search. */
  over({ stop, iteration }: Status, phase: 'iterate' | 'refine'): void {
    if (stop !== 'labels' && stop !== 'tol') this.#cut = true;
    if (phase === 'refine') this.#since += iteration;
  }

  /** So many restarts have ended. */
  ended(best: Solution, restart: number): void | Promise<void> {
    this.#restart = restart;
    this.#iteration = 0;
    return this.#advance(best, null, 0);
  }

  /** The search stands between two breaths. */
  breathed(best: Solution, search: Breath): void | Promise<void> {
    return this.#advance(best, search, best.status.iteration);
  }

  #advance({ clustering, status }: Solution, search: Breath | null, iteration: number) {
    const { checkpoint, restarts, refine } = this.#settings;
    if (!checkpoint) return;
    const { centroids, history } = clustering;
    // the clustering is the caller's in the end
    this.#best = { centroids: centroids.slice(), history: history.slice(), stop: status.stop };
    this.#take(null, search, iteration);
    const follows = this.#restart < restarts || refine !== 'none';
    return follows && this.#since >= checkpoint.every ? this.write() : undefined;
  }

  #take(under: RestorePoint | null, search: Breath | null, iteration: number): void {
    const { maxIter } = this.#settings;
    const state = {
      choices: choicesOf(this.#settings),
      prints: this.#prints,
      ...{ maxIter, cut: this.#cut, restart: this.#restart },
      ...{ search, best: this.#best, under },
    };
    this.#newest = { state, iteration };
  }

  /** Writes the newest state, where that has not been done. */
  async write(): Promise<void> {
    const newest = this.#newest;
    if (!newest) return;
    this.#newest = null;
    this.#since = 0;
    await this.#settings.checkpoint!.write(pack(newest.state), { iteration: newest.iteration });
  }
}
