/**
 * What the page asks about a run beside running it, and what it is told: how it looked earlier, which
 * rows lie inside an outline, how many clusters there are. Numbers of jobs as in ../messages.ts.
 */
import type { ChosenK } from '../../src/index.ts';

export type Inquiry =
  /** How the run looked after this iteration. `head`: how far it has come. */
  | { type: 'look-back'; job: number; iteration: number; head: number }
  /** Rows of the present picture inside a polygon, x and y in turn, in the picture's units. */
  | { type: 'inspect'; job: number; outline: Float64Array }
  | { type: 'choose-k'; job: number; kMax: number }
  | { type: 'choose-k-cancel'; job: number };

/** A moment of a run. Labels are of the first rows only, where there are very many. */
export interface Moment {
  iteration: number;
  labels: Uint8Array<ArrayBuffer>;
  /** Where the centroids are drawn, k × 2. */
  centroids: Float32Array;
  /** The centroids themselves, k × columns. */
  rows: Float32Array;
  /** Rows in every cluster, of all there are. */
  sizes: Uint32Array;
}

/** What lies inside an outline. */
export interface Inside {
  /** Rows inside, and rows of the picture. */
  rows: number;
  of: number;
  /** By cluster: rows inside, rows of the picture. */
  counts: Uint32Array;
  sizes: Uint32Array;
  /** By column: mean of the rows inside; mean and standard deviation of all rows of the picture. */
  means: Float64Array;
  allMeans: Float64Array;
  deviations: Float64Array;
}

export type Answer =
  | ({ type: 'moment'; job: number } & Moment)
  /** Every iteration is known from now on. */
  | { type: 'history'; job: number; inertias: Float64Array; moves: Float64Array }
  | ({ type: 'inside'; job: number } & Inside)
  | { type: 'no-answer'; job: number; message: string };

/** Of the points, whichever run comes meanwhile. */
export type AnswerOnK =
  | { type: 'choosing-k'; fraction: number; k: number }
  | { type: 'chosen-k'; chosen: ChosenK; rows: number; of: number }
  | { type: 'no-k'; message: string };
