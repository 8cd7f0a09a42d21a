/**
 * Points that a caller has on the GPU. They are laid on the grid there and stay; where the host has to look
 * at all of them, they are read back once.
 */
import { refuse } from './errors.ts';
import { bringHome } from './ladder.ts';
import { toRows, type GpuMatrix, type GpuRows, type Points, type Rows } from './matrix.ts';
import type { KMeansOptions } from './options.ts';
import { refuseForm } from './support.ts';

/** What tells the device that a buffer is on. */
export type Whereabouts = {
  readonly [option in 'device' | 'engine' | 'signal']?: KMeansOptions[option] | undefined;
};

/** The caller's device: given, or of the engine that the caller opened. */
export function deviceOf({ device, engine }: Whereabouts): GPUDevice | undefined {
  return device ?? (typeof engine === 'object' && engine !== null ? engine.device : undefined);
}

/** A typed array has a buffer too, and what is flat may have one beside its data. */
function isGpuMatrix(points: Points): points is GpuMatrix {
  return (
    typeof points === 'object' &&
    points !== null &&
    'buffer' in points &&
    !('data' in points) &&
    !ArrayBuffer.isView(points)
  );
}

/** Points as they are, flat. @throws InvalidInputError */
export function whereTheyAre(points: Points, where: Whereabouts): Rows | GpuRows {
  return isGpuMatrix(points) ? onGpu(points, where) : toRows(points);
}

function onGpu({ buffer, rows, columns, offset = 0 }: GpuMatrix, where: Whereabouts): GpuRows {
  for (const [name, value] of Object.entries({ rows, columns }))
    if (!Number.isSafeInteger(value) || value < 1)
      refuse(`points.${name}`, value, 'a whole number ≥ 1', 'Check the shape.');
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 4 !== 0)
    refuse(
      'points.offset',
      offset,
      'a multiple of 4 bytes, 0 or more',
      'Align the start of the points.',
    );
  const bytes = 4 * rows * columns;
  if (!(offset + bytes <= buffer.size))
    refuse(
      'points.buffer.size',
      buffer.size,
      `at least ${offset + bytes} (offset, and 4 bytes for each of rows × columns)`,
      'Check the shape.',
    );
  const device = deviceOf(where);
  if (!device) refuseForm('GpuMatrix', 'points');
  return { device, buffer, rows, columns, offset };
}

/** Points in memory: as they are, or read back from the GPU. @throws InvalidInputError, and as the GPU does */
export async function inMainMemory(points: Points, where: Whereabouts): Promise<Rows> {
  const found = whereTheyAre(points, where);
  return 'device' in found ? readBack(found, where.signal) : found;
}

/** The same for a run, which needs them there only where the host looks at each of them. */
export async function whereNeeded(points: Points, options: KMeansOptions): Promise<Rows | GpuRows> {
  const { metric = 'euclidean', whiten, margins, init } = options;
  const host = metric !== 'euclidean' || whiten || margins || typeof init === 'function';
  return host ? inMainMemory(points, options) : whereTheyAre(points, options);
}

/** @throws InvalidInputError where they cannot be copied, and as the GPU does */
export async function readBack(
  { device, buffer, offset, rows, columns }: GpuRows,
  signal: AbortSignal | undefined,
): Promise<Rows> {
  const bytes = 4 * rows * columns;
  const data = new Float32Array(await bringHome(device, { buffer, offset, bytes }, signal));
  return { data, rows, columns };
}
