/**
 * Lloyd's algorithm once more, from its definition (the head of `src/grid.ts`) and nothing else: every
 * number a BigInt, every distance computed, every rule in one line. It shares no arithmetic with
 * `src/`, and is far too slow for anything but judging the reference engine.
 *
 * It starts from float32 grid values: how points become those is judged apart (`judgeGrid`).
 */
import type { Grid } from '../../src/grid.ts';

export interface TwinTask {
  rows: number;
  columns: number;
  values: Float32Array;
  /** W of every row. */
  weights: readonly bigint[];
  start: Float32Array;
  maxIter: number;
  tol: number;
  emptyCluster: 'relocate' | 'keep' | 'stop';
}

export interface TwinResult {
  labels: number[];
  /** Numerators over 2^30 and the column's power of two: see {@link gridValue}. */
  centroids: number[];
  sums: bigint[];
  counts: bigint[];
  stop: 'labels' | 'tol' | 'empty' | null;
  history: { moved: number; shift: bigint; inertia: Fraction }[];
  inertia: Fraction;
}

/** value = numerator · 2^exponent; inertia counts weights as integers and y as one. */
export interface Fraction {
  numerator: bigint;
  exponent: number;
}

export function twin(task: TwinTask): TwinResult {
  const { rows, columns, values, weights, tol } = task;
  const k = task.start.length / columns;
  const exponents = columnExponents(values, columns);
  const label = (y: number) => rounded(y, 29);
  const sum = (y: number, t: number) => rounded(y, 30 - exponents[t]);
  const q = Array.from(values, label);
  const p = Array.from(values, (y, at) => sum(y, at % columns));
  const coordinates = range(columns);

  const distance = (row: number, g: readonly bigint[], j: number) =>
    total(coordinates.map((t) => (q[row * columns + t] - g[j * columns + t]) ** 2n));
  const nearest = (g: readonly bigint[]) =>
    range(rows).map((row) => {
      let best = 0;
      let least = distance(row, g, 0);
      for (let j = 1; j < k; j++) {
        const other = distance(row, g, j);
        if (other < least) [best, least] = [j, other];
      }
      return best;
    });
  const totals = (labels: readonly number[]) => {
    const sums = new Array<bigint>(k * columns).fill(0n);
    const counts = new Array<bigint>(k).fill(0n);
    labels.forEach((j, row) => {
      counts[j] += weights[row];
      for (const t of coordinates) sums[j * columns + t] += weights[row] * p[row * columns + t];
    });
    return { sums, counts };
  };
  // Σ W (p − C)² over all columns, with C of the labels given; in units of 2^(2·(least e − 30)).
  const least = Math.min(...exponents);
  const inertiaOf = (labels: readonly number[], centroids: readonly number[]): Fraction => ({
    numerator: total(
      labels.flatMap((j, row) =>
        coordinates.map(
          (t) =>
            (weights[row] * (p[row * columns + t] - sum(centroids[j * columns + t], t)) ** 2n) <<
            BigInt(2 * (exponents[t] - least)),
        ),
      ),
    ),
    exponent: 2 * (least - 30),
  });

  // tol × mean variance, as numerator / denominator in squared units of the label grid.
  const weight = total(weights);
  const spread = total(
    coordinates.map((t) => {
      const column = range(rows).map((row) => p[row * columns + t]);
      const squares = total(column.map((x, row) => weights[row] * x * x));
      const sums = total(column.map((x, row) => weights[row] * x));
      return (squares * weight - sums * sums) << BigInt(2 * (exponents[t] - least));
    }),
  );
  const withinTol = (shift: bigint) => {
    if (tol === 0) return false;
    const [mantissa, e] = exactly(tol);
    // shift ≤ tol · spread / (weight² · columns) · 2^(2·(least − 30) + 58)
    const left = shift * weight * weight * BigInt(columns);
    const power = e + 2 * (least - 30) + 58;
    return power >= 0
      ? left <= (mantissa * spread) << BigInt(power)
      : left << BigInt(-power) <= mantissa * spread;
  };

  let centroids = Array.from(task.start);
  let labels: number[] = range(rows).map(() => -1);
  let stop: TwinResult['stop'] = null;
  const history: TwinResult['history'] = [];
  while (stop === null && history.length < task.maxIter) {
    const g = centroids.map(label);
    const next = nearest(g);
    const moved = next.filter((j, row) => j !== labels[row]).length;
    labels = next;
    const { sums, counts } = totals(labels);
    const owners = labels.slice();
    const empty = range(k).filter((j) => counts[j] === 0n);
    let relocated = 0;
    if (task.emptyCluster === 'relocate') {
      const far = range(rows)
        .map((row) => ({ row, d: distance(row, g, labels[row]) }))
        .filter(({ row, d }) => weights[row] > 0n && d > 0n)
        .sort((a, b) => (a.d === b.d ? a.row - b.row : a.d > b.d ? -1 : 1))
        .slice(0, empty.length);
      far.forEach(({ row }, i) => {
        const from = owners[row];
        owners[row] = empty[i];
        counts[from] -= weights[row];
        counts[empty[i]] += weights[row];
        for (const t of coordinates) {
          sums[from * columns + t] -= weights[row] * p[row * columns + t];
          sums[empty[i] * columns + t] += weights[row] * p[row * columns + t];
        }
      });
      relocated = far.length;
    }
    centroids = centroids.map((old, at) => {
      const count = counts[Math.floor(at / columns)];
      if (count === 0n) return old;
      return Number(to24Bits(divided(sums[at], count))) * 2 ** (exponents[at % columns] - 30);
    });
    const shift = total(centroids.map((c, at) => (label(c) - g[at]) ** 2n));
    history.push({ moved, shift, inertia: inertiaOf(owners, centroids) });
    if (moved === 0 && relocated === 0) stop = 'labels';
    else if (withinTol(shift)) stop = 'tol';
    if (task.emptyCluster === 'stop' && empty.length > 0) stop = 'empty';
  }
  labels = nearest(centroids.map(label));
  return {
    labels,
    centroids,
    ...totals(labels),
    stop,
    history,
    inertia: inertiaOf(labels, centroids),
  };
}

