/**
 * Whether a GPU computes as the kernels need it, before it is trusted: distances within half of the error
 * bound that the engine reckons with, and sums exact to the last unit.
 */
import { EngineUnavailableError } from '../../errors.ts';
import { powerOfTwo, SUM_BITS, toSumGrid } from '../../grid.ts';
import type { Watch } from './context.ts';
import { LIMB_BITS, NOWHERE, SEGMENT, type Kernels } from './kernels.ts';
import { boundOf } from './passes.ts';

const ROWS = SEGMENT;
const CENTROIDS = 33;
/** Two texels a row, the second with zeros in it. */
const COLUMNS = 7;
const WIDTH = 2;
/** Of each column: fractions of a half, large and tiny scales. */
const EXPONENTS = [0, 0, -1, -3, -20, -90, 0];

/** @throws EngineUnavailableError that says what is wrong */
export async function selfTest(watch: Watch, kernels: Kernels, description: string): Promise<void> {
  const fault = await watch.settled(async () => {
    const y = numbers();
    const points = kernels.lay(ROWS * WIDTH, y);
    const distances = await distanceFault(kernels, points, y);
    const sums = await sumFault(kernels, points, y);
    points.delete();
    return distances ?? sums;
  });
  if (fault) throw new EngineUnavailableError('webgl', `${description} computes wrongly: ${fault}`);
}

/** Grid values in rows of eight; among them halves of a step, −0, the ends of the range and equal rows. */
function numbers(): Float32Array {
  let word = 1;
  const y = new Float32Array(ROWS * 4 * WIDTH);
  for (let i = 0; i < ROWS; i++)
    for (let t = 0; t < COLUMNS; t++) {
      word = (Math.imul(word, 1664525) + 1013904223) | 0; // Numerical Recipes' generator
      const value = word / 2 ** 31;
      const steps = [value, (Math.round(value * 2 ** 12) + 0.5) * 2 ** -SUM_BITS, Math.sign(value)];
      y[i * 4 * WIDTH + t] =
        steps[i % 5 === 3 ? 1 : i % 31 === 7 ? 2 : 0] * powerOfTwo(EXPONENTS[t]);
    }
  y.copyWithin(4 * WIDTH * 20, 4 * WIDTH * 5, 4 * WIDTH * 6);
  return y;
}

type Points = ReturnType<Kernels['lay']>;

/** Manhattan's kernel differs by Math.abs, which rounds nothing: it is not compiled before somebody asks for it. */
async function distanceFault(
  kernels: Kernels,
  points: Points,
  y: Float32Array,
): Promise<string | null> {
  const row = (i: number) => y.subarray(i * 4 * WIDTH, (i + 1) * 4 * WIDTH);
  const start = Float32Array.from(
    { length: 4 * ROWS },
    (_, at) => [NOWHERE, NOWHERE, 0, -1][at % 4],
  );
  const states = kernels.lay(ROWS, start);
  const all = kernels.assign('euclidean', ROWS, points, points, states, WIDTH, 0, 0, CENTROIDS);
  const { relative } = boundOf(COLUMNS, 'euclidean');
  const proposed = await kernels.settle(ROWS, all, { relative, root: 0, absolute: 0 });
  const found = all.toArray() as Float32Array[];
  for (const texture of [states, all]) texture.delete();
  for (let i = 0; i < ROWS; i++) {
    const exact = Array.from({ length: CENTROIDS }, (_, j) =>
      row(i).reduce((sum, value, t) => sum + (value - row(j)[t]) ** 2, 0),
    );
    const [nearest, second] = [...exact].sort((a, b) => a - b);
    for (const [at, wanted] of [nearest, second].entries())
      if (!(Math.abs(found[i][at] - wanted) <= (relative / 2) * wanted + 2 ** -120))
        return `a float32 distance is ${found[i][at]} instead of ${wanted}`;
    const tie = second - nearest <= relative * (nearest + second) * 2;
    if (!tie && proposed[i] !== exact.indexOf(nearest) + 1)
      return `a nearest centroid is ${proposed[i] - 1} instead of ${exact.indexOf(nearest)}`;
    if (second === nearest && proposed[i] > 0) return 'a tie is settled by floats';
  }
  return null;
}

async function sumFault(kernels: Kernels, points: Points, y: Float32Array): Promise<string | null> {
  const scales = Float32Array.from(EXPONENTS, (e) => powerOfTwo(SUM_BITS - e));
  const factor = (i: number) => 1 + (i % 63);
  const entries = Float32Array.from({ length: 2 * ROWS }, (_, at) =>
    at % 2 ? factor((at - 1) / 2) : at / 2,
  );
  const cuts = Float32Array.of(0, 1, 100, ROWS);
  const found = await kernels.accumulate(3, points, entries, cuts, scales, WIDTH);
  for (let segment = 0; segment < 3; segment++)
    for (let t = 0; t < COLUMNS; t++) {
      let sum = 0;
      let count = 0;
      for (let i = cuts[segment]; i < cuts[segment + 1]; i++) {
        sum += factor(i) * toSumGrid(y[i * 4 * WIDTH + t], EXPONENTS[t]); // < 2^46
        count += factor(i);
      }
      const [high, middle, low, counted] = found[segment * COLUMNS + t];
      const got = high * 2 ** (2 * LIMB_BITS) + middle * 2 ** LIMB_BITS + low;
      if (got !== sum || counted !== count)
        return `a sum is ${got} of ${counted} rows instead of ${sum} of ${count}`;
    }
  return null;
}
