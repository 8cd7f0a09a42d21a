/**
 * What the pointer does in the picture: move the view, place centroids, or pick out rows. Each tool
 * is loaded when it is first taken up; this file keeps what they work on, and which one is in hand.
 */
import { byId } from '../dom.ts';
import type { Plane } from '../messages.ts';
import type { Inside, Moment } from './inquiry-messages.ts';
import type { Stage } from './stage.ts';

/** What tools work on. */
export interface Bench {
  readonly stage: Stage;
  readonly box: HTMLElement;
  /** Buttons and words of the tool, below the picture. */
  readonly bar: HTMLElement;
  /** What the picture shows; null before the first, and while it runs. */
  moment: Moment | null;
  plane: Plane | null;
  columns: number;
  /** Begins a run from these centroids (k × columns) and holds it there. */
  place(centroids: Float32Array): void;
  /** Asks for what lies inside an outline. */
  inspect(outline: Float64Array): void;
}

export interface Tool {
  open(): void;
  close(): void;
  /** The view moved, or the centroids did. */
  redraw(): void;
  /** There is another picture. */
  renew(): void;
  /** There are other points. */
  forget(): void;
}

type Name = 'view' | 'centroids' | 'lasso';

export class Tools {
  readonly #bench: Bench;
  readonly #made = new Map<Name, Tool>();
  #name: Name = 'view';
  #showInside: ((inside: Inside) => void) | null = null;

  constructor(
    stage: Stage,
    box: HTMLElement,
    acts: Pick<Bench, 'place' | 'inspect'>,
    onFailure: (message: string) => void,
  ) {
    const bar = byId('tool-bar', HTMLElement);
    this.#bench = { stage, box, bar, moment: null, plane: null, columns: 2, ...acts };
    for (const input of document.querySelectorAll<HTMLInputElement>('input[name=tool]')) {
      input.checked = input.value === this.#name;
      input.addEventListener('change', () => {
        this.#take(input.value as Name).catch(() =>
          onFailure('This tool did not load. Check the connection and choose it again.'),
        );
      });
    }
  }

  /** The user moves a centroid: pictures from before would undo it. */
  get isBusy(): boolean {
    return this.#bench.box.classList.contains('placing');
  }

  /** New points, and how the picture lies among their columns. */
  setPoints(plane: Plane | null, columns: number): void {
    Object.assign(this.#bench, { plane, columns });
    this.#bench.moment = null;
    for (const tool of this.#made.values()) tool.forget();
    this.#tool?.renew();
  }

  /** A whole picture is shown; null: the run goes on. */
  setMoment(moment: Moment | null): void {
    this.#bench.moment = moment;
    this.#tool?.renew();
  }

  redraw(): void {
    this.#tool?.redraw();
  }

  hear(inside: Inside): void {
    this.#showInside?.(inside);
  }

  get #tool(): Tool | undefined {
    return this.#made.get(this.#name);
  }

  async #take(name: Name): Promise<void> {
    this.#tool?.close();
    this.#name = name;
    if (!this.#made.has(name) && name === 'centroids') {
      const { centroidHandles } = await import('./centroid-handles.ts');
      this.#made.set(name, centroidHandles(this.#bench));
    } else if (!this.#made.has(name) && name === 'lasso') {
      const { lasso } = await import('./lasso.ts');
      const made = lasso(this.#bench);
      this.#made.set(name, made);
      this.#showInside = made.showInside;
    }
    if (this.#name === name) this.#tool?.open();
  }
}
