/** How far a picture is from another, by the three measures that are usual. */
import { deltaE, psnr, ssim } from '../../src/image/index.ts';
import type { Measured } from './messages.ts';

/** @param onPart gets how much is done, 0 to 1 */
export async function measure(
  before: ImageData,
  after: ImageData,
  signal: AbortSignal,
  onPart: (part: number) => void,
): Promise<Omit<Measured, 'job'>> {
  onPart(0);
  const decibels = await psnr(before, after, { signal });
  onPart(0.1);
  const similarity = await ssim(before, after, { signal });
  onPart(0.6);
  const { mean } = await deltaE(before, after, { signal });
  return { psnr: decibels, ssim: similarity, deltaE: mean };
}
