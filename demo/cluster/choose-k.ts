/** The question "How many clusters?": asks the worker, and loads the panel that shows the answer. */
import { byId } from '../dom.ts';
import { once, type Once } from '../once.ts';
import type { Choice } from './choosing.ts';
import type { ChooseKPanel } from './choose-k-panel.ts';

/** Numbers of clusters that are looked at. */
const LEAST = 12;
const MOST = 40;

interface AskOptions {
  signal: AbortSignal;
  onProgress: (share: number) => void;
}

export class ChooseK {
  readonly #button = byId('choose-k', HTMLButtonElement);
  readonly #k = byId('k', HTMLInputElement);
  readonly #ask: (kMax: number, options: AskOptions) => Promise<Choice>;
  readonly #panel: Once<ChooseKPanel>;
  /** Of what is being asked. */
  #asking = new AbortController();

  constructor(
    ask: (kMax: number, options: AskOptions) => Promise<Choice>,
    apply: (k: number) => void,
  ) {
    this.#ask = ask;
    const stop = () => {
      this.forget();
      this.#button.focus();
    };
    this.#panel = once(async () => {
      const { chooseKPanel } = await import('./choose-k-panel.ts');
      return chooseKPanel(byId('chosen', HTMLElement), stop, apply);
    });
    this.#button.addEventListener('click', () => void this.#begin());
  }

  /** The points are others, or the user does not want to know. */
  forget(): void {
    this.#asking.abort();
    this.#button.disabled = false;
    void this.#panel.made?.then((panel) => panel.hide());
  }

  async #begin(): Promise<void> {
    const { signal } = (this.#asking = new AbortController());
    this.#button.disabled = true;
    const panel = await this.#panel().catch(() => null); // the button tries again
    if (panel && !signal.aborted) {
      panel.start();
      // A half more than there are now, so that what lies beyond is seen.
      const now = Math.ceil(1.5 * Number(this.#k.value));
      const kMax = Math.min(MOST, Math.max(LEAST, now));
      await this.#ask(kMax, { signal, onProgress: (share) => panel.tell(share) }).then(
        (choice) => panel.show(choice),
        (error: Error) => signal.aborted || panel.fail(error.message),
      );
    }
    if (!signal.aborted) this.#button.disabled = false;
  }
}
