/**
 * What the Cluster tab and its workers say to each other. A job is one run; answers of older jobs are
 * dropped by their number. Big arrays are transferred, never copied.
 */
import type { EngineInfo } from '../src/index.ts';
import type { Axes } from './cluster/view.ts';
import type { OwnChoice } from './cluster/own-data.ts';
import type { Board, InitName, MetricName } from './settings.ts';

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
  metric: MetricName;
  tol: number;
  /** Where the board is a file of the user's: what of it. */
  own: OwnChoice | null;
  /** What the picture is drawn on. */
  axes: Axes;
  /** Rows coloured while it iterates; all of them at the end and whenever it is held. */
  sample: number;
}

/** run: to the end. hold: as far as the present iteration. step: one iteration, then hold. */
export type Pace = 'run' | 'hold' | 'step';

export type ToClusterWorker =
  /** Where the questions of cluster/services.ts come in. */
  | { type: 'desk'; port: MessagePort }
  | { type: 'start'; job: number; pace: Pace; request: ClusterRequest }
  | { type: 'pace'; job: number; pace: Pace }
  /** The page has drawn the last picture and can take another. */
  | { type: 'drawn'; job: number }
  | ToPainter
  /** No result is wanted. */
  | { type: 'cancel'; job: number };

export type Phase = 'points' | 'load' | 'open' | 'seed' | 'iterate' | 'read' | 'refine';

/** Corners of the points as they are drawn. */
export interface Bounds {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

/** How rows are led to places: as of projection.ts. */
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
  /** Of a file that is being read, 0 to 1. */
  share?: number;
}

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
      /** Whether these are other points than before, or scaled otherwise; else only the axes are others. */
      areNew: boolean;
      /** How the plane lies among the columns; null where it is the two columns. */
      plane: Plane | null;
      /** Names of the columns, where they have some. */
      names: readonly string[];
      axes: Axes;
      /** How much longer a unit is up than across; 0 where clusters have no straight boundaries here. */
      stretch: number;
      /** Of a file of the user's: its rows with those that are no points. */
      fileRows: number | null;
    }
  /** It would draw the points itself, and has no canvas yet. */
  | { type: 'canvas-wanted' }
  /** From here on it draws them, on the GPU; or no longer. */
  | { type: 'painter'; isSession: boolean }
  /** What was to be painted is on the screen. */
  | { type: 'painted' }
  | ({ type: 'tick'; job: number } & Tick)
  /** What runs it, as far as can be told before the end. */
  | { type: 'engine'; job: number; engine: string }
  /** While it runs. Centroids are where they are drawn, k × 2. Labels are null where the session draws them. */
  | {
      type: 'picture';
      job: number;
      labels: Uint8Array<ArrayBuffer> | null;
      centroids: Float32Array;
    }
  | ({ type: 'held'; job: number } & Moment)
  /** What is on the screen, on other axes. */
  | ({ type: 'moved'; job: number } & Moment)
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

/** How the picture is seen: to whoever draws it. */
export type Seen =
  | { type: 'size'; width: number; height: number; ratio: number }
  | { type: 'frame'; frame: Frame }
  | { type: 'palette'; colours: [number, number, number][] };

/** To the session, where it draws the points. */
export type ToPainter =
  | Seen
  /** The one that was wanted; null: the browser lends none. */
  | { type: 'canvas'; canvas: OffscreenCanvas | null }
  /** Its labels, in the colours that it has by now. */
  | { type: 'paint' };

export type ToPointsWorker =
  | Seen
  /** Where the questions of cluster/drawing.ts come in. */
  | { type: 'desk'; port: MessagePort }
  | { type: 'canvas'; canvas: OffscreenCanvas }
  | { type: 'places'; places: Int16Array }
  | { type: 'labels'; labels: Uint8Array }
  /** Another picture is before its own: nothing is drawn until it is woken. */
  | { type: 'sleep'; sleeps: boolean };

export type FromPointsWorker =
  /** It can draw; while something moves, so many points. */
  | { type: 'ready'; sample: number }
  /** No WebGL here. */
  | { type: 'unavailable' }
  /** The last labels are on the screen. */
  | { type: 'drawn' };
