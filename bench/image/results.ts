/** What a comparison of quantizers leaves behind: the JSON file's shape. */
import type { Machine } from '../report.ts';
import type { Clocked } from './exchange.ts';
import type { Outcome } from './goals.ts';
import type { Quality } from './judge.ts';
import type { LargeRun } from './large.ts';
import type { Photo } from './photos.ts';

export interface Row {
  photo: Photo;
  width: number;
  height: number;
  /** Most that were asked for. */
  colors: number;
  /** The contender's name. */
  who: string;
  result:
    | {
        outcome: 'right';
        /** RGBA in memory in; palette and indices, or RGBA, out. Null: works on files only. */
        memory: Clocked | null;
        /** PNG file in, PNG file out. */
        file: Clocked | null;
        /** One a seed. */
        qualities: Quality[];
        phases: Record<string, number> | null;
      }
    /** No times: they are of something else. */
    | { outcome: 'wrong' | 'failed' | 'missing'; reason: string };
}

export interface ImageReport {
  format: 1;
  kind: 'image';
  date: string;
  commit: string;
  machine: Machine;
  /** False where others used the machine: then the times are provisional. */
  quiet: boolean;
  versions: Record<string, string>;
  options: { repeats: number; seeds: number[] };
  rows: Row[];
  /** 24 megapixels in a tab; null where it was not asked for or there is no browser. */
  large: LargeRun | null;
  goals: Outcome[];
  /** What could not be had, in words. */
  missing: string[];
}
