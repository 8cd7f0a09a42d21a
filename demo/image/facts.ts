/** What is known of a result, in words. */
import { duration } from '../format.ts';
import type { Drawn, Measured } from './messages.ts';

export const NO_FACTS = { psnr: '–', ssim: '–', 'delta-e': '–', time: '–', engine: '', size: '' };

/** No engine was needed where every colour is kept. */
export const drawnFacts = ({ seconds, engine }: Drawn) => ({
  time: duration(seconds),
  engine: engine === 'none' ? '' : engine,
});

export function measuredFacts({ psnr, ssim, deltaE }: Measured) {
  const exact = psnr === Infinity;
  return {
    psnr: exact ? 'exact' : `${psnr.toFixed(1)} dB`,
    // Never more than there is: 0.99996 is not the same picture.
    ssim: exact ? '1' : Math.min(0.9999, ssim).toFixed(ssim > 0.995 ? 4 : 3),
    'delta-e': exact ? '0' : deltaE.toFixed(2),
  };
}

/** 812 B, 43 KB, 1.2 MB. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1e6) return `${(size / 1e3).toFixed(size < 1e4 ? 1 : 0)} KB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}
