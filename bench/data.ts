/**
 * Makes the points of a case and the centroids that every engine starts from.
 *
 * Only arithmetic that IEEE 754 fixes (no sin, log or pow), and the library's own seeded generator,
 * so that everybody measures on the same bits.
 */
import { blobs, uniformBoard, type Matrix, type PointSource } from '../src/index.ts';
import { below, normal, pcg32, type Random } from '../src/rng.ts';
import type { Case } from './cases.ts';

/** Random streams apart from those of the library's boards and of its seeding. */
const ZIPF = 201;
const DIGITS = 202;
const DUPLICATES = 203;
const FIRST_CENTROIDS = 204;

const DEVIATION = 0.05;

/** The points of a case, row-major float32; the same for the same case and seed. */
export function makePoints({ rows, columns, recipe }: Case, seed: number): Matrix {
  switch (recipe.kind) {
    case 'uniform':
      return uniformBoard(rows, { columns, seed });
    case 'blobs':
      return recipe.sizes === 'even'
        ? blobs(rows, recipe.centres, { columns, seed, deviation: DEVIATION })
        : zipfBlobs(rows, columns, recipe.centres, seed);
    case 'digits':
      return digits(rows, columns, seed);
    case 'duplicates':
      return duplicates(rows, columns, seed);
  }
}

/** k different rows, each set equally likely: what all engines are told to start from. */
export function firstCentroids(points: Matrix, k: number, seed: number): Matrix {
  const { data, rows, columns } = points;
  const random = pcg32(seed, FIRST_CENTROIDS);
  const chosen = new Set<number>();
  for (let last = rows - k; last < rows; last++) {
    const row = below(last + 1, random);
    chosen.add(chosen.has(row) ? last : row);
  }
  const centroids = new Float32Array(k * columns);
  let j = 0;
  for (const row of chosen)
    centroids.set(data.subarray(row * columns, (row + 1) * columns), columns * j++);
  return { data: centroids, rows: k, columns };
}

/** Points as a source of chunks, for cases that may not have them in memory. */
export function asSource(points: Matrix, chunkRows = 65_536): PointSource {
  const { data, rows, columns } = points;
  return {
    rows,
    columns,
    async *chunks() {
      for (let from = 0; from < rows; from += chunkRows) {
        const to = Math.min(rows, from + chunkRows);
        const chunk = data.subarray(from * columns, to * columns);
        yield { data: chunk, rows: to - from, columns };
      }
    },
  };
}

function zipfBlobs(rows: number, columns: number, centres: number, seed: number): Matrix {
  const random = pcg32(seed, ZIPF);
  const places = Float64Array.from({ length: centres * columns }, () => 2 * random() - 1);
  const upTo = new Float64Array(centres);
  let total = 0;
  for (let j = 0; j < centres; j++) upTo[j] = total += 1 / (j + 1);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const from = firstAbove(upTo, random() * total) * columns;
    for (let t = 0; t < columns; t++)
      data[i * columns + t] = places[from + t] + DEVIATION * normal(random);
  }
  return { data, rows, columns };
}

/** Index of the first of the rising values that is above `x`; the last where rounding leaves none. */
function firstAbove(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

function duplicates(rows: number, columns: number, seed: number): Matrix {
  const random = pcg32(seed, DUPLICATES);
  const row = Float32Array.from({ length: columns }, () => 2 * random() - 1);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) data.set(row, i * columns);
  return { data, rows, columns };
}

// ---- images like handwritten digits ------------------------------------------------------------

const SHAPES = 10;
const STROKES = 4;
/** Furthest that an image is moved from its shape's place, in pixels. */
const JITTER = 2;

/** Rows are square images: dark, with one of ten shapes drawn on them, as in the MNIST set. */
function digits(rows: number, columns: number, seed: number): Matrix {
  const side = Math.round(Math.sqrt(columns));
  if (side * side !== columns)
    throw new RangeError(`columns is ${columns}; expected a square number. Use 784.`);
  const random = pcg32(seed, DIGITS);
  const shapes = Array.from({ length: SHAPES }, () => drawShape(side, random));
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const shape = shapes[below(SHAPES, random)];
    const right = below(2 * JITTER + 1, random) - JITTER;
    const down = below(2 * JITTER + 1, random) - JITTER;
    const pressure = 0.7 + 0.3 * random();
    for (let y = Math.max(0, down); y < Math.min(side, side + down); y++)
      for (let x = Math.max(0, right); x < Math.min(side, side + right); x++) {
        const ink = shape[(y - down) * side + (x - right)];
        if (ink === 0) continue;
        const grey = ink * pressure * (1 + 0.15 * normal(random));
        data[i * columns + y * side + x] = Math.round(Math.max(0, Math.min(255, grey)));
      }
  }
  return { data, rows, columns };
}

/** A connected line of strokes through the middle of the image, soft at its edges; 0 to 255. */
function drawShape(side: number, random: Random): Float64Array {
  const margin = 0.2 * side;
  const place = () => margin + (side - 2 * margin) * random();
  const corners = Array.from({ length: STROKES + 1 }, () => ({ x: place(), y: place() }));
  const ink = new Float64Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let nearest = Infinity;
      for (let s = 0; s < STROKES; s++)
        nearest = Math.min(nearest, distanceToStroke(x, y, corners[s], corners[s + 1]));
      ink[y * side + x] = 255 * Math.max(0, Math.min(1, 2 - nearest));
    }
  return ink;
}

interface Corner {
  x: number;
  y: number;
}

function distanceToStroke(x: number, y: number, from: Corner, to: Corner): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy);
  const at = Math.max(0, Math.min(1, along));
  const [ex, ey] = [from.x + at * dx - x, from.y + at * dy - y];
  return Math.sqrt(ex * ex + ey * ey);
}
