/** Decides who lays the points on the grid: lanes where there are enough of them, or the host. */
import { EngineUnavailableError, OutOfMemoryError } from './errors.ts';
import { layOnGrid, standardDeviations, type Frame, type GridOptions } from './grid.ts';
import { inMemory, type LaidPoints } from './laid-points.ts';
import type { Rows } from './matrix.ts';
import { once } from './once.ts';
import type { Settings } from './options.ts';

type Laying = Pick<
  Settings,
  'points' | 'k' | 'weights' | 'whiten' | 'scale' | 'engine' | 'threads' | 'signal'
> & {
  /** One worker alone, for one of several problems side by side. */
  readonly worker?: number | undefined;
};

const lanes = once(() => import('./lanes/lay.ts'));
const pool = once(() => import('./lanes/pool.ts'));

/** Worker threads that there may be. */
export async function threadsOf({ threads }: Pick<Settings, 'threads'>): Promise<number> {
  return threads ?? (await pool()).hardwareThreads();
}

/** Fewer numbers are laid before a lane is there. */
const WORTH_LANES = 2 ** 12;

/** Points on the grid; `cover`: explicit centroids that the range should hold; `frame`: one to keep to. */
export async function layPoints(
  settings: Laying,
  cover: Rows | undefined,
  frame?: Frame,
): Promise<LaidPoints> {
  const { weights, whiten } = settings;
  let { scale } = settings;
  if (whiten && !scale) {
    const unscaled = await lay(settings, { weights });
    scale = standardDeviations(unscaled.grid);
    unscaled.dispose();
  }
  return lay(settings, { weights, cover, scale, frame });
}

async function lay(settings: Laying, options: GridOptions): Promise<LaidPoints> {
  const { points, k, engine, threads, worker, signal } = settings;
  const host = () => inMemory(layOnGrid(points, options));
  const own = typeof engine === 'object' ? engine : null;
  // the reference engine stays independent of WebAssembly, down to the grid
  const reference = engine === 'reference' || own?.name === 'reference';
  if (reference || points.data.length < WORTH_LANES) return host();
  if (own?.lay) return own.lay(points, { ...options, k, worker, signal });
  try {
    const { layOnLanes } = await lanes();
    return await layOnLanes(points, { ...options, k, threads, worker, signal });
  } catch (error) {
    if (error instanceof EngineUnavailableError || error instanceof OutOfMemoryError) return host();
    throw error;
  }
}
