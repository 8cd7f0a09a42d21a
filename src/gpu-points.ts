/**
 * Points that a caller has on the GPU. They are read back once and laid on the grid like all others: the
 * grid is centred in float64, which no GPU has.
 */
import { refuse } from './errors.ts';
import { bringHome } from './ladder.ts';
import type { GpuMatrix, Points } from './matrix.ts';
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

/** Points in memory: as they are, or read back from the GPU. @throws InvalidInputError, and as the GPU does */
export async function inMainMemory(points: Points, where: Whereabouts): Promise<Points> {
  if (!isGpuMatrix(points)) return points;
  const { buffer, rows, columns, offset = 0 } = points;
  for (const [name, value] of Object.entries({ rows, columns }))
    if (!Number.isSafeInteger(value) || value < 1)
      refuse(`points.${name}`, value, 'a whole number ≥ 1', 'Check the shape.');
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 4 !== 0)
    refuse('points.offset', offset, 'a multiple of 4 bytes, 0 or more', 'Align the points.');
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
  const data = new Float32Array(await bringHome(device, { buffer, offset, bytes }, where.signal));
  return { data, rows, columns };
}
