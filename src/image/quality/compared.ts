/**
 * Two images of the same size, made ready to be compared: opaque ones as they are; where a pixel of
 * either lets something through, both are laid over black and then over white, and a measure takes
 * the mean of the two. On one background alone some differences vanish (white and transparent on
 * white); on both, only colour and opacity that are the same give the same bytes twice.
 */
import { refuse, refuseNoSignal } from '../../errors.ts';
import type { Pixels } from '../pixels.ts';

type Bytes = Pixels['data'];

/** Options of `psnr`, `ssim` and `deltaE`. */
export interface MeasureOptions {
  /** Aborts the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Pairs of RGBA bytes to compare, of which alpha no longer counts: one pair, or two. */
export function* compared(
  a: Pixels,
  b: Pixels,
  signal: AbortSignal | undefined,
): Generator<[Bytes, Bytes]> {
  refuseNoSignal(signal);
  signal?.throwIfAborted();
  judge('a', a);
  judge('b', b);
  if (a.width !== b.width || a.height !== b.height)
    refuse(
      'the size of b',
      `${b.width} × ${b.height}`,
      `${a.width} × ${a.height}, as a has`,
      'Compare images of the same size.',
    );
  if (isOpaque(a.data) && isOpaque(b.data)) {
    yield [a.data, b.data];
    return;
  }
  for (const background of [0, 255])
    yield [laidOver(a.data, background), laidOver(b.data, background)];
}

function judge(name: string, image: Pixels): void {
  if (!(image as Pixels | null)?.data)
    refuse(name, image, 'pixels: { data, width, height }', 'Decode a file first: decodeImage.');
  const { data, width, height } = image;
  if (!(width > 0 && height > 0) || data.length !== 4 * width * height)
    refuse(
      `${name}.data.length`,
      data.length,
      `4 · ${width} · ${height} (RGBA, width, height), above 0`,
      'Pass whole images.',
    );
}

function isOpaque(rgba: Bytes): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}

/** In sRGB bytes, as browsers show it. */
function laidOver(rgba: Bytes, background: number): Uint8Array {
  const laid = new Uint8Array(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3];
    const rest = background * (255 - alpha) + 127;
    for (let t = 0; t < 3; t++) laid[at + t] = Math.floor((rgba[at + t] * alpha + rest) / 255);
  }
  return laid;
}
