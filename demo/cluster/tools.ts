/**
 * What the pointer does in the picture: move the view, place centroids, or pick out rows. Each tool
 * is loaded when it is first taken up; this file keeps what they work on, and which one is in hand.
 */
import { byId } from '../dom.ts';
import type { Moment, Plane } from '../messages.ts';
import type { Inside } from './inside.ts';
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
  /** What a column is called. */
  title: (column: number) => string;
  /** Begins a run from these centroids (k × columns) and holds it there. */
  place(centroids: Float32Array): void;
  /** What lies inside an outline; null where that is no longer wanted, or cannot be told. */
  inspect(outline: Float64Array): Promise<Inside | null>;
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

  constructor(
    stage: Stage,
    box: HTMLElement,
    acts: Pick<Bench, 'place' | 'inspect'>,
    onFailure: (message: string) => void,
  ) {
    const bar = byId('tool-bar', HTMLElement);
    const nothing = { moment: null, plane: null, columns: 2, title: String };
    this.#bench = { stage, box, bar, ...nothing, ...acts };
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

  /** The pointer moves the view, and nothing else. */
  get isViewing(): boolean {
    return this.#name === 'view';
  }

  /** New points, and how the picture lies among their columns. */
  setPoints(points: Pick<Bench, 'plane' | 'columns' | 'title'>): void {
    Object.assign(this.#bench, points, { moment: null });
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
      this.#made.set(name, lasso(this.#bench));
    }
    if (this.#name === name) this.#tool?.open();
  }
}
