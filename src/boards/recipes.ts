/**
 * How the rows of a board are made: one after the other from one random stream, so that a board comes
 * out the same whole or in chunks, however long. The same numbers in every JavaScript engine, since
 * they take only arithmetic that IEEE 754 fixes.
 */
import { below, normal, pcg32, type Random } from '../rng.ts';

/** Writes the next rows of a board: those from `from` to before `to` of `data`, their groups to `labels`. */
export type Writer = (data: Float32Array, labels: Uint32Array, from: number, to: number) => void;

/** A board, not made yet. Every opening begins with the first row. */
export interface Recipe {
  readonly rows: number;
  readonly columns: number;
  /** The seed of the random stream. */
  readonly seed: number;
  /** Streams of their own, so that boards of one seed have nothing in common. */
  readonly stream: number;
  /** Makes a row: writes it from `at` on, and returns its group. `row` counts from 0. */
  open(random: Random): (row: number, data: Float32Array, at: number) => number;
}

/** Starts a board afresh. */
export function openBoard({ columns, seed, stream, open }: Recipe): Writer {
  const make = open(pcg32(seed, stream));
  let row = 0;
  return (data, labels, from, to) => {
    for (let i = from; i < to; i++) labels[i] = make(row++, data, i * columns);
  };
}

type Shape = Pick<Recipe, 'stream' | 'open'>;

/** Columns spread evenly over [−1, 1]; one group. */
export function uniformRows(columns: number): Shape {
  return {
    stream: 101,
    open: (random) => (_, data, at) => {
      for (let t = 0; t < columns; t++) data[at + t] = 2 * random() - 1;
      return 0;
    },
  };
}

/** k Gaussians of random centre and random spread in two columns, cut off at the edges of [−1, 1]. */
export function gaussianRows(k: number): Shape {
  return {
    stream: 102,
    open: (random) => {
      const centres = centresIn(k, 2, random);
      const deviations = Array.from({ length: k }, () => 0.05 + 0.45 * random());
      const near = (value: number, deviation: number) => {
        for (;;) {
          const x = value + deviation * normal(random);
          if (x >= -1 && x <= 1) return x;
        }
      };
      return (row, data, at) => {
        const j = row % k;
        data[at] = near(centres[2 * j], deviations[j]);
        data[at + 1] = near(centres[2 * j + 1], deviations[j]);
        return j;
      };
    },
  };
}

/** k round Gaussian blobs of one spread, each row from any of them. */
export function blobRows(k: number, columns: number, deviation: number): Shape {
  return {
    stream: 103,
    open: (random) => {
      const centres = centresIn(k, columns, random);
      return (_, data, at) => {
        const j = below(k, random);
        for (let t = 0; t < columns; t++)
          data[at + t] = centres[j * columns + t] + deviation * normal(random);
        return j;
      };
    },
  };
}

/** Half circles of this radius fill [−1, 1] across when each begins in the middle of the other. */
const MOON = 2 / 3;

/** Two half circles, one up and one down, each of which ends in the middle of the other. */
export function moonRows(deviation: number): Shape {
  return {
    stream: 104,
    open: (random) => {
      const direction = directions(random);
      return (row, data, at) => {
        const [x, y] = direction();
        const side = row % 2 === 0 ? 1 : -1;
        data[at] = side * (MOON * x - MOON / 2) + deviation * normal(random);
        data[at + 1] = side * (MOON * Math.abs(y) - MOON / 4) + deviation * normal(random);
        return row % 2;
      };
    },
  };
}

/** k circles around the origin, of radius 1/k, 2/k … 1. */
export function ringRows(k: number, deviation: number): Shape {
  return {
    stream: 105,
    open: (random) => {
      const direction = directions(random);
      return (row, data, at) => {
        const [x, y] = direction();
        const radius = ((row % k) + 1) / k;
        data[at] = radius * x + deviation * normal(random);
        data[at + 1] = radius * y + deviation * normal(random);
        return row % k;
      };
    },
  };
}

function centresIn(k: number, columns: number, random: Random): Float64Array {
  return Float64Array.from({ length: k * columns }, () => 2 * random() - 1);
}

/**
 * Points spread evenly over the unit circle, without the sine and cosine whose last bits differ between
 * JavaScript engines: a point (a, b) of the disc at twice its angle (J. von Neumann, "Various
 * techniques used in connection with random digits", 1951).
 */
function directions(random: Random): () => readonly [number, number] {
  return () => {
    for (;;) {
      const a = 2 * random() - 1;
      const b = 2 * random() - 1;
      const square = a * a + b * b;
      if (square > 0 && square <= 1) return [(a * a - b * b) / square, (2 * a * b) / square];
    }
  };
}
