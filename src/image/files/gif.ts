/**
 * Writes GIF (www.w3.org/Graphics/GIF/spec-gif89a.txt), still or moving, with gifenc, which is loaded on
 * demand. GIF knows no half-transparent pixels and no more than 256 colours a frame.
 */
import { refuse, refuseNoSignal, refuseUnknown } from '../../errors.ts';
import { breather } from '../../breathe.ts';

/** An image as a palette and the palette index of every pixel; a `QuantizedImage` is one. */
export interface GifFrame {
  /** One palette index per pixel, row by row. */
  indices: Uint8Array | Uint16Array;
  /** Width in pixels, at most 65 535. */
  width: number;
  /** Height in pixels, at most 65 535. */
  height: number;
  /** RGBA bytes, up to 256 entries. Entries with alpha below 128 become transparent, others opaque. */
  palette: Uint8Array;
}

/** Options of {@link encodeGif}. */
export interface GifOptions {
  /**
   * Milliseconds to show each frame: one number for all, or one per frame. The file stores hundredths of a
   * second. Default 100.
   */
  delay?: number | readonly number[];
  /** How many times the animation is shown; 0 (default): for ever. */
  loop?: number;
  /** Aborts the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

const MOST_ENTRIES = 256;
const MOST_SIDE = 65_535;
const MOST_DELAY = 655_350;
const HALF = 128;

/** What is below a frame is wiped before the next where the frame lets it through, otherwise left. */
const WIPE = 2;
const LEAVE = 1;

/**
 * A GIF file of one or more frames of the same size, each with its palette. Where several entries are
 * transparent their pixels become one.
 *
 * @throws InvalidInputError for no frames, frames of other sizes, more than 256 entries, wrong lengths
 */
export async function encodeGif(
  frames: readonly GifFrame[],
  options: GifOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  refuseUnknown(options, ['delay', 'loop', 'signal']);
  const { delay = 100, loop = 0, signal } = options;
  refuseNoSignal(signal);
  judge(frames, loop);
  const delays = delaysOf(delay, frames.length);
  const { GIFEncoder } = await import('gifenc');
  const pause = breather(signal);
  const encoder = GIFEncoder();
  for (const [i, frame] of frames.entries()) {
    signal?.throwIfAborted();
    const { indices, transparent } = oneTransparent(frame);
    encoder.writeFrame(indices, frame.width, frame.height, {
      palette: rgbRows(frame.palette),
      colorDepth: depthOf(frame.palette),
      delay: delays[i],
      // The file counts repetitions after the first showing, and has no such note for a single one.
      repeat: frames.length === 1 || loop === 1 ? -1 : loop === 0 ? 0 : loop - 1,
      transparent: transparent >= 0,
      transparentIndex: Math.max(0, transparent),
      dispose: frames.length === 1 ? 0 : transparent >= 0 ? WIPE : LEAVE,
    });
    await pause();
  }
  encoder.finish();
  return encoder.bytes().slice();
}

function judge(frames: readonly GifFrame[], loop: number): void {
  if (!Array.isArray(frames as unknown))
    refuse('frames', frames, 'an array of frames', 'Collect what quantizeFrames gives.');
  if (frames.length === 0) refuse('frames.length', 0, 'at least 1', 'Pass what is to be shown.');
  if (!Number.isInteger(loop) || loop < 0 || loop > MOST_SIDE)
    refuse('loop', loop, `a whole number from 0 to ${MOST_SIDE}`, 'Pass 0 to repeat for ever.');
  for (const [i, frame] of frames.entries())
    if (!((frame as GifFrame | null)?.palette && frame.indices))
      refuse(`frames[${i}]`, frame, 'palette and indices', 'Quantize the image first.');
  const [{ width, height }] = frames;
  for (const [i, frame] of frames.entries()) {
    const { palette, indices } = frame;
    const entries = palette.length / 4;
    if (!Number.isInteger(entries) || entries < 1 || entries > MOST_ENTRIES)
      refuse(
        `entries of frame ${i}`,
        entries,
        `1 to ${MOST_ENTRIES}, which is all that GIF has`,
        `Ask for at most ${MOST_ENTRIES} colors, or write a PNG.`,
      );
    if (frame.width !== width || frame.height !== height)
      refuse(
        `the size of frame ${i}`,
        `${frame.width} × ${frame.height}`,
        `${width} × ${height}, as the first has`,
        'Draw all frames on canvases of one size.',
      );
    if (indices.length !== width * height || !(width > 0 && height > 0))
      refuse(
        `indices.length of frame ${i}`,
        indices.length,
        `${width} · ${height} (width, height), above 0`,
        'Pass one index a pixel.',
      );
    if (Math.max(width, height) > MOST_SIDE)
      refuse(
        `the size of frame ${i}`,
        `${width} × ${height}`,
        `sides up to ${MOST_SIDE}`,
        'Scale the images down.',
      );
    const astray = indices.findIndex((index) => index >= entries);
    if (astray >= 0)
      refuse(
        `indices[${astray}] of frame ${i}`,
        indices[astray],
        `less than ${entries} (entries of its palette)`,
        'Pass the palette that the indices belong to.',
      );
  }
}

function delaysOf(delay: number | readonly number[], frames: number): readonly number[] {
  const delays = typeof delay === 'number' ? new Array<number>(frames).fill(delay) : delay;
  if (delays.length !== frames)
    refuse('delay.length', delays.length, `${frames} (frames)`, 'Pass one delay a frame.');
  for (const value of delays)
    if (!(value >= 0 && value <= MOST_DELAY))
      refuse(
        'delay',
        value,
        `0 to ${MOST_DELAY} milliseconds`,
        'To show a frame longer, repeat it.',
      );
  return delays;
}

/** GIF has one transparent index a frame: pixels of the others are given to the first. */
function oneTransparent({ indices, palette }: GifFrame): {
  indices: Uint8Array;
  transparent: number;
} {
  const first = firstTransparent(palette);
  const bytes = Uint8Array.from(indices, (index) =>
    isTransparent(palette, index) ? first : index,
  );
  return { indices: bytes, transparent: first };
}

function firstTransparent(palette: Uint8Array): number {
  for (let entry = 0; 4 * entry < palette.length; entry++)
    if (isTransparent(palette, entry)) return entry;
  return -1;
}

function isTransparent(palette: Uint8Array, entry: number): boolean {
  return palette[4 * entry + 3] < HALF;
}

function rgbRows(palette: Uint8Array): number[][] {
  return Array.from({ length: palette.length / 4 }, (_, i) => [
    ...palette.subarray(4 * i, 4 * i + 3),
  ]);
}

/** Bits of an index, on which LZW codes are built. */
function depthOf(palette: Uint8Array): number {
  return Math.max(1, Math.ceil(Math.log2(palette.length / 4)));
}
