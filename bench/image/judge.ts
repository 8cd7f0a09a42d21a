/** One judge for all: what came out, beside the image that went in. */
import { encodePng } from '../../src/image/files/png.ts';
import { deltaE } from '../../src/image/quality/delta-e.ts';
import { psnr } from '../../src/image/quality/psnr.ts';
import { ssim } from '../../src/image/quality/ssim.ts';
import type { Output, Pixels } from './exchange.ts';

export interface Quality {
  seed: number | null;
  /** dB over red, green and blue. */
  psnr: number;
  ssim: number;
  /** CIEDE2000. */
  meanDeltaE: number;
  maxDeltaE: number;
  /** Different colours that came out. */
  colors: number;
  /** Of a PNG file by our encoder, from the colours in order of their use, whoever chose them. */
  pngBytes: number;
  /** Of the file that the quantizer wrote itself. */
  ownBytes: number | null;
}

/** What NumPy may find else, dB: both sum the same whole numbers. */
const ROUNDING = 1e-9;

/** Throws where a result is not one: too many colours, or another PSNR than NumPy found. */
export async function judge(
  original: Pixels,
  out: Pixels,
  most: number,
  claimed: Output,
): Promise<Quality> {
  if (out.data.length !== original.data.length)
    throw new Error(`${out.data.length} bytes came out; expected ${original.data.length}`);
  const { palette, indices, colors } = indexed(out);
  if (colors > most) throw new Error(`${colors} colours came out; asked for at most ${most}`);
  const decibels = await psnr(original, out);
  if (claimed.psnr !== undefined && Math.abs((claimed.psnr ?? Infinity) - decibels) > ROUNDING)
    throw new Error(`PSNR ${decibels} here, ${claimed.psnr} in NumPy`);
  const { mean, max } = await deltaE(original, out);
  return {
    seed: claimed.seed,
    psnr: decibels,
    ssim: await ssim(original, out),
    meanDeltaE: mean,
    maxDeltaE: max,
    colors,
    pngBytes: (await encodePng(indices, out.width, out.height, palette)).length,
    ownBytes: claimed.ownBytes,
  };
}

/** Colours in order of their use, and each pixel's. */
export function indexed({ data }: Pixels) {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
  const uses = new Map<number, number>();
  for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
  const order = Uint32Array.from([...uses].sort((a, b) => b[1] - a[1]).map(([word]) => word));
  const entryOf = new Map(Array.from(order, (word, entry) => [word, entry]));
  const indices = new (order.length > 256 ? Uint16Array : Uint8Array)(words.length);
  words.forEach((word, pixel) => (indices[pixel] = entryOf.get(word)!));
  return { palette: new Uint8Array(order.buffer), indices, colors: order.length };
}
