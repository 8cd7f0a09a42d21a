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

/**
 * Names of the engines. `webgpu`: compute shaders; `webgl`: WebGL 2 through gpu.js (an optional peer);
 * `wasm`: WebAssembly SIMD on worker threads; `reference`: plain TypeScript on the calling thread.
 */
export type EngineName = 'webgpu' | 'webgl' | 'wasm' | 'reference';

/** `lloyd` computes every distance; `filtered` skips distances that cannot matter, for the same labels. */
export type Algorithm = 'lloyd' | 'filtered';

/** What the nearest centroid is the nearest by: Σ(q − g)² or Σ|q − g| on the label grid. */
export type Distance = 'euclidean' | 'manhattan';

/**
 * Sizes of the WebGPU kernels that find the nearest centroid. `workgroup` is the number of threads in a
 * workgroup. Results do not depend on them.
 */
export interface KernelSizes {
  /** The general kernel. */
  assign?: { workgroup?: number };
  /** The kernel for rows of up to four columns. */
  narrow?: { workgroup?: number };
  /** The kernel for wide rows or many clusters; `depth` is the number of columns it takes at a time. */
  compare?: { workgroup?: number; depth?: number };
}

/**
 * How WebGPU kernels are sized. `'auto'`: measured once, in about 100 ms, and remembered, but only on a
 * hardware GPU and for a problem with enough work. `'always'`: measured on any adapter, however small the
 * problem. `'off'`: defaults. Or the sizes themselves. Results do not depend on them.
 */
export type TuningOption = 'auto' | 'always' | 'off' | KernelSizes;

/**
 * An opened engine, from `openEngine` or `openWebGl`: pass it as `engine` to any number of calls, and
 * dispose of it at the end. It owns its workers and its device, unless the device was lent to it.
 *
 * `triesFilter`, `lay`, `holder`, `layInPlace` and `open` are for the library itself.
 */
export interface Engine extends AsyncDisposable {
  /** Which engine it is. */
  readonly name: EngineName;
  /** True on a real GPU; false on the CPU, including software adapters that emulate a GPU. */
  readonly hardware: boolean;
  /** For people: adapter, driver, number of threads. */
  readonly description: string;
  /**
   * The description after trying out what it depends on (for `wasm`, whether workers can be started).
   * Missing if nothing needs trying.
   */
  describe?(): Promise<string>;
  /** The GPU device the engine uses, if any. Points and results may be in buffers of this device. */
  readonly device?: GPUDevice;
  /** Kernel sizes that were given or measured so far; missing if the engine has none. */
  readonly kernelSizes?: Readonly<KernelSizes>;
  /** Whether `algorithm: 'auto'` starts with `'filtered'`; missing if the engine has only `'lloyd'`. */
  triesFilter?(rows: number, columns: number, k: number): boolean;
  /** Internal: converts points to the integer grid where the engine works, if it can do better than the host. */
  lay?(
    points: Rows,
    options: GridOptions & {
      k: number;
      /** Use only this worker, because others have problems of their own. */
      worker?: number | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<LaidPoints>;
  /** Internal: holds parts of the points where the engine works, if that is not main memory. */
  holder?(options: { k: number; signal?: AbortSignal | undefined }): PartHolder;
  /**
   * Internal: converts points on {@link device} to the integer grid there; seeding stays with the host.
   * Missing if the engine has no device.
   * @throws OutOfMemoryError if they should be streamed instead
   */
  layInPlace?(points: GpuRows, options: LayInPlaceOptions): Promise<Omit<LaidPoints, 'distances'>>;
  /** Internal: moves checked points to where the engine works; they are only read. */
  open(task: Task): Promise<Session>;
  /** Releases workers and GPU memory. A borrowed device is not destroyed. */
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
  /** Number of the iteration, counted from 1. */
  readonly iteration: number;
  /** Rows whose label changed; all rows in the first iteration. */
  readonly moved: number;
  /** Σ‖new − old centroid‖², in squared units of the points, to 24 bits. */
  readonly shift: number;
  /** Inertia of the new centroids with the labels of this iteration, in the units of the result's inertia. */
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
