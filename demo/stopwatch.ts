/** Keeps the time of a run without its waits, so that a run stepped by hand tells its own time. */
export class Stopwatch {
  #worked = 0;
  #since: number | null = performance.now();

  pause(): void {
    if (this.#since === null) return;
    this.#worked += performance.now() - this.#since;
    this.#since = null;
  }

  resume(): void {
    this.#since ??= performance.now();
  }

  restart(): void {
    this.#worked = 0;
    this.#since = performance.now();
  }

  get seconds(): number {
    return (this.#worked + (this.#since === null ? 0 : performance.now() - this.#since)) / 1000;
  }
}
