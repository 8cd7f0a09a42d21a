/** Which engine and algorithm would run, and why. */
import { ladder, openRung } from './ladder.ts';
import { judgeFor, type KMeansOptions } from './options.ts';
import type { Algorithm, EngineName } from './engine.ts';
import { whereTheyAre } from './gpu-points.ts';
import { EngineUnavailableError, KMeansError } from './errors.ts';
import type { Points } from './matrix.ts';

/** What {@link explain} resolves with. */
export interface Explanation {
  /** The engine that would run. */
  engine: EngineName;
  /**
   * The algorithm that the run would start with. Under `algorithm: 'auto'`, `'filtered'` may give way to
   * `'lloyd'` after the first iteration.
   */
  algorithm: Algorithm;
  /** Why this engine and this algorithm, for people. */
  reason: string;
  /** Engines that would be preferred, and why each cannot be used. */
  passedOver: { engine: EngineName; reason: string }[];
}

const LLOYD = 'lloyd computes every distance';
const FILTERED =
  'filtered spares distances, and under auto gives way where the first iteration shows too few';

/**
 * Says which engine and algorithm {@link kmeans} would use for the same arguments, and why, without
 * clustering. Opens engines to find out.
 *
 * @param points as for `kmeans`, in memory or on the GPU; not a `PointSource`
 * @throws whatever `kmeans` would throw for these arguments
 */
export async function explain(
  points: Points,
  k: number,
  options: KMeansOptions = {},
): Promise<Explanation> {
  const settings = judgeFor(whereTheyAre(points, options), k, options);
  const { rows, columns } = settings.points;
  const rungs = ladder(settings.engine, rows * k * columns, settings);
  const passedOver: Explanation['passedOver'] = [];
  for (const [index, rung] of rungs.entries()) {
    try {
      const engine = await openRung(rung);
      const description = (await engine.describe?.()) ?? engine.description;
      if (rung.owned) await engine.dispose();
      const filtered =
        settings.algorithm === 'auto'
          ? engine.triesFilter?.(rows, columns, k)
          : settings.algorithm === 'filtered';
      return {
        engine: rung.name,
        algorithm: filtered ? 'filtered' : 'lloyd',
        reason: `${rung.name} (${description}): ${rung.why}; ${filtered ? FILTERED : LLOYD}`,
        passedOver,
      };
    } catch (error) {
      if (!(error instanceof KMeansError) || index === rungs.length - 1) throw error;
      const reason = error instanceof EngineUnavailableError ? error.reason : error.message;
      passedOver.push({ engine: rung.name, reason });
    }
  }
  throw new EngineUnavailableError('auto', 'no engine can run here');
}
