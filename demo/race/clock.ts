/** The tick of this page's clock, which browsers make coarse, and times that are not told finer than that. */
import { duration } from '../format.ts';

/** Milliseconds: 0.1 in Chromium, 1 in Firefox, less where the page is isolated. */
export const TICK = tickOf(() => performance.now());

function tickOf(now: () => number): number {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const before = now();
    let after = before;
    while (after === before) after = now();
    least = Math.min(least, after - before);
  }
  return least;
}

/** A time for people; `parts`: it is one of so many that were timed together. */
export function told(milliseconds: number | null, parts = 1): string {
  if (milliseconds === null) return '–';
  const least = TICK / parts;
  return milliseconds < least / 2 ? `< ${duration(least / 1000)}` : duration(milliseconds / 1000);
}
