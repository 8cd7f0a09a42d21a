/** What the page says of a run in words and numbers: its status, its facts, what went wrong. */
import { byId, copy, element, factWriter, say } from '../dom.ts';
import { describe } from '../engine-list.ts';
import { count, duration, measure, plural } from '../format.ts';
import type { FromClusterWorker, Tick } from '../messages.ts';
import { inWords } from './charts.ts';

export const PHASES = {
  load: 'Reading…',
  points: 'Making the points…',
  open: 'Opening the engine…',
  seed: 'Choosing the first centroids…',
  iterate: 'Clustering…',
  refine: 'Searching…',
  read: 'Reading the result…',
};

/** By the names that both options have on the page. */
const WHITEN = [
  /^whiten is true; .*/,
  'Equal scale for all columns is on; expected Euclidean or Manhattan distance with it, not Cosine. ' +
    'Switch it off, or choose another distance.',
] as const;

export class RunReport {
  readonly #facts = factWriter(byId('cluster', HTMLElement));
  readonly #status = byId('status', HTMLElement);
  readonly #alert = byId('alert', HTMLElement);
  readonly #copyHash = byId('copy-hash', HTMLButtonElement);
  #hash = '';
  #run = 0;
  /** Said of runs that no worker does. */
  where = '';

  constructor() {
    this.#copyHash.addEventListener('click', () => {
      void copy(this.#hash).then((copied) => {
        this.#copyHash.textContent = copied ? 'Copied' : 'Not allowed';
        setTimeout(() => (this.#copyHash.textContent = 'Copy'), 1500);
      });
    });
  }

  begin(): void {
    this.#run++;
    this.#hash = '';
    this.#copyHash.disabled = true;
    this.alert('');
    this.say('Getting ready…');
    this.#facts({
      iterations: '0',
      time: '–',
      inertia: '–',
      hash: '–',
      engine: '–',
      adapter: '',
      pace: '',
      settled: '',
    });
  }

  /** @param next what the user may do */
  say(text: string, next = ''): void {
    const words = next === '' ? text : `${text} ${next}`;
    if (this.#status.textContent === words) return;
    this.#status.textContent = text;
    if (next === '') return;
    this.#status.append(element('small', ` ${next}`));
  }

  alert(text: string): void {
    say(this.#alert, text);
    // Files are opened further down, or dropped anywhere.
    if (text !== '') this.#alert.scrollIntoView({ block: 'nearest' });
  }

  fail(message: string): void {
    this.alert(message.replace(...WHITEN));
    this.say('The run failed.');
  }

  iterated({ iteration, inertia, seconds }: Tick): void {
    this.#facts({
      iterations: count(iteration),
      time: duration(seconds),
      inertia: measure(inertia),
    });
  }

  /** @param placed centroids that were placed by hand; 0: the library chose them */
  held(iteration: number, placed: number): void {
    const first = placed ? `${plural(placed, 'centroid')} placed by hand` : 'the first centroids';
    if (iteration === 0)
      this.say(`Stopped at ${first}.`, 'Step does one iteration, Run does them all.');
    else
      this.say(
        `Stopped after ${plural(iteration, 'iteration')}.`,
        'Step does one more, Run does the rest.',
      );
  }

  finish({ outcome, sizes, inertias }: FromClusterWorker & { type: 'done' }): void {
    const { iterations, inertia, seconds, secondsPerIteration, stopReason } = outcome;
    this.#hash = outcome.hash;
    this.#copyHash.disabled = false;
    this.#facts({
      iterations: count(iterations),
      time: duration(seconds),
      inertia: measure(inertia),
      // Zero is what coarse clocks say of a short run.
      pace: secondsPerIteration > 0 ? `${duration(secondsPerIteration)} / iteration` : '',
      hash: this.#hash,
      // The last iteration's is of the labels before its centroids moved.
      settled: measure(inertias.at(-1) ?? inertia) === measure(inertia) ? '' : 'with final labels',
    });
    this.engine(outcome.engine);
    this.say(
      stopReason === 'maxIter'
        ? `Finished at the most iterations, ${iterations}, still moving${this.where}.`
        : `Converged after ${plural(iterations, 'iteration')}${this.where}.`,
    );
    // What others see in the picture.
    this.#status.append(element('span', ` ${inWords(sizes, inertia)}`, 'unseen'));
  }

  engine(engine: string): void {
    this.#facts({ engine });
    const mine = this.#run;
    void describe(engine).then((adapter) => {
      if (mine === this.#run) this.#facts({ adapter });
    });
  }

  painter(isSession: boolean): void {
    this.#facts({ picture: isSession ? 'Drawn on the GPU, from the engine’s own labels' : '' });
  }
}
