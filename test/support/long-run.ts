/**
 * What an ordinary run of the tests leaves to the long one, `CENTROIDS_REPEATS=2 npm test`: more of the same,
 * never the only test of anything. CONTRIBUTING.md lists what it is.
 */
import { inject } from 'vitest';

export const LONG_RUN = inject('repeats') > 1;

/** One of every `step` in an ordinary run, all in a long one; `turn` says which. */
export function someOf<T>(all: readonly T[], step: number, turn = 0): T[] {
  return all.filter((_, i) => LONG_RUN || i % step === turn % step);
}
