/** Sizes of what the kernels are given; results do not depend on them. */
export interface Tuning {
  /** Texels of a chunk of points; a texel holds four columns of a row. */
  readonly chunkTexels: number;
  /** Texels that a draw compares: no draw can be stopped, and long ones are taken for hung. */
  readonly drawWork: number;
}

/** Textures of 32 MiB at most, and draws of some 10 ms on a small GPU. */
export const HARDWARE: Tuning = { chunkTexels: 2 ** 21, drawWork: 2 ** 26 };
export const SOFTWARE: Tuning = { chunkTexels: 2 ** 19, drawWork: 2 ** 22 };
