/**
 * Points laid on the device beside the same points laid on the host: what differs, in the facts of the grid
 * and in the values, to the bit; nothing when all is well. Mutants go the same way.
 */
import { layOnDevice } from '../../src/engines/webgpu/lay.ts';
import { LAY_KERNELS, type LayKernel } from '../../src/engines/webgpu/lay-kernels.ts';
import { layOnGrid, powerOfTwo, type Grid } from '../../src/grid.ts';
import { below, pcg32 } from '../../src/rng.ts';
import type { Change } from '../support/workbench.ts';

export interface Points {
  rows: number;
  columns: number;
  data: Float32Array<ArrayBuffer>;
  weights?: number[];
  /** Explicit centroids. */
  cover?: { data: Float64Array; rows: number; columns: number };
}

export interface Setting {
  /** Numbers before the points. */
  before?: number;
  /** Coordinate differences of a dispatch: 64 a coordinate. */
  dispatchWork?: number;
  /** Of the caller's buffer; default STORAGE. */
  usage?: number;
}

/** Numbers by row and column, from a random number in [−1, 1). */
export function pointsOf(
  rows: number,
  columns: number,
  number: (random: number, column: number, row: number) => number,
  seed = 3,
): Points {
  const random = pcg32(seed);
  const data = Float32Array.from({ length: rows * columns }, (_, at) =>
    number(2 * random() - 1, at % columns, Math.floor(at / columns)),
  );
  return { rows, columns, data };
}

/** Any finite float32. */
export function anyBits(rows: number, columns: number, most = 0x7f7fffff): Points {
  const random = pcg32(9);
  const words = Uint32Array.from(
    { length: rows * columns },
    () => (below(most + 1, random) | (random.uint32() & 0x80000000)) >>> 0,
  );
  return { rows, columns, data: new Float32Array(words.buffer) };
}

/** What the device makes of points, and what is different on the host. */
export async function layDifferences(
  device: GPUDevice,
  { rows, columns, data, weights, cover }: Points,
  { before = 0, dispatchWork = 2 ** 26, usage = GPUBufferUsage.STORAGE }: Setting = {},
  change: Change = (text) => text,
): Promise<string[]> {
  const mutants = Object.fromEntries(
    Object.entries(LAY_KERNELS).map(([name, kernel]: [string, LayKernel]) => {
      const text = change(kernel.files.join('\n'));
      // what is as it was is compiled already
      return [name, text === kernel.files.join('\n') ? kernel : { ...kernel, files: [text] }];
    }),
  ) as unknown as typeof LAY_KERNELS;
  const size = 4 * (before + data.length + 3);
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  const mapped = new Float32Array(buffer.getMappedRange()).fill(NaN);
  mapped.set(data, before);
  buffer.unmap();
  const options = { weights, cover };
  const at = { device, buffer, offset: 4 * before, rows, columns };
  const laid = await layOnDevice(at, { ...options, k: 1, dispatchWork }, mutants);
  const host = layOnGrid({ data, rows, columns }, options);
  const list = Uint32Array.from({ length: 40 }, (_, i) => (i * 7919 + rows - 1) % rows);
  const picked = Float32Array.from(
    [...list].flatMap((row) => [...host.values.subarray(row * columns, (row + 1) * columns)]),
  );
  const differences = [
    ...differ('facts', [shown(laid.grid)], [shown(host)]),
    ...differ('gather', wordsOf(await laid.gather(list)), wordsOf(picked)),
    ...differ('values', wordsOf(await laid.values()), wordsOf(host.values)),
  ];
  laid.dispose();
  buffer.destroy();
  return differences;
}

function differ<T>(what: string, given: ArrayLike<T>, wanted: ArrayLike<T>): string[] {
  if (given.length !== wanted.length) return [`${what}: ${given.length} of ${wanted.length}`];
  const at = Array.from(wanted).findIndex((x, i) => x !== given[i]);
  return at < 0 ? [] : [`${what}[${at}]: ${String(given[at])} instead of ${String(wanted[at])}`];
}

