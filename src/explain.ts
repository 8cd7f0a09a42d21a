/** Which engine and algorithm would run, and why. */
import { ladder } from './ladder.ts';
import { judgeFor, type KMeansOptions } from './options.ts';
import type { Algorithm, EngineName } from './engine.ts';
import { whereTheyAre } from './gpu-points.ts';
import { EngineUnavailableError, KMeansError } from './errors.ts';
import type { Points } from './matrix.ts';

/** What {@link explain} resolves with. */
export interface Explanation {
  engine: EngineName;
  /** The one the run begins with: under `'auto'` its first iteration may show that the filter does not pay. */
  algorithm: Algorithm;
  /** One sentence. */
  reason: string;
  /** Engines that were preferred, and why they cannot be used. */
  passedOver: { engine: EngineName; reason: string }[];
}

const LLOYD = 'lloyd computes every distance';
const FILTERED =
  'filtered spares distances, and under auto gives way where the first iteration shows too few';

/**
 * Says what {@link kmeans} would do with the same arguments, without clustering.
 * @throws as kmeans does, where nothing could run
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
      const engine = await rung.open();
      const { hardware } = engine;
      const description = (await engine.describe?.()) ?? engine.description;
      if (rung.owned) await engine.dispose();
      if (hardware || !rung.onlyHardware) {
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
      }
      passedOver.push({ engine: rung.name, reason: `${description} is no hardware GPU` });
    } catch (error) {
      if (!(error instanceof KMeansError) || index === rungs.length - 1) throw error;
      const reason = error instanceof EngineUnavailableError ? error.reason : error.message;
      passedOver.push({ engine: rung.name, reason });
    }
  }
  throw new EngineUnavailableError('auto', 'no engine can run here');
}
