/**
 * What the Colours tab and its session say to each other. A job is one thing asked for: a picture to
 * open, or a palette for the open one. Pictures travel as bitmaps, which are transferred.
 */
import type { EngineInfo } from '../../src/index.ts';
import type { ColorSpace, Dither } from '../../src/image/index.ts';
import type { SortName } from '../settings.ts';

/** The options of one run. */
export interface QuantizeRequest {
  colours: number;
  space: ColorSpace;
  dither: Dither;
  sort: SortName;
  /** `#rrggbb`, kept exactly, in this order. */
  lock: string[];
  seed: number;
  engine: string;
}

export type FileFormat = 'png' | 'css' | 'json' | 'gpl' | 'ase';

export type ToSession =
  | { type: 'open'; job: number; file: Blob }
  /** hurried: more changes are coming. Seen on a small copy of a large picture, and not measured. */
  | { type: 'quantize'; job: number; request: QuantizeRequest; hurried: boolean }
  | { type: 'cancel'; job: number }
  /** Of the newest result. */
  | { type: 'export'; format: FileFormat };

export interface Opened {
  job: number;
  /** At most as large as a screen. */
  before: ImageBitmap;
  width: number;
  height: number;
  /** Different colours in it. */
  unique: number;
  /** What was done to it before; mostly nothing. */
  remark: string;
}

export interface Drawn {
  job: number;
  after: ImageBitmap;
  /** RGBA bytes, four an entry, and the pixels of each. */
  palette: Uint8Array;
  counts: Uint32Array;
  /** Of a small copy: the whole picture follows unless more changes come. */
  preview: boolean;
  lossless: boolean;
  engine: string;
  seconds: number;
}

export interface Measured {
  job: number;
  /** dB; Infinity where nothing changed. */
  psnr: number;
  ssim: number;
  /** Mean CIEDE2000. */
  deltaE: number;
}

export type Stage = 'read' | 'count' | 'cluster' | 'map' | 'measure';

/** Of one job; drawn comes for previews too, measured ends it. */
export type JobNews =
  | ({ type: 'opened' } & Opened)
  | { type: 'progress'; job: number; stage: Stage; fraction: number }
  | ({ type: 'drawn' } & Drawn)
  /** Size of the PNG file. */
  | { type: 'weighed'; job: number; bytes: number }
  | ({ type: 'measured' } & Measured)
  | { type: 'cancelled'; job: number }
  | { type: 'failed'; job: number; message: string };

export type FromSession =
  | { type: 'engines'; engines: EngineInfo[] }
  | JobNews
  | { type: 'exported'; format: FileFormat; file: Blob; colours: number }
  /** A file could not be written. */
  | { type: 'unsaved'; message: string };
