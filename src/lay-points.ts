/** Decides who lays the points on the grid: the GPU that they are on, lanes where there are enough of them, or the host. */
import { factsOfRows } from './distances.ts';
import { EngineUnavailableError, GpuError, lanesFailed, OutOfMemoryError } from './errors.ts';
import { layOnGrid, standardDeviations, type Frame, type GridOptions } from './grid.ts';
import { readBack } from './gpu-points.ts';
import { layInPlace } from './ladder.ts';
import { inMemory, mainMemory, type LaidPoints, type PartHolder } from './laid-points.ts';
import type { GpuRows, Rows } from './matrix.ts';
import { once } from './once.ts';
import type { Settings } from './options.ts';

type Laying<At extends Rows | GpuRows = Rows | GpuRows> = Pick<
  Settings<At>,
  'points' | 'k' | 'weights' | 'whiten' | 'scale' | 'engine' | 'threads' | 'signal'
> & {
  /** One worker alone, for one of several problems side by side. */
  readonly worker?: number | undefined;
};

const lanes = once(() => import('./lanes/lay.ts'));
const holder = once(() => import('./lanes/holder.ts'));
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
  const { points } = settings;
  return 'device' in points
    ? layOnGpu({ ...settings, points }, options)
    : layRows({ ...settings, points }, options);
}

/** Where they are; where that fails and another engine could go on, from main memory. */
async function layOnGpu(settings: Laying<GpuRows>, options: GridOptions): Promise<LaidPoints> {
  const { points, k, engine, threads, signal } = settings;
  const { weights, cover } = options; // whitened points come from main memory (gpu-points.ts)
  const own = typeof engine === 'object' ? engine : null;
  try {
    const laid = await (own?.layInPlace ?? layInPlace)(points, { weights, cover, k, signal });
    const { grid } = laid;
    return {
      ...laid,
      async distances({ rows, weights, ...asked }) {
        const data = await (rows ? laid.gather(rows) : laid.values());
        const facts = factsOfRows(grid, { rows, weights });
        return (await lanes()).detachedDistances(facts, data, asked, { threads, signal });
      },
    };
  } catch (error) {
    const spare =
      error instanceof OutOfMemoryError || // from main memory they can be streamed
      (engine === 'auto' && (error instanceof EngineUnavailableError || error instanceof GpuError));
    if (!spare || (points.buffer.usage & GPUBufferUsage.COPY_SRC) === 0) throw error;
    return layRows({ ...settings, points: await readBack(points, signal) }, options);
  }
}

async function layRows(settings: Laying<Rows>, options: GridOptions): Promise<LaidPoints> {
  const { points, k, engine, threads, worker, signal } = settings;
  const host = () => inMemory(layOnGrid(points, options));
  const own = typeof engine === 'object' ? engine : null;
  if (isReference(engine) || points.data.length < WORTH_LANES) return host();
  if (own?.lay) return own.lay(points, { ...options, k, worker, signal });
  try {
    const { layOnLanes } = await lanes();
    return await layOnLanes(points, { ...options, k, threads, worker, signal });
  } catch (error) {
    if (lanesFailed(error)) return host();
    throw error;
  }
}

/** The reference engine stays independent of WebAssembly, down to the grid. */
function isReference(engine: Settings['engine']): boolean {
  return (typeof engine === 'object' ? engine.name : engine) === 'reference';
}

/** What holds parts of points that have been laid, for seeding: lanes too, but for the reference engine. */
export async function partHolder({
  k,
  engine,
  threads,
  signal,
}: Pick<Settings, 'k' | 'engine' | 'threads' | 'signal'>): Promise<PartHolder> {
  if (isReference(engine)) return mainMemory;
  if (typeof engine === 'object' && engine.holder) return engine.holder({ k, signal });
  const { LanesHolder } = await holder();
  const lanes = new LanesHolder({ k, threads, signal });
  return {
    hold: (grid, values) =>
      lanes.hold(grid, values).catch((error: unknown) => {
        if (!lanesFailed(error)) throw error;
        lanes.dispose();
        return mainMemory.hold(grid, values);
      }),
    dispose: () => lanes.dispose(),
  };
}
