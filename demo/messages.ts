/**
 * What the Cluster tab and its workers say to each other. A job is one run; answers of older jobs are
 * dropped by their number. Big arrays are transferred, never copied.
 */
import type { EngineInfo } from '../src/index.ts';
import type { Answer, AnswerOnK, Inquiry, Moment } from './cluster/inquiry-messages.ts';
import type { Board, InitName } from './settings.ts';

/** One clustering of a board. */
export interface ClusterRequest {
  board: Board;
  /** Of a made board; a data set has the rows it has. */
  n: number;
  k: number;
  seed: number;
  engine: string;
  init: InitName;
  /** First centroids that were placed by hand, k × columns. */
  start?: Float32Array;
  whiten: boolean;
  /** Rows coloured while it iterates; all of them at the end and whenever it is held. */
  sample: number;
}

/** run: to the end. hold: as far as the present iteration. step: one iteration, then hold. */
export type Pace = 'run' | 'hold' | 'step';

export type ToClusterWorker =
  | { type: 'start'; job: number; pace: Pace; request: ClusterRequest }
  | { type: 'pace'; job: number; pace: Pace }
  /** The page has drawn the last picture and can take another. */
  | { type: 'drawn'; job: number }
  | Inquiry;

export type Phase = 'points' | 'open' | 'seed' | 'iterate' | 'read' | 'refine';

/** Corners of the points as they are drawn. */
export interface Bounds {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

/** As of projection.ts. */
export interface Plane {
  centre: Float64Array;
  axes: Float64Array;
}

/** How far a run is; `seconds` leaves out waiting for the user and reading for the picture. */
export interface Tick {
  phase: Phase;
  iteration: number;
  inertia: number;
  moved: number;
  seconds: number;
}

/** Facts of a finished run. */
export interface Outcome {
  engine: string;
  iterations: number;
  inertia: number;
  stopReason: 'labels' | 'tol' | 'maxIter';
  hash: string;
  seconds: number;
  secondsPerIteration: number;
}

export type FromClusterWorker =
  | { type: 'engines'; engines: EngineInfo[] }
  /**
   * New points as they are drawn: coordinates as fractions of the bounds, 16 bits each, half of what
   * float32 takes. `share` of the variance is seen, less than all where there are more than two columns.
   */
  | {
      type: 'points';
      places: Int16Array<ArrayBuffer>;
      bounds: Bounds;
      columns: number;
      share: number;
      /** How the plane lies among the columns; null where it is the two columns. */
      plane: Plane | null;
    }
  | ({ type: 'tick'; job: number } & Tick)
  /** What runs it, as far as can be told before the end. */
  | { type: 'engine'; job: number; engine: string }
  | Answer
  | AnswerOnK
  /** While it runs. Centroids are where they are drawn, k × 2. */
  | { type: 'picture'; job: number; labels: Uint8Array<ArrayBuffer>; centroids: Float32Array }
  | ({ type: 'held'; job: number } & Moment)
  | ({
      type: 'done';
      job: number;
      inertias: Float64Array;
      moves: Float64Array;
      outcome: Outcome;
    } & Moment)
  | { type: 'failed'; job: number; message: string };

/** What of the bounds is seen, −1 to 1 from edge to edge in both directions; y points up. */
export interface Frame {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

export type ToPointsWorker =
  | { type: 'canvas'; canvas: OffscreenCanvas }
  | { type: 'size'; width: number; height: number; ratio: number }
  | { type: 'frame'; frame: Frame }
  | { type: 'places'; places: Int16Array }
  | { type: 'palette'; colours: [number, number, number][] }
  | { type: 'labels'; labels: Uint8Array };

export type FromPointsWorker =
  /** It can draw; while something moves, so many points. */
  | { type: 'ready'; sample: number }
  /** No WebGL here. */
  | { type: 'unavailable' }
  /** The last labels are on the screen. */
  | { type: 'drawn' };
