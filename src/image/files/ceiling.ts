/**
 * What a file may take at most, and how files that do not keep to it, or to their format, are refused:
 * by their header, before anything is allocated.
 */
import { InvalidInputError, OutOfMemoryError } from '../../errors.ts';

export interface Ceiling {
  maxPixels: number;
  signal: AbortSignal | undefined;
}

/** `bytes {is}; expected {expected}.` @throws InvalidInputError */
export function damaged(is: string, expected: string, cause?: unknown): never {
  const error = new InvalidInputError(
    `The image file ${is}; expected ${expected}. ` +
      'It is cut short or damaged: copy it again, or save it again.',
  );
  if (cause !== undefined) error.cause = cause;
  throw error;
}

/** By the sizes of a file's header. @throws InvalidInputError */
export function judgeSize(width: number, height: number, maxPixels: number): void {
  if (width < 1 || height < 1)
    damaged(`has ${width} × ${height} pixels by its header`, 'at least 1 × 1');
  if (width * height > maxPixels)
    throw new InvalidInputError(
      `The image file has ${width} × ${height} pixels by its header; expected at most ` +
        `${maxPixels} pixels (maxPixels). Raise maxPixels if it is to be trusted, or scale it down.`,
    );
}

/** @throws OutOfMemoryError */
export function allocateRgba(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = 4 * width * height;
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new OutOfMemoryError(
      `The image is ${width} × ${height} pixels, ${bytes} bytes; expected memory for them. Scale it down.`,
      { cause },
    );
  }
}
