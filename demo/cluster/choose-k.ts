/** The question "How many clusters?": asks the worker, and loads the panel that shows the answer. */
import { byId } from '../dom.ts';
import type { AnswerOnK } from './inquiry-messages.ts';
import type { ChooseKPanel } from './choose-k-panel.ts';

/** Numbers of clusters that are looked at. */
const LEAST = 12;
const MOST = 40;

export class ChooseK {
  readonly #button = byId('choose-k', HTMLButtonElement);
  readonly #k = byId('k', HTMLInputElement);
  readonly #ask: (kMax: number) => void;
  readonly #cancel: () => void;
  #isAsking = false;
  readonly #panel: () => Promise<ChooseKPanel>;
  #made: Promise<ChooseKPanel> | null = null;

  constructor(ask: (kMax: number) => void, cancel: () => void, apply: (k: number) => void) {
    this.#ask = ask;
    this.#cancel = cancel;
    const card = byId('chosen', HTMLElement);
    const stop = () => {
      this.forget();
      this.#button.focus();
    };
    this.#panel = () =>
      (this.#made ??= import('./choose-k-panel.ts').then(({ chooseKPanel }) =>
        chooseKPanel(card, stop, apply),
      ));
    this.#button.addEventListener('click', () => void this.#begin());
  }

  hear(answer: AnswerOnK): void {
    if (!this.#isAsking) return;
    if (answer.type !== 'choosing-k') this.#setAsking(false);
    void this.#made?.then((panel) => {
      if (answer.type === 'choosing-k') panel.tell(answer.fraction, answer.k);
      else if (answer.type === 'chosen-k') panel.show(answer.chosen, answer.rows, answer.of);
      else panel.fail(answer.message);
    });
  }

  /** The points are others, or the user does not want to know. */
  forget(): void {
    if (this.#isAsking) this.#cancel();
    this.#setAsking(false);
    void this.#made?.then((panel) => panel.hide());
  }

  #setAsking(isAsking: boolean): void {
    this.#isAsking = isAsking;
    this.#button.disabled = isAsking;
  }

  async #begin(): Promise<void> {
    this.#setAsking(true);
    try {
      const panel = await this.#panel();
      panel.start();
      // A half more than there are now, so that what lies beyond is seen.
      const now = Math.ceil(1.5 * Number(this.#k.value));
      this.#ask(Math.min(MOST, Math.max(LEAST, now)));
    } catch {
      this.#made = null;
      this.#setAsking(false);
    }
  }
}
