/**
 * What a quantizer is given and what it gives back: raw RGBA in files, and a small JSON. A quantizer
 * runs in a process of its own, perhaps of another language; nothing of this is in its times.
 */
import type { Pixels } from '../../src/image/pixels.ts';
import type { Pace } from '../peers/clock.ts';

export interface Task extends Pace {
  /** Raw RGBA. Outputs are left beside it. */
  image: string;
  /** The same image as a PNG file. */
  png: string;
  width: number;
  height: number;
  /** Most entries of the palette. */
  colors: number;
  /** For those whose result depends on one. */
  seeds: readonly number[];
}

/** Times in milliseconds. */
export interface Clocked {
  /** Of the process: with compilation and cold caches. */
  first: number;
  times: number[];
  median: number;
}

/** An image that came out. */
export interface Output {
  /** Raw RGBA. */
  path: string;
  /** Null where there is no such choice. */
  seed: number | null;
  /** dB, as NumPy found it; undefined where it was not asked, null where the images are equal. */
  psnr?: number | null;
  /** Of the PNG file that the quantizer wrote itself; null where it writes none. */
  ownBytes: number | null;
}

export interface Answer {
  /** RGBA in memory in; palette and indices, or RGBA, out. Null where it works on files only. */
  memory: Clocked | null;
  /** PNG file in, PNG file out. Null where it was not asked. */
  file: Clocked | null;
  outputs: Output[];
  /** Who it is, with versions. */
  description: string;
  /** Medians of the phases, by the quantizer's progress; ours only. */
  phases?: Record<string, number>;
}

/** A quantizer that is not here: no failure. */
export interface Missing {
  missing: string;
}

export type { Pixels };
