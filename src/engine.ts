/**
 * What an engine is: something that runs Lloyd's iterations on points that lie on the grid.
 *
 * An engine does not seed, judge options, decide when the caller's patience ends or scale anything
 * back: that is the host's, once for all engines. All engines give the same bits (grid.ts).
 */
import type { GridOptions } from './grid.ts';
import type { Sums } from './hash.ts';
import type { LaidPoints, PartHolder } from './laid-points.ts';
import type { GpuRows, Rows } from './matrix.ts';

/** Engines by name. */
export type EngineName = 'webgpu' | 'webgl' | 'wasm' | 'reference';

/** `lloyd`: every distance; `filtered`: the block filter, or bounds. */
export type Algorithm = 'lloyd' | 'filtered';

/** What the nearest centroid is the nearest by: Σ(q − g)² or Σ|q − g| on the label grid. */
export type Distance = 'euclidean' | 'manhattan';

/**
 * Sizes of the kernels that look for the nearest centroid on a GPU: threads of a workgroup, and the columns
 * that `compare` takes at a time. `narrow` is for rows of up to four columns, `compare` for wide rows or many
 * clusters, `assign` for others.
 */
export interface KernelSizes {
  assign?: { workgroup?: number };
  narrow?: { workgroup?: number };
  compare?: { workgroup?: number; depth?: number };
}

/**
 * Where the sizes come from. `'auto'`: on a GPU that is no processor and with enough work they are measured once, in
 * about 100 ms, and remembered. `'always'`: on whatever adapter and with however little work. `'off'`: the defaults.
 * Results do not depend on them.
 */
export type TuningOption = 'auto' | 'always' | 'off' | KernelSizes;