/** The nearest centroid of every row but the one that it is labelled with; grid values. */
export function twinSecond(
  values: Float32Array,
  columns: number,
  centroids: Float32Array,
  labels: Uint32Array,
): number[] {
  const q = Array.from(values, (y) => rounded(y, 29));
  const g = Array.from(centroids, (y) => rounded(y, 29));
  return Array.from(labels, (own, row) => {
    const others = range(centroids.length / columns).filter((j) => j !== own);
    const distances = others.map((j) =>
      total(range(columns).map((t) => (q[row * columns + t] - g[j * columns + t]) ** 2n)),
    );
    const least = distances.reduce((a, b) => (b < a ? b : a));
    return others[distances.indexOf(least)];
  });
}

/** W = round(w · 2^s), s as large as keeps ΣW < 2^32. */
export function integerWeights(weights: readonly number[]): { W: bigint[]; s: number } {
  // Whole ones that fit stay as they are.
  if (weights.every(Number.isInteger) && total(weights.map(BigInt)) < 1n << 32n)
    return { W: weights.map(BigInt), s: 0 };
  // The largest weight alone would be 2^33 at the first try.
  for (let s = 34 - Math.floor(Math.log2(Math.max(...weights))); ; s--) {
    const W = weights.map((w) => rounded(w, s));
    if (total(W) < 1n << 32n) return { W, s };
  }
}

/** As a double, off by a rounding at most. */
export function toNumber({ numerator, exponent }: Fraction): number {
  const surplus = Math.max(0, numerator.toString(2).length - 1000);
  const power = exponent + surplus;
  const half = Math.trunc(power / 2);
  return Number(numerator >> BigInt(surplus)) * 2 ** half * 2 ** (power - half);
}

/** The values that points have on this grid, and whether its range is the smallest that holds them. */
export function judgeGrid(points: readonly (readonly number[])[], grid: Grid): string[] {
  const complaints: string[] = [];
  const scale = grid.scale ?? new Float64Array(grid.columns).fill(1);
  points.forEach((point, i) =>
    point.forEach((x, t) => {
      const y = Math.fround((x / scale[t] - grid.centre[t]) * 2 ** -grid.exponent);
      const value = Math.abs(y) < 2 ** -126 ? 0 : y;
      if (!Object.is(grid.values[i * grid.columns + t], value))
        complaints.push(`value [${i}][${t}] is ${grid.values[i * grid.columns + t]}, not ${value}`);
      if (Math.abs(value) > 1) complaints.push(`value [${i}][${t}] is outside the range: ${value}`);
    }),
  );
  const exponents = columnExponents(grid.values, grid.columns);
  exponents.forEach((e, t) => {
    if (grid.columnExponents[t] !== e)
      complaints.push(`exponent of column ${t} is ${grid.columnExponents[t]}, not ${e}`);
  });
  return complaints;
}

// ---- exact arithmetic --------------------------------------------------------------------------

/** Smallest e ≥ −96 with all |y_t| ≤ 2^e. */
function columnExponents(values: Float32Array, columns: number): number[] {
  return range(columns).map((t) => {
    let e = -96;
    for (let at = t; at < values.length; at += columns) while (Math.abs(values[at]) > 2 ** e) e++;
    return e;
  });
}

/** The double as mantissa · 2^exponent. */
export function exactly(x: number): [mantissa: bigint, exponent: number] {
  const bits = new BigUint64Array(Float64Array.of(x).buffer)[0];
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  return [bits >> 63n ? -mantissa : mantissa, Math.max(1, exponent) - 1075];
}

/** x · 2^bits to the nearest whole number, halves away from zero. */
export function rounded(x: number, bits: number): bigint {
  const [mantissa, exponent] = exactly(x);
  const power = exponent + bits;
  if (power >= 0) return mantissa << BigInt(power);
  return divided(mantissa, 1n << BigInt(-power));
}

/** numerator / denominator to the nearest whole number, halves away from zero. */
export function divided(numerator: bigint, denominator: bigint): bigint {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const quotient = magnitude / denominator;
  const up = 2n * (magnitude % denominator) >= denominator ? 1n : 0n;
  return numerator < 0n ? -(quotient + up) : quotient + up;
}

/** To 24 significant bits, halves away from zero. */
export function to24Bits(x: bigint): bigint {
  const length = (x < 0n ? -x : x).toString(2).length;
  const unit = 1n << BigInt(Math.max(0, length - 24));
  return divided(x, unit) * unit;
}

export const total = (values: readonly bigint[]) => values.reduce((sum, v) => sum + v, 0n);
const range = (length: number) => Array.from({ length }, (_, i) => i);
