/**
 * The iterations of a run as a line to go along: a slider, the chart of the inertia above it, and
 * playback. It knows where the run is and which iteration is looked at; pictures come from the worker.
 */
import { byId } from '../dom.ts';
import { count, measure } from '../format.ts';
import { once } from '../once.ts';

const PLAY_MS = 220;
/** A picture of the past that takes longer says so. */
const SLOW_MS = 250;
/** A run that takes longer has its chart before its end. */
const LONG_MS = 1200;

export interface TimelineEvents {
  /** This iteration is to be shown, of a run that has come to `head`. */
  look(iteration: number, head: number): void;
  /** All iterations up to `head` are to be known. */
  lacks(head: number): void;
  /** Playback has come to the head. */
  played(): void;
  /** What the buttons may do has changed. */
  changed(): void;
}

/** What is known of the iterations, in order; a run in batches leaves some out until its end. */
export interface Records {
  iterations: number[];
  inertias: number[];
  moves: number[];
}

export class Timeline {
  readonly #events: TimelineEvents;
  readonly #slider = byId('moment', HTMLInputElement);
  readonly #steps = [
    byId('moment-back', HTMLButtonElement),
    byId('moment-on', HTMLButtonElement),
  ] as const;
  readonly #words = byId('moment-value', HTMLElement);
  readonly #inertia = byId('moment-inertia', HTMLElement);
  readonly #moved = byId('moment-moved', HTMLElement);
  readonly #late = byId('late-gains', HTMLInputElement);
  readonly #box = byId('inertia-chart', HTMLElement);
  #records: Records = { iterations: [], inertias: [], moves: [] };
  #head = 0;
  /** Asked for, and on the screen. */
  #at = 0;
  #shown = 0;
  /** When what was asked for counts as slow; 0: it is here. */
  #waiting = 0;
  #since = 0;
  #timer = 0;
  /** The head that the records in between were asked for. */
  #asked = 0;
  readonly #chart = once(async () => {
    const { inertiaChart } = await import('./inertia-chart.ts');
    return inertiaChart(this.#box, {
      look: (iteration) => {
        this.pause();
        this.look(iteration);
      },
      hover: (iteration) => {
        this.#tell(iteration ?? this.#at);
      },
    });
  });

  constructor(events: TimelineEvents) {
    this.#events = events;
    this.#slider.addEventListener('input', () => {
      this.pause();
      this.look(Number(this.#slider.value));
    });
    const [back, on] = this.#steps;
    back.addEventListener('click', () => this.step(-1));
    on.addEventListener('click', () => this.step(1));
    this.#late.addEventListener('change', () => this.#draw());
    this.#write();
  }

  /** The picture is of the past. */
  get isBehind(): boolean {
    return this.#at < this.#head;
  }

  /** When it was, of a picture of the past. */
  get inWords(): string {
    return this.#shown < this.#head
      ? `, after ${count(this.#shown)} of ${count(this.#head)} iterations`
      : '';
  }

  get isPlaying(): boolean {
    return this.#timer !== 0;
  }

  /** A run begins, or goes on: there is nothing to look back at until it rests. */
  leave(): void {
    this.pause();
    this.#enable(false);
    this.#at = this.#shown = this.#head;
    this.#arrived();
    this.#write();
  }

  clear(): void {
    this.#records = { iterations: [], inertias: [], moves: [] };
    this.#head = this.#asked = 0;
    this.#since = performance.now();
    this.leave();
    this.#draw();
  }

  /** One more is known. */
  add(iteration: number, inertia: number, moved: number): void {
    const { iterations, inertias, moves } = this.#records;
    if (iteration <= (iterations[iterations.length - 1] ?? 0)) return;
    iterations.push(iteration);
    inertias.push(inertia);
    moves.push(moved);
    this.#head = this.#at = this.#shown = iteration;
    this.#write();
    // On the first visit nothing is loaded beside the run itself, which takes a moment.
    if (this.#chart.made || performance.now() - this.#since > LONG_MS) this.#draw();
  }

  /** All are known, as far as the run has come. */
  complete(inertias: Float64Array, moves: Float64Array): void {
    const iterations = Array.from(inertias, (_, at) => at + 1);
    this.#records = { iterations, inertias: [...inertias], moves: [...moves] };
    this.#write();
    this.#draw();
  }

  /** The run rests at this iteration, which is on the screen. */
  rest(head: number): void {
    this.#head = this.#at = this.#shown = head;
    this.#enable(head > 0);
    this.#write();
    this.#draw();
  }

  look(iteration: number): void {
    if (this.#slider.disabled) return;
    this.#at = Math.max(0, Math.min(this.#head, iteration));
    this.#write();
    void this.#chart.made?.then((chart) => chart.mark(this.#at));
    this.#waiting ||= window.setTimeout(() => {
      this.#tell(this.#at, 'finding it…');
    }, SLOW_MS);
    const isKnown = this.#records.iterations.length >= this.#head;
    if (!isKnown && this.#asked !== this.#head) this.#events.lacks((this.#asked = this.#head));
    this.#events.look(this.#at, this.#head);
    this.#events.changed();
  }

  /** The picture that was asked for has come. */
  saw(iteration: number): void {
    this.#shown = iteration;
    this.#arrived();
    this.#write();
  }

  /** No picture will come. */
  lost(): void {
    this.#arrived();
    this.pause();
    this.#write();
  }

  #arrived(): void {
    clearTimeout(this.#waiting);
    this.#waiting = 0;
  }

  step(by: 1 | -1): void {
    this.pause();
    this.look(this.#at + by);
  }

  play(): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.look(this.#head);
      return this.#events.played();
    }
    this.#timer = window.setInterval(() => {
      if (this.#waiting) return;
      if (this.isBehind) return this.look(this.#at + 1);
      this.pause();
      this.#events.played();
    }, PLAY_MS);
    this.#events.changed();
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#events.changed();
  }

  #enable(isOn: boolean): void {
    for (const control of [this.#slider, ...this.#steps]) control.disabled = !isOn;
  }

  #write(): void {
    this.#slider.max = String(this.#head);
    this.#slider.value = String(this.#at);
    this.#slider.style.setProperty('--filled', `${(100 * this.#at) / (this.#head || 1)}%`);
    this.#tell(this.#at);
    const facts = [this.#inWords(this.#at), ...this.#facts(this.#at)].join(' · ');
    this.#slider.setAttribute('aria-valuetext', `Iteration ${facts}`);
  }

  /** An iteration beside the slider and at the chart's lines. */
  #tell(iteration: number, more?: string): void {
    const words = this.#inWords(iteration);
    this.#words.textContent = more ? `${words} · ${more}` : words;
    const [inertia = '', moved = ''] = this.#facts(iteration);
    this.#inertia.textContent = inertia.replace('inertia ', '');
    this.#moved.textContent = moved.replace(' moved', '');
  }

  #inWords(iteration: number): string {
    if (this.#head === 0) return 'none yet';
    const words = `${count(iteration)} of ${count(this.#head)}`;
    return iteration === 0 ? `${words} · first centroids` : words;
  }

  #facts(iteration: number): string[] {
    const at = this.#records.iterations.indexOf(iteration);
    if (at < 0) return [];
    const { inertias, moves } = this.#records;
    return [`inertia ${measure(inertias[at])}`, `${count(moves[at])} moved`];
  }

  #draw(): void {
    if (this.#records.iterations.length === 0 && !this.#chart.made) return;
    void this.#chart().then(
      (chart) => {
        chart.draw(this.#records, this.#late.checked);
        chart.mark(this.#at);
      },
      () => {}, // it did not load: the slider tells the same
    );
  }
}