/** An opened engine: owns its device or workers. Reusable across calls, disposable. */
export interface Engine extends AsyncDisposable {
  readonly name: EngineName;
  /** True where the work runs on a GPU and not on a processor posing as one. */
  readonly hardware: boolean;
  /** For people: adapter, driver, number of threads. */
  readonly description: string;
  /** The same once what it depends on has been tried (whether there can be workers); missing where nothing has to be. */
  describe?(): Promise<string>;
  /** Where the engine computes, if that is a GPU: points and results may be in its buffers. */
  readonly device?: GPUDevice;
  /** What of its kernels' sizes has been asked for or measured so far; missing where there are none. */
  readonly kernelSizes?: Readonly<KernelSizes>;
  /** Whether `algorithm: 'auto'` begins with `filtered`; missing where the engine has no such thing. */
  triesFilter?(rows: number, columns: number, k: number): boolean;
  /** Lays points on the grid where the engine works, if it can do that better than the host. */
  lay?(
    points: Rows,
    options: GridOptions & {
      k: number;
      /** Of the engine's workers this one alone, for one of several problems side by side. */
      worker?: number | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<LaidPoints>;
  /** Holds parts of the points where the engine works, if that is not main memory. */
  holder?(options: { k: number; signal?: AbortSignal | undefined }): PartHolder;
  /**
   * Lays points that are on {@link device} on the grid there; what is left to do for seeding is the
   * host's. Missing where there is none. @throws OutOfMemoryError where they had better be streamed
   */
  layInPlace?(points: GpuRows, options: LayInPlaceOptions): Promise<Omit<LaidPoints, 'distances'>>;
  /** Puts the points where the engine works. They are trusted and only read. */
  open(task: Task): Promise<Session>;
  dispose(): Promise<void>;
}

/** How points on a GPU are laid: in a frame of their own, in the units they have. */
export interface LayInPlaceOptions extends Pick<GridOptions, 'weights' | 'cover'> {
  /** Most centroids ever placed. */
  k: number;
  signal?: AbortSignal | undefined;
}

/** One clustering problem, judged and on the grid. */
export interface Task {
  readonly points: LaidPoints;
  /** Most centroids ever placed. */
  readonly k: number;
  /** Stop when the squared shift on the label grid is below this; ≤ 2^95. 0: never for that reason. */
  readonly shiftLimit: bigint;
  /** What an iteration does about a cluster without weight: see {@link Stop} for 'stop'. */
  readonly emptyCluster: 'relocate' | 'keep' | 'stop';
  /** `lloyd` computes every distance, `filtered` spares some; the results are the same. */
  readonly algorithm: 'auto' | Algorithm;
  /** Default `'euclidean'`. Under the other no `step`, which takes means. */
  readonly distance?: Distance;
  /** Report {@link Status.restorePoint}, so that another engine can continue; under 'all' also where it is large. */
  readonly restorePoints: boolean | 'all';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Why a session will not step further:
 * `labels` no label changed; `tol` the centroids moved too little to matter;
 * `empty` a cluster lost its points and the task says to stop there.
 */
export type Stop = 'labels' | 'tol' | 'empty';

/** What one iteration did. */
export interface IterationRecord {
  /** Counted from 1. */
  readonly iteration: number;
  /** Rows whose label changed; all of them in the first iteration. */
  readonly moved: number;
  /** Σ‖new − old centroid‖² in squared units of the points, to 24 bits. */
  readonly shift: number;
  /** Of the new centroids with the labels of this iteration. */
  readonly inertia: number;
}

export interface Status {
  /** Iterations done since {@link Session.place}. */
  readonly iteration: number;
  readonly stop: Stop | null;
  readonly last: IterationRecord | null;
  /** Clusters without weight in the last iteration, before any relocation. */
  readonly empty: number;
  /** Only where the task asks for it. */
  readonly restorePoint: RestorePoint | null;
}

/**
 * Enough to continue elsewhere to the same bits: place the centroids and replay the last record's
 * iteration, which brings back the labels that the next iteration compares with.
 */
export interface RestorePoint {
  /** Grid values before the last iteration, k × columns. */
  readonly centroids: Float32Array;
  /** Every iteration since {@link Session.place}. */
  readonly history: readonly IterationRecord[];
}

/** Labels of rows under the current centroids. */
export interface Assignment {
  readonly labels: Uint32Array;
}

/** Everything a session knows at its end. Labels belong to the centroids. */
export interface Clustering extends Assignment {
  /** Grid values, k × columns. */
  readonly centroids: Float32Array;
  /** Σ W·p on the sum grid, k × columns. */
  readonly sums: BigInt64Array;
  /** Σ W of each cluster. */
  readonly counts: Uint32Array;
  readonly history: IterationRecord[];
  /** Rows of each cluster and sums of the labels' fingerprint, where the engine has them at hand. */
  readonly sizes?: Uint32Array;
  readonly labelSums?: Sums;
}

/**
 * A run in progress: owns every buffer it made. Calls do not overlap. `assign`, `assignSecond`, `read` and
 * `readInto` look on: the iterations after them are those that would have come anyway.
 * After a rejection a session can only be disposed.
 */
export interface Session extends AsyncDisposable {
  /** What the iterations run; under `auto` it may still change in the first one. */
  readonly algorithm: Algorithm;
  /** Starts afresh from these centroids: grid values, at most k × columns. */
  place(centroids: Float32Array): Promise<void>;
  /** Runs up to so many iterations; stops by itself when converged. */
  step(iterations: number): Promise<Status>;
  /** Nearest centroid of every row, nothing else: predict, vq. */
  assign(): Promise<Assignment>;
  /**
   * Nearest of all current centroids but the one that a row is labelled with, ties to the lowest index:
   * the second-nearest where `labels` are those of {@link assign}. At least two centroids are placed.
   */
  assignSecond(labels: Uint32Array): Promise<Assignment>;
  /**
   * Labels, sums and counts for the current centroids, and the way there since {@link place}. Without
   * labels they may be left where they are: then there are none.
   */
  read(without?: 'labels'): Promise<Clustering>;
  /**
   * Labels of the current centroids, and some centroids, in buffers on the GPU that are the caller's from
   * then on. Missing where there is none.
   */
  handOver?(centroids: Float32Array): Promise<{ labels: GPUBuffer; centroids: GPUBuffer }>;
  /**
   * The labels of the current centroids into a caller's buffer on the GPU, and the centroids: grid values, as of
   * {@link read}. Missing where there is none.
   */
  readInto?(labels: GPUBuffer): Promise<Float32Array>;
  dispose(): Promise<void>;
}
