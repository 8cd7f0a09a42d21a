/** Lanes for points that have been laid on the grid before. */
import { powerOfTwo, SUM_BITS, type GridFacts } from '../grid.ts';
import { give, write } from './lane.ts';
import { Team, type TeamOptions } from './team.ts';

/**
 * A team that holds points; whoever asks for it disposes it.
 * @throws EngineUnavailableError where WebAssembly or SIMD is missing; OutOfMemoryError
 */
export async function holdOnLanes(
  { rows, columns, weights, columnExponents }: GridFacts,
  values: () => Promise<Float32Array>,
  options: Pick<TeamOptions, 'k' | 'threads' | 'workers' | 'worker' | 'signal'>,
): Promise<Team> {
  const weighted = weights !== null;
  const team = await Team.open({ ...options, rows, columns, weighted, numberBytes: 4 });
  try {
    const laid = await values();
    const steps = Float32Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e));
    await team.each(({ lane, first, rows: own, at }) =>
      lane.run([
        write(at.sumStepsAt, steps),
        give(at.pointsAt, laid.slice(first * columns, (first + own) * columns)),
        ...(weights ? [give(at.weightsAt, weights.slice(first, first + own))] : []),
      ]),
    );
    return team;
  } catch (error) {
    team.dispose();
    throw error;
  }
}
