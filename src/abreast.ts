/**
 * Restarts side by side: each on a worker of its own, with the points there once more. Restarts do not
 * know of each other, so the result is that of one after the other, to the bit.
 *
 * It pays where an iteration is so short that workers who share one mostly wait for each other
 * (bench/README.md, "Restarts side by side").
 */
import type { EngineName } from './engine.ts';
import { threadsOf } from './lay-points.ts';
import type { Settings } from './options.ts';
import type { Solution } from './refine.ts';

/**
 * Multiplications of an iteration, rows × k × columns. Fewer are one worker's anyway, or done before a
 * message is there; more keep all workers busy.
 */
const LEAST_WORK = 2 ** 20;
const MOST_WORK = 2 ** 27;
/** Numbers of all copies of the points together: 128 MiB. */
const MOST_NUMBERS = 2 ** 25;
/** So much of the workers' time should be used: two restarts leave two of four with nothing to do. */
const LEAST_USE = 0.6;

/**
 * How many restarts to run at once; 1: one after the other. So it is, too, where somebody looks on, or keeps
 * the state, who sees one run at a time; where a search follows, which has all workers then; and where centres are found
 * on the calling thread.
 */
export async function restartsAbreast(settings: Settings, engine: EngineName): Promise<number> {
  const { restarts, points, k, onProgress, checkpoint, resume, refine, metric } = settings;
  const numbers = points.data.length;
  if (
    restarts === 1 ||
    onProgress ||
    checkpoint ||
    resume ||
    refine !== 'none' ||
    metric !== 'euclidean'
  )
    return 1;
  // an engine that is the caller's may have other threads than these
  if (engine !== 'wasm' || typeof settings.engine === 'object') return 1;
  if (numbers * k < LEAST_WORK || numbers * k > MOST_WORK) return 1;
  const threads = await threadsOf(settings);
  const count = Math.min(restarts, threads);
  const used = restarts / (Math.ceil(restarts / count) * threads);
  return used >= LEAST_USE && count * numbers <= MOST_NUMBERS ? count : 1;
}

/**
 * The best of so many restarts, of equals the first, and the crew that found it; as if they ran one after
 * the other: where some fail, the first of these tells why. All have ended then. `done`: of so many the best is
 * known already; `ended`: told of the best after so many restarts, where they run one after the other.
 */
export async function bestRestart<Crew extends { attempt(restart: number): Promise<Solution> }>(
  restarts: number,
  crews: readonly Crew[],
  done: { restart: number; best: Solution | null } = { restart: 0, best: null },
  ended?: (best: Solution, restart: number) => void | Promise<void>,
): Promise<{ solution: Solution; crew: Crew }> {
  let best: { solution: Solution; crew: Crew; restart: number } | null = done.best && {
    solution: done.best,
    crew: crews[0],
    restart: -1,
  };
  let failure: { error: unknown; restart: number } | null = null;
  let next = done.restart;
  const work = async (crew: Crew) => {
    while (next < restarts) {
      const restart = next++;
      try {
        const solution = await crew.attempt(restart);
        const { inertia } = solution;
        const least = best?.solution.inertia ?? Infinity;
        if (!best || inertia < least || (inertia === least && restart < best.restart))
          best = { solution, crew, restart };
        await ended?.(best.solution, next);
      } catch (error) {
        if (!failure || restart < failure.restart) failure = { error, restart };
        next = restarts; // those that are on their way may fail before this one
      }
    }
  };
  await Promise.all(crews.map(work));
  if (failure) throw (failure as { error: unknown }).error;
  return best!;
}