/** All facts to the last bit. */
function shown(grid: Omit<Grid, 'values'>): string {
  return JSON.stringify(grid, (key, value: unknown) => {
    if (key === 'values') return undefined;
    if (typeof value === 'bigint') return `${value}`;
    if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer)].join();
    return Object.is(value, -0) ? '−0' : value;
  });
}

const wordsOf = (values: Float32Array) =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

// ---- sets ------------------------------------------------------------------------------------------

/** Columns that have nothing in common: far from 0, tiny, constant, subnormal, huge, whole, none. */
const MIXED: readonly ((x: number, row: number) => number)[] = [
  (x) => 1e6 + x,
  (x) => 1e-30 * x,
  () => -7.3,
  (x) => 1e-41 * x,
  (x) => 3e38 * x,
  (x) => Math.floor(256 * x),
  () => 0,
  (x, row) => (row % 100 === 0 ? 1000 * x : 1e-3 * x),
  (x) => 16_777_216 + 4 * Math.round(x),
  (x, row) => (row % 2 ? -0 : 0) * x,
];
export const mixed = (rows: number, columns: number) =>
  pointsOf(rows, columns, (x, t, row) => MIXED[t % MIXED.length](x, row));

/** Whose steps and whose values lie on the borders of rounding. */
export const borders = (rows: number, columns: number) =>
  pointsOf(rows, columns, (x, t, row) =>
    row < 2
      ? row
      : (Math.round(x * 2 ** 20) + 2 ** 20 + (row % 3) / 2) / 2 ** 21 + t * powerOfTwo(-24),
  );

const fractions = (rows: number) => Array.from({ length: rows }, (_, i) => (i % 7) / 3 + 1e-3);
const heavy = (rows: number) => Array.from({ length: rows }, (_, i) => (i % 5) * 12_345_678);

export const SETS: readonly [name: string, points: () => Points, setting?: Setting][] = [
  ['a number', () => pointsOf(1, 1, () => 2.5)],
  ['two rows', () => pointsOf(2, 1, (x) => x)],
  ['3 columns', () => pointsOf(1000, 3, (x, t) => x * 10 ** t), { before: 5 }],
  ['mixed columns', () => mixed(2000, 10)],
  ['mixed columns in windows', () => mixed(700, 10), { dispatchWork: 64 * 10 * 97, before: 1 }],
  ['tiny', () => pointsOf(500, 5, (x) => 1e-30 * x)],
  ['subnormals', () => anyBits(600, 4, 0x7fffff)],
  ['next to subnormals', () => anyBits(600, 4, 0x1ffffff)],
  ['any float32', () => anyBits(3000, 7)],
  ['far from 0', () => pointsOf(3000, 2, (x) => 1e6 + x)],
  ['next to each other', () => pointsOf(3000, 2, (x) => 1e6 + Math.round(x) / 16)],
  ['ends of float32', () => pointsOf(300, 2, (x) => Math.sign(x) * 3.4028234663852886e38)],
  ['one far away', () => pointsOf(3000, 2, (x, _, row) => (row === 7 ? 1e20 : x))],
  ['borders', () => borders(20_000, 3)],
  ['all the same', () => pointsOf(100, 3, () => 0.1)],
  ['zeros of both signs', () => pointsOf(100, 2, (x) => (x > 0 ? 0 : -0))],
  ['17 columns, weights', () => ({ ...mixed(777, 17), weights: fractions(777) })],
  ['heavy weights', () => ({ ...borders(900, 2), weights: heavy(900) })],
  [
    'weights in windows',
    () => ({ ...borders(900, 2), weights: heavy(900) }),
    { dispatchWork: 64 * 2 * 100 },
  ],
  [
    'centroids far away',
    () => ({
      ...pointsOf(500, 2, (x) => x),
      cover: { data: Float64Array.of(7, -3, 1e9, 0), rows: 2, columns: 2 },
    }),
  ],
  ['more columns than threads', () => pointsOf(60, 150, (x, t) => x * t)],
  ['a row a window', () => pointsOf(9, 150, (x, t) => x + t), { dispatchWork: 64 }],
  ['70 000 rows', () => pointsOf(70_000, 1, (x) => Math.round(x * 1e4))],
];
