/** Watches how long a page's main thread is away, in three ways that do not see the same. */
import type { Away } from './measure.ts';

export class Watch {
  readonly #tasks: PerformanceEntry[] = [];
  readonly #observer = new PerformanceObserver((list) => this.#tasks.push(...list.getEntries()));
  readonly #phases: { phase: string; from: number }[] = [];
  #longest = { frame: 0, timer: 0 };
  #watching = true;

  constructor() {
    this.#observer.observe({ type: 'longtask' });
    this.#every((next) => requestAnimationFrame(next), 'frame');
    this.#every((next) => setTimeout(next, 0), 'timer');
  }

  enter(phase: string): void {
    if (this.#phases.at(-1)?.phase !== phase) this.#phases.push({ phase, from: performance.now() });
  }

  #every(schedule: (next: () => void) => void, kind: 'frame' | 'timer'): void {
    let last = performance.now();
    const next = () => {
      const now = performance.now();
      this.#longest[kind] = Math.max(this.#longest[kind], now - last);
      last = now;
      if (this.#watching) schedule(next);
    };
    schedule(next);
  }

  async stop(): Promise<Away> {
    await pause(300); // entries come late
    this.#watching = false;
    this.#tasks.push(...this.#observer.takeRecords());
    this.#observer.disconnect();
    const during = (at: number) =>
      this.#phases.filter(({ from }) => from <= at).at(-1)?.phase ?? 'before';
    return {
      longTasks: this.#tasks.map(({ startTime, duration }) => ({
        phase: during(startTime),
        milliseconds: duration,
      })),
      frameGap: this.#longest.frame,
      timerGap: this.#longest.timer,
    };
  }
}

export const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
