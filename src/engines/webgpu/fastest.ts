/** Which of a few candidates is fastest, found out in a time that is given. Knows nothing of GPUs. */

export interface Race<C> {
  /** The first is what would be used otherwise. */
  readonly candidates: readonly C[];
  /** Resolves when a candidate can be timed; all are asked at once. */
  prepare(candidate: C): Promise<unknown>;
  /** ms that so many repetitions took. */
  time(candidate: C, repetitions: number): Promise<number>;
  /** ms for all of it, but for preparing the first, which is needed in any case. */
  readonly budget: number;
  /** ms since whenever. */
  now(): number;
}

/** Repetitions take at least so many ms: less is noise, and some clocks tick ten times a millisecond. */
const LEAST_MS = 2;
const ROUNDS = 3;
const MOST_REPETITIONS = 4096;
/** What is faster by less than this share may be so by chance. */
const MARGIN = 0.05;

/**
 * The fastest, or the first where none is faster by more than chance. Null where the time did not
 * suffice to compare any two.
 */
export async function fastest<C>(race: Race<C>): Promise<C | null> {
  const { candidates, budget, now } = race;
  const [first] = candidates;
  const prepared = candidates.map((candidate) => race.prepare(candidate));
  for (const one of prepared) one.catch(() => {}); // told where it is waited for

  await prepared[0];
  const end = now() + budget;
  const left = () => end - now();
  await race.time(first, 1); // some drivers compile only now
  let repetitions = 1;
  let took = 0;
  for (;;) {
    if (left() <= 0) return null;
    took = await race.time(first, repetitions);
    if (took >= LEAST_MS || repetitions >= MOST_REPETITIONS) break;
    repetitions *= took > 0 ? Math.min(16, Math.ceil(LEAST_MS / took) + 1) : 16;
  }
  const best = candidates.map((_, i) => (i === 0 ? took : Infinity));
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, candidate] of candidates.entries()) {
      if (round === 0 && i === 0) continue; // just timed
      // nobody knows how long a candidate takes before it has been timed: about as long as the first
      if (left() < Math.min(best[i], best[0])) return decide(candidates, best);
      if (!(await within(prepared[i], left))) continue;
      best[i] = Math.min(best[i], await race.time(candidate, repetitions));
    }
  return decide(candidates, best);
}

function decide<C>(candidates: readonly C[], best: readonly number[]): C | null {
  const compared = best.filter((took) => took < Infinity).length;
  if (compared < 2) return null;
  const least = best.indexOf(Math.min(...best));
  return best[least] < (1 - MARGIN) * best[0] ? candidates[least] : candidates[0];
}

/** Whether a promise resolves while there is time left. @throws what it rejects with */
async function within(promise: Promise<unknown>, left: () => number): Promise<boolean> {
  if (left() <= 0) return false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), left())));
  try {
    return await Promise.race([promise.then(() => left() > 0), late]);
  } finally {
    clearTimeout(timer);
  }
}
