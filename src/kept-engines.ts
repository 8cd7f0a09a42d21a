/** Engines that stay open over many runs: a fit of many small ones would open its engine for each. */
import type { Engine, EngineName } from './engine.ts';
import { ladder } from './ladder.ts';

export class KeptEngines {
  readonly #opened = new Map<EngineName, Promise<Engine>>();
  readonly #climb: typeof ladder;

  constructor(climb: typeof ladder = ladder) {
    this.#climb = climb;
  }

  /** The same rungs; what one opens is opened once, and closed by {@link dispose}. */
  readonly ladder: typeof ladder = (...problem) =>
    this.#climb(...problem).map((rung) => {
      if (!rung.owned) return rung;
      const open = () => {
        const engine = this.#opened.get(rung.name) ?? rung.open();
        this.#opened.set(rung.name, engine);
        return engine;
      };
      return { ...rung, owned: false, open };
    });

  async dispose(): Promise<void> {
    for (const engine of await Promise.allSettled(this.#opened.values()))
      if (engine.status === 'fulfilled') await engine.value.dispose();
  }
}
