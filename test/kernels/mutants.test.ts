/**
 * Would the twins notice? Each mutant is a kernel with one hand-made bug: a barrier left out, a
 * comparison the other way, a stride off by one, a tail skipped, a carry dropped. The comparison with
 * the twin has to tell every one of them from the kernel as it is, on data chosen so that it can.
 *
 * Left out are mutants that change nothing. `<=` for `<` in `consider`: two equal distances are a
 * near-tie, which settle decides either way; so it does where the proposal misses and a centroid stands
 * in twice. The second carries of add_shift and add_explained: they
 * guard words of all ones, which squares below 2^62 and products below 2^115 hardly ever have.
 * Most barriers can be dropped here: SwiftShader runs a workgroup a few threads at a time from barrier
 * to barrier. Not those of converge, where the first threads write what the others read, nor the one
 * that keeps a tile of assign until all have read it: nothing comes of it on SwiftShader.
 *
 * Most of the time goes into compiling mutants, in which SwiftShader takes a step a thread: workgroups are small.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GpuError } from '../../src/errors.ts';
import { pcg32 } from '../../src/rng.ts';
import { openDevice, type Change } from '../support/workbench.ts';
import {
  boundDifferences,
  filterDifferences,
  orderDifferences,
  placeBetween,
  turns,
} from './filter-twins.ts';
import { wrongAnswers } from './ask.ts';
import { borderline, probe, questionsOf } from './double-questions.ts';
import { layDifferences, mixed, pointsOf, type Points, type Setting } from './lay-twins.ts';
import {
  accumulateDifferences,
  additionDifferences,
  assignDifferences,
  convergeDifferences,
  divideDifferences,
  gridOfExponents,
  makeProblem,
  manhattanDifferences,
  relocationDifferences,
  type Ending,
} from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

type Check = (change?: Change) => Promise<string[]>;
/** What is there, and what stands in its place. */
type Mutant = readonly [from: string, to: string];

/** Once in every kernel that has `from`; one has to. */
function mutation([from, to]: Mutant): { change: Change; applied: () => boolean } {
  let applied = false;
  return {
    change: (text) => {
      if (!text.includes(from)) return text;
      if (text.split(from).length > 2) throw new Error(`More than one ${from}`);
      applied = true;
      return text.replace(from, to);
    },
    applied: () => applied,
  };
}

function suite(name: string, check: Check, mutants: readonly Mutant[]): void {
  test(`${name}: nothing changed, nothing told`, async () => {
    expect(await check()).toEqual([]);
  });
  test.each(mutants)(`${name}: %j → %j`, async (...mutant) => {
    const { change, applied } = mutation(mutant);
    const differences = await check(change);
    expect(applied()).toBe(true);
    expect(differences).not.toEqual([]);
  });
}

// ---- assign and settle -------------------------------------------------------------------------

const tiled = makeProblem({
  rows: 301,
  columns: 3,
  k: 43,
  tuning: { workgroupSize: 32, tile: 18, dispatchWork: 64 * 3 * 43 },
});
suite('assign, tile by tile', (change) => assignDifferences(device, tiled, change), [
  ['nearest.best, label);\n', 'nearest.best, nearest.label);\n'],
  ['offset < slice.rows', 'offset + 1u < slice.rows'],
  ['slice.first + select', 'select'],
  ['first += params.tile', 'first += params.tile + 1u'],
  ['min(params.tile, params.k - first)', 'params.tile - 1u'],
  ['workgroupBarrier();\n      for (var j', 'for (var j'],
  ['i < count * width', 'i + 1u < count * width'],
  ['i < count * width; i += WORKGROUP', 'i < count * width; i += WORKGROUP + 1u'],
  ['j < count; j += 4u', 'j + 4u <= count; j += 4u'],
  ['j + 1u < count', 'j + 2u < count'],
  ['nearest = consider(nearest, distance.w, first + j + 3u);', ''],
  ['first + j + 2u);', 'first + j + 1u);'],
  ['if (before != label)', 'if (true)'],
  ['atomicAdd(&moved, 1u);', ''],
  [
    'workgroupBarrier();\n  if (lane == 0u) {\n    tell_moved();',
    'if (lane == 0u) {\n    tell_moved();',
  ],
]);

const stepped = makeProblem({
  rows: 90,
  columns: 149, // the last step is a whole one
  k: 9,
  tuning: { workgroupSize: 32 },
  limits: { maxComputeWorkgroupStorageSize: 256 },
});
suite('assign, in steps of columns', (change) => assignDifferences(device, stepped, change), [
  ['start + i % width', 'i % width'],
  ['start += params.column_step', 'start += params.column_step + 1u'],
  ['if (start == 0u) {', 'if (true) {'],
  ['if (start + width < columns) {', 'if (false) {'],
  ['points[base + start + t]', 'points[base + t]'],
]);

/** Near-ties that float32 gets wrong: centroids a few steps apart, far from all rows. */
const close = makeProblem({ rows: 2000, columns: 2, k: 8, tuning: { workgroupSize: 32 } });
close.centroids.forEach((_, i) => {
  close.centroids[i] = 2 ** -6 + ((i * 5) % 16) * 2 ** -29;
});
suite('assign and settle, near-ties', (change) => assignDifferences(device, close, change), [
  ['let bound = params', 'let bound = 0.0 * params'],
  ['min(nearest.second, distance)', 'nearest.second'],
  ['let row = near[i];', 'let row = near[max(i, 1u) - 1u];'],
  ['h * h + (cross >> 15u) + u32(low < ll)', 'h * h + (cross >> 15u)'],
  ['ll + (cross << 17u)', 'll + (cross << 16u)'],
  ['exponent - 150 + steps', 'exponent - 151 + steps'],
]);

/** Two of them: no third is near enough to make a near-tie of what is not seen as one. */
const pair = makeProblem({ rows: 2000, columns: 2, k: 2, tuning: { workgroupSize: 32 } });
pair.centroids.forEach((_, i) => {
  pair.centroids[i] = 2 ** -6 + i * 2 ** -29;
});
suite('assign and settle, one near-tie', (change) => assignDifferences(device, pair, change), [
  [
    'return Nearest(distance, nearest.best, label);',
    'return Nearest(distance, nearest.second, label);',
  ],
  ['min(nearest.second, distance)', 'nearest.second'],
  ['for (var j = first; j < params.k; j++)', 'for (var j = first; j + 1u < params.k; j++)'],
  ['nearest.second - nearest.best > bound', 'nearest.second - nearest.best >= 0.0'],
]);

const lattice = makeProblem({
  rows: 3000,
  columns: 3,
  k: 17,
  data: 'lattice',
  tuning: { workgroupSize: 32 },
});
suite('settle, ties', (change) => assignDifferences(device, lattice, change), [
  ['if (less96(distance, best))', 'if (!less96(best, distance))'],
  ['if (less96(distance, best))', 'if (less96(best, distance))'],
  ['if (distance.high > best.high)', 'if (distance.high >= best.high)'],
  ['atomicAdd(&state.moved, 1u);', ''],
  ['return a.middle < b.middle;', 'return a.middle > b.middle;'],
  ['u32(abs(difference))', 'u32(difference)'],
]);

const long = makeProblem({ rows: 9000, columns: 1, k: 2, tuning: { workgroupSize: 32 } });
long.centroids.fill(0.25);
long.labels.fill(1); // none of them is right
suite('settle, a long list', (change) => assignDifferences(device, long, change), [
  ['i += groups.x * WORKGROUP', 'i += groups.x * WORKGROUP + 1u'],
  ['for (var i = id.x; i < count;', 'for (var i = id.x; i < min(count, groups.x * WORKGROUP);'],
]);

const seconds = { ...tiled, second: true };
suite('assign, the second-nearest', (change) => assignDifferences(device, seconds, change), [
  ['own = labels[row];', 'own = 0u;'],
  ['let numbers = first + j +', 'let numbers = j +'],
  ['vec4<u32>(0u, 1u, 2u, 3u)', 'vec4<u32>(0u, 1u, 2u, 2u)'],
  [
    'distance = select(distance, vec4<f32>(FAR), numbers',
    'distance = select(distance, distance, numbers',
  ],
  ['nearest.best, label);\n', 'nearest.best, nearest.label);\n'],
]);

const secondTies = { ...lattice, second: true };
suite('settle, the second-nearest', (change) => assignDifferences(device, secondTies, change), [
  ['j == own) {\n        continue;', 'false) {\n        continue;'],
  ['j == own) {\n        continue;', 'j == label) {\n        continue;'],
  ['let own = labels[row];', 'let own = 0u;'],
  ['if (less96(distance, best))', 'if (!less96(best, distance))'],
]);

// ---- compare -----------------------------------------------------------------------------------

const wideRows = makeProblem({
  rows: 200,
  columns: 37,
  k: 43,
  tuning: {
    workgroupSize: 32,
    dispatchWork: 96 * 37 * 43,
    wideColumns: 1,
    wideWorkgroup: 32,
    wideDepth: 8,
  },
});
suite('compare', (change) => assignDifferences(device, wideRows, change), [
  [
    'if (offset < slice.rows && t < params.columns) {',
    'if (offset + 1u < slice.rows && t < params.columns) {',
  ],
  ['if (j >= params.k) {', 'if (j > params.k) {'],
  ['i < vectors * DEPTH; i += WORKGROUP', 'i < vectors * DEPTH; i += WORKGROUP + 1u'],
  ['workgroupBarrier();\n      let width', 'let width'],
  [
    'let width = min(DEPTH, params.columns - start);',
    'let width = min(DEPTH - 1u, params.columns - start);',
  ],
  ['tile[t * vectors + half + along]', 'tile[t * vectors + along]'],
  ['norm += c * c;', ''],
  ['label + 2.0);\n    found_a', 'label + 1.0);\n    found_a'],
  ['select(a.label, b.label, nearer)', 'a.label'],
  ['left > 0u; left /= 2u', 'left > 1u; left /= 2u'],
  [
    'workgroupBarrier();\n    if (across < left) {\n      found_a',
    'if (across < left) {\n      found_a',
  ],
  [
    'if (offset + i >= slice.rows) {\n      return;',
    'if (offset + i + 1u >= slice.rows) {\n      return;',
  ],
]);

/** No row is far enough from a tie for dot products. */
const uncentred = makeProblem({
  rows: 300,
  columns: 24,
  k: 9,
  tuning: { wideColumns: 1, wideWorkgroup: 32, wideDepth: 8 },
});
uncentred.grid.values.forEach((y, at) => (uncentred.grid.values[at] = 0.75 + y * 2 ** -12));
uncentred.centroids.forEach((c, at) => (uncentred.centroids[at] = 0.75 + c * 2 ** -12));
suite('compare, rounding', (change) => assignDifferences(device, uncentred, change), [
  ['gap > bound', 'gap >= 0.0'],
  ['5.0 * params.near_relative * c', '0.0 * c'],
]);

const closeRows = {
  ...close,
  tuning: { workgroupSize: 32, narrowColumns: 0, wideColumns: 1, wideWorkgroup: 32 },
};
suite('compare and settle, near-ties', (change) => assignDifferences(device, closeRows, change), [
  ['select(params.k, label, second - best > bound)', 'select(label, label, second - best > bound)'],
]);

const wideSeconds = { ...wideRows, second: true };
suite('compare, the second-nearest', (change) => assignDifferences(device, wideSeconds, change), [
  ['vec4<u32>(j) == own', 'vec4<u32>(j + 1u) == own'],
  ['own_b = own_labels(offset_b);', 'own_b = own_labels(offset_a);'],
]);

// ---- narrow ------------------------------------------------------------------------------------

const narrowRows = {
  ...tiled,
  tuning: { workgroupSize: 32, tile: 18, dispatchWork: 160 * 3 * 43, narrowColumns: 4 },
};
suite('narrow', (change) => assignDifferences(device, narrowRows, change), [
  ['vec4<u32>(0u, 1u, 2u, 3u) * WORKGROUP', 'vec4<u32>(0u, 1u, 2u, 2u) * WORKGROUP'],
  ['let rows = slice.first + min', 'let rows = min'],
  ['column(rows, 2u)', 'column(rows, 1u)'],
  ['if (COLUMNS > 2u) {', 'if (COLUMNS > 3u) {'],
  ['first += params.tile', 'first += params.tile + 1u'],
  ['i < count; i += WORKGROUP', 'i + 1u < count; i += WORKGROUP'],
  ['workgroupBarrier();\n    for (var i = 0u', 'for (var i = 0u'],
  ['label = select(label, j, nearer);', 'label = select(j, label, nearer);'],
  ['if (offsets[i] < slice.rows) {', 'if (offsets[i] + 1u < slice.rows) {'],
  ['if (before != label) {', 'if (true) {'],
]);
const narrowClose = { ...pair, tuning: { workgroupSize: 32, narrowColumns: 4 } };
suite('narrow, near-ties', (change) => assignDifferences(device, narrowClose, change), [
  [
    'second = select(min(second, distance), best, nearer);',
    'second = select(second, best, nearer);',
  ],
  ['second[i] - best[i] > bound[i]', 'second[i] >= best[i]'],
]);

// ---- manhattan ---------------------------------------------------------------------------------

suite('manhattan, tile by tile', (change) => manhattanDifferences(device, tiled, change), [
  ['offset < slice.rows', 'offset + 1u < slice.rows'],
  ['slice.first + select', 'select'],
  ['first += params.tile', 'first += params.tile + 1u'],
  ['min(params.tile, params.k - first)', 'params.tile - 1u'],
  ['workgroupBarrier();\n      for (var j', 'for (var j'],
  ['i < count * width; i += WORKGROUP', 'i < count * width; i += WORKGROUP + 1u'],
  ['j < count; j += 4u', 'j + 4u <= count; j += 4u'],
  ['j + 1u < count', 'j + 2u < count'],
  ['nearest = consider(nearest, low.w, high.w, first + j + 3u);', ''],
  ['first + j + 2u);', 'first + j + 1u);'],
  ['abs(vec4<i32>(q) - g)', 'vec4<i32>(q) - g'],
  ['mine && labels[row] != nearest.label', 'mine'],
  ['atomicAdd(&moved, 1u);', ''],
]);

suite('manhattan, the second-nearest', (change) => manhattanDifferences(device, seconds, change), [
  ['own = labels[row];', 'own = 0u;'],
  ['let numbers = first + j +', 'let numbers = j +'],
  ['vec4<u32>(0u, 1u, 2u, 3u)', 'vec4<u32>(0u, 1u, 2u, 2u)'],
  ['high = select(high, vec4<u32>(FAR), numbers', 'high = select(high, high, numbers'],
]);

const far = makeProblem({
  rows: 90,
  columns: 149,
  k: 9,
  tuning: { workgroupSize: 32 },
  limits: { maxComputeWorkgroupStorageSize: 256 },
});
suite('manhattan, in steps of columns', (change) => manhattanDifferences(device, far, change), [
  ['start + i % width', 'i % width'],
  ['start += params.column_step', 'start += params.column_step + 1u'],
  ['if (start == 0u) {', 'if (true) {'],
  ['if (start + width < columns) {', 'if (false) {'],
  ['points[base + start + t]', 'points[base + t]'],
  ['high += select(vec4<u32>(0u), vec4<u32>(1u), low < difference);', ''],
  ['high < nearest.high ||', 'high <= nearest.high ||'],
]);

/** Equal distances everywhere. */
const even = makeProblem({
  rows: 500,
  columns: 2,
  k: 12,
  data: 'lattice',
  tuning: { workgroupSize: 32 },
});
suite('manhattan, ties', (change) => manhattanDifferences(device, even, change), [
  ['low < nearest.low', 'low <= nearest.low'],
]);

// ---- accumulate --------------------------------------------------------------------------------

const grouped = makeProblem({
  rows: 600,
  columns: 3,
  k: 9,
  weighted: true,
  tuning: { workgroupSize: 64, dispatchWork: 64 * 3 * 9, privateColumns: 1 },
  limits: { maxComputeWorkgroupStorageSize: 4 * (8 + 5 * 9) },
});
suite(
  'accumulate, in workgroup memory',
  (change) => accumulateDifferences(device, grouped, change),
  [
    ['i < rows * width', 'i + WORKGROUP < rows * width'],
    ['i < rows * width; i += WORKGROUP', 'i < rows * width; i += WORKGROUP + 1u'],
    ['let row = slice.first + first_row', 'let row = first_row'],
    [
      'let high = x.y + u32(old + x.x < old);\n  if (high != 0u) {\n    atomicAdd(&own',
      'let high = x.y;\n  if (high != 0u) {\n    atomicAdd(&own',
    ],
    ['workgroupBarrier();', ''],
    ['i < params.k * width; i += WORKGROUP', 'i + 1u < params.k * width; i += WORKGROUP'],
    ['(mantissa + (1u << (drop - 1u))) >> drop', 'mantissa >> drop'],
    ['x = weighted(p, weight);', ''],
    ['multiply(u32(abs(p)), weight), p < 0', 'multiply(u32(abs(p)), weight), false'],
    ['~magnitude.y + u32(low == 0u)', '~magnitude.y'],
    ['ah * bh + (first >> 16u) + (second >> 16u)', 'ah * bh + (first >> 16u)'],
    ['SUM_BITS - column_exponents[column]', 'SUM_BITS - column_exponents[0]'],
  ].map(([from, to]) => [from, to] as const),
);
grouped.grid.columnExponents[1] -= 5;
for (let i = 1; i < grouped.grid.values.length; i += 3) grouped.grid.values[i] /= 32;

/** Two rounds of columns, stretches, runs of all lengths, and a last workgroup that is not full. */
const sortedSums = makeProblem({
  rows: 700,
  columns: 3,
  k: 700,
  weighted: true,
  tuning: { workgroupSize: 64, sortedRows: 128, dispatchWork: 320 * 3 * 700 },
});
sortedSums.labels.forEach((label, i) => (sortedSums.labels[i] = label % (i < 200 ? 5 : 700)));
sortedSums.grid.columnExponents[1] -= 5;
for (let i = 1; i < sortedSums.grid.values.length; i += 3) sortedSums.grid.values[i] /= 32;
suite(
  'reduce',
  (change) => accumulateDifferences(device, sortedSums, change),
  [
    [
      'let high = x.y + u32(old + x.x < old);\n  if (high != 0u) {\n    atomicAdd(&sums',
      'let high = x.y;\n  if (high != 0u) {\n    atomicAdd(&sums',
    ],
    ['var key = 0xffffffffu;', 'var key = 0u;'],
    ['labels[slice.first + first_row + i]', 'labels[slice.first + i]'],
    ['let row = slice.first + first_row +', 'let row = first_row +'],
    ['i < ROWS; i += WORKGROUP', 'i + 1u < ROWS; i += WORKGROUP'],
    ['let at = 2u * i - i % apart;', 'let at = 2u * i;'],
    ['min(start + length, rows)', 'min(start + length, rows - 1u)'],
    ['min(start + length, rows)', 'start + length'],
    ['at + 1u == end ||', ''],
    ['|| keys[at + 1u] / ROWS != label', ''],
    ['x.y + u32(low < x.x)', 'x.y'],
    ['x = weighted(p, weight);', ''],
    ['total += weight;', 'total = weight;'],
    ['        sum = vec2<u32>(0u);\n', ''],
    ['        total = 0u;\n', ''],
    ['column_exponents[column]', 'column_exponents[0]'],
    ['if (column == 0u) {', 'if (column == 1u && at > 0u) {'],
  ].map(([from, to]) => [from, to] as const),
);

/** What is out of order is added all the same, only more often. */
suite('reduce, in order', (change) => additionDifferences(device, sortedSums, change), [
  ['size <= ROWS', 'size < ROWS'],
  ['apart = size / 2u; apart > 0u', 'apart = size / 2u; apart > 1u'],
  ['i < ROWS / 2u', 'i + 1u < ROWS / 2u'],
  ['(at & size) == 0u', '(at & apart) == 0u'],
]);

const unweighted = makeProblem({
  rows: 300,
  columns: 2,
  k: 30,
  tuning: { workgroupSize: 32, privateColumns: Infinity },
});
suite('reduce, without weights', (change) => accumulateDifferences(device, unweighted, change), [
  ['select(0u, 0xffffffffu, p < 0)', '0u'],
  ['var weight = 1u;', 'var weight = 2u;'],
]);

// ---- relocation --------------------------------------------------------------------------------

const vacated = makeProblem(
  {
    rows: 1200,
    columns: 2,
    k: 40,
    weighted: true,
    data: 'lattice',
    tuning: { workgroupSize: 32, chunkBytes: 8 * 500, dispatchWork: 32 * 40 * 2 },
  },
  5, // of which some rows that win begin a slice
  4,
);
suite('relocation', (change) => relocationDifferences(device, vacated, change), [
  ['u32(counts[j] == 0u)', 'u32(counts[j] != 0u)'],
  [
    'j < params.k; j += WORKGROUP) {\n      let without',
    'j + 1u < params.k; j += WORKGROUP) {\n      let without',
  ],
  ['workgroupBarrier();\n  let empties', 'let empties'],
  ['i < params.argument_words', 'i + 1u < params.argument_words'],
  ['STOP_RELOCATE | (empties << 8u)', 'STOP_RELOCATE'],
  ['a.row < b.row', 'a.row > b.row'],
  ['if (weights[row] == 0u) {', 'if (weights[row] == 1u) {'],
  ['!before(last, candidate)', 'before(candidate, last)'],
  ['winner.round == 0u || champions[segment].row == last.row', 'winner.round == 0u'],
  ['for (var i = start + lane; i < end;', 'for (var i = start + lane; i + 1u < end;'],
  ['let row = slice.first + i;', 'let row = i;'],
  ['Champion(distance, slice.chunk_first + row)', 'Champion(distance, row)'],
  [
    'contenders[lane] = mine;\n  workgroupBarrier();\n  if (lane == 0u && again)',
    'contenders[lane] = mine;\n  if (lane == 0u && again)',
  ],
  ['winner.row - first >= slice.rows', 'winner.row - first > slice.rows'],
  ['winner.row - slice.chunk_first', 'winner.row'],
  ['atomicStore(&state.refilled, winner.heir + 1u);', ''],
  ['weighted(-p, weight)', 'weighted(-p, 1u)'],
  ['counts[donor] -= weight;', ''],
  ['x.y + u32(low < x.x)', 'x.y'],
]);

/** Nearly all rows are given away, from the first to the last. */
const scarce = makeProblem(
  { rows: 130, columns: 2, k: 120, tuning: { workgroupSize: 32, dispatchWork: 32 * 120 * 2 } },
  3,
  2,
);
suite('relocation of nearly all rows', (change) => relocationDifferences(device, scarce, change), [
  ['i < params.segments;', 'i + 1u < params.segments;'],
  ['for (var i = start + lane; i < end;', 'for (var i = start + lane; i + 1u < end;'],
  ['winner.row - first >= slice.rows', 'winner.row - first > slice.rows'],
  ['winner.row < first ||', 'winner.row <= first ||'],
]);

/** Distances around 2^65, told apart by their highest word only. */
const wide = makeProblem({ rows: 50, columns: 64, k: 3, tuning: { workgroupSize: 32 } }, 1, 2);
wide.grid.columnExponents.fill(0);
wide.centroids.fill(1);
wide.grid.values.forEach((_, at) => {
  const row = Math.floor(at / 64);
  wide.grid.values[at] = at % 64 < row + 8 ? -1 : 0.75;
});
suite('relocation, over 64 bits', (change) => relocationDifferences(device, wide, change), [
  ['u32(part < x.y) + u32(middle < carry)', '0u'],
  ['return a.high < b.high;', 'return a.middle < b.middle;'],
]);

// ---- divide ------------------------------------------------------------------------------------

const random = pcg32(4);
const cells = Array.from({ length: 400 }, (_, i) => {
  const weight = [1, 2, 3, 0x80000001, 0xffffffff, 1 + (random.uint32() >>> (i % 30))][i % 6];
  const mean = BigInt(random.uint32() >>> (2 + (i % 28)));
  const sum = mean * BigInt(weight) + BigInt(Math.ceil(weight / 2) * (i % 2));
  return { weight, sum: i % 3 ? sum : -sum };
});
cells.push({ weight: 1, sum: (1n << 30n) - 1n }, { weight: 0, sum: 0n });
const divided = {
  grid: gridOfExponents([-1, 0]),
  k: cells.length,
  centroids: Float32Array.from({ length: 2 * cells.length }, () => 2 * random() - 1),
  totals: {
    sums: BigInt64Array.from(cells.flatMap(({ sum }) => [sum, -sum])),
    counts: Uint32Array.from(cells, ({ weight }) => weight),
  },
  tuning: { workgroupSize: 64 },
};
suite('divide', (change) => divideDifferences(device, divided, change), [
  ['rest >= weight - rest', 'rest > weight - rest'],
  ['if (carry == 1u || rest >= weight)', 'if (rest >= weight)'],
  ['(mean + (1u << (surplus - 1u))) >> surplus', 'mean >> surplus'],
  ['(mantissa - 0x800000u)', '(mantissa & 0x7fffffu)'],
  ['mean = mantissa << surplus;', ''],
  ['bits |= sum.y & 0x80000000u;', ''],
  ['previous[cell] = centroids[cell];', ''],
  ['sums[2u * cell + 1u] = 0u;', ''],
  ['if (weight > 0u) {', 'if (true) {'],
  ['grid_centroids[cell] = g;', ''],
  ['cell < params.k * params.columns', 'cell + 1u < params.k * params.columns'],
  ['cell % params.columns', '0u'],
  [
    'let carry0 = u32(old0 + x.x < old0);\n  let x1 = x.y + carry0;\n  let old1 = atomicAdd(&shift',
    'let carry0 = 0u;\n  let x1 = x.y + carry0;\n  let old1 = atomicAdd(&shift',
  ],
  [
    'let carry0 = u32(old0 + x.x < old0);\n  let x1 = x.y + carry0;\n  let old1 = atomicAdd(&explained',
    'let carry0 = 0u;\n  let x1 = x.y + carry0;\n  let old1 = atomicAdd(&explained',
  ],
  [
    'let old = atomicAdd(&state.shift[i], x);\n    carry = u32(old + x < old) + u32(x < own);',
    'let old = atomicAdd(&state.shift[i], x);\n    carry = u32(x < own);',
  ],
  [
    'let old = atomicAdd(&state.explained[i], x);\n    carry = u32(old + x < old) + u32(x < own);',
    'let old = atomicAdd(&state.explained[i], x);\n    carry = u32(x < own);',
  ],
  ['workgroupBarrier();', ''],
  ['twice.y - taken.y - u32(twice.x < taken.x)', 'twice.y - taken.y'],
  ['upper.y + u32(middle < upper.x)', 'upper.y'],
  ['2 * (exponent - params.history_exponent)', 'exponent - params.history_exponent'],
]);

// ---- converge ----------------------------------------------------------------------------------

const ending: Ending = {
  moved: 2,
  empty: 3,
  relocated: 0,
  shift: 5n << 64n,
  shiftLimit: 5n << 64n,
  explained: 77n,
  iteration: 1030,
};
const finish = { grid: gridOfExponents([0]), k: 70, tuning: { workgroupSize: 32 } };
/** At the limit, just below it, still and with relocations, and after the end. */
const endings: Partial<Ending>[] = [
  {},
  { shift: (5n << 64n) - 1n },
  { shift: (4n << 64n) + (9n << 32n) },
  { moved: 0 },
  { moved: 0, relocated: 1 },
  { emptyCluster: 'stop' },
  { stopped: true },
];
suite(
  'converge',
  async (change) => {
    const found: string[] = [];
    for (const other of endings)
      found.push(...(await convergeDifferences(device, finish, { ...ending, ...other }, change)));
    return found;
  },
  [
    ['if (less96(shift, limit))', 'if (!less96(limit, shift))'],
    ['return a.high < b.high;', 'return a.high > b.high;'],
    ['moved == 0u && atomicLoad(&state.relocated) == 0u', 'moved == 0u'],
    ['params.empty_policy == POLICY_STOP', 'false'],
    ['(iteration - 1u) % params.history_capacity', '(iteration - 1u)'],
    ['(iteration - 1u) % params.history_capacity', 'iteration % params.history_capacity'],
    ['stop | (empty << 8u)', 'stop'],
    ['atomicStore(&state.moved, 0u);', ''],
    ['atomicStore(&state.shift[i], 0u);', ''],
    ['atomicStore(&state.explained[i], 0u);', ''],
    ['i < params.slices; i += WORKGROUP', 'i + 1u < params.slices; i += WORKGROUP'],
    ['j < params.k; j += WORKGROUP', 'j < min(params.k, WORKGROUP); j += WORKGROUP'],
    ['if (stop != STOP_RUNNING) {', 'if (true) {'],
    ['atomicLoad(&state.stop) == STOP_RUNNING', 'true'],
    ['(top >> 8u) & 0x7fffffu', '(top >> 9u) & 0x7fffffu'],
  ],
);

// ---- the block filter --------------------------------------------------------------------------

/** Spans of one superblock each, the last of them short. */
const recipe = {
  rows: 500,
  columns: 3,
  k: 6,
  weighted: true,
  data: 'lattice',
  filtered: true,
  tuning: { workgroupSize: 32, blockRows: 32, superblock: 3, dispatchWork: 1 },
} as const;
const sorted = makeProblem(recipe);
suite('order along the curve', (change) => orderDifferences(device, sorted, change), [
  [
    'i < slice.rows; i += groups.x * WORKGROUP) {\n    atomicAdd',
    'i + 1u < slice.rows; i += groups.x * WORKGROUP) {\n    atomicAdd',
  ],
  ['cell_of((slice.first + i) * params.columns)', 'cell_of(i * params.columns)'],
  ['(axis.x)] - axis.y) * axis.z', '(axis.x)] + axis.y) * axis.z'],
  ['x[0] ^= below;', ''],
  ['x[i] ^= x[i - 1u];', ''],
  ['(x[i] ^ last) & bit', 'x[i] & bit'],
  ['sums[lane - step]', 'sums[lane - 1u]'],
  ['before += sums[WORKGROUP - 1u];', 'before += sums[WORKGROUP - 2u];'],
  ['sums[lane] - own;', 'sums[lane];'],
  ['start += EACH * WORKGROUP', 'start += EACH * WORKGROUP + 1u'],
  ['let row = slice.first + i;\n    let base', 'let row = i;\n    let base'],
  ['+ place % blocks.rows', '+ place % (blocks.rows - 1u)'],
  ['ordered[to + params.columns * blocks.rows] = weights[row];', ''],
]);

/** Numbers whose sums carry from word to word. */
const spread = makeProblem({ ...recipe, data: 'uniform' });
suite('bound', (change) => boundDifferences(device, spread, change), [
  ['slice.rows + blocks.rows - 1u) / blocks.rows);', 'slice.rows) / blocks.rows);'],
  ['min(blocks.rows, slice.first + slice.rows - block * blocks.rows)', 'blocks.rows'],
  ['low = min(low, bitcast<f32>(y));', 'low = min(low, -bitcast<f32>(y));'],
  ['i32(tree[t])', 'i32(tree[0])'],
  ['sum.y + x.y + u32(low < x.x)', 'sum.y + x.y'],
  ['tree[node] = total;\n    for', 'tree[node] = rows;\n    for'],
  [
    'bitcast<f32>(tree[child + 1u + 3u * columns + t])',
    'bitcast<f32>(tree[child + 1u + 2u * columns + t])',
  ],
]);
spread.grid.columnExponents[1] -= 2;
for (let i = 1; i < spread.grid.values.length; i += 3) spread.grid.values[i] /= 4;

/** Lists that fit and lists that do not, and labels that come and go by superblocks, blocks and rows. */
const filtered = makeProblem({
  rows: 700,
  columns: 2,
  k: 12,
  filtered: true,
  tuning: { workgroupSize: 32, blockRows: 32, superblock: 3, listCapacity: 11, held: 3 },
});
const steps = turns(filtered);
suite('filter', (change) => filterDifferences(device, { ...filtered, steps }, change), [
  [
    'for (var j = lane; j < params.k; j += WORKGROUP) {\n    if (j == z',
    'for (var j = lane; j + 1u < params.k; j += WORKGROUP) {\n    if (j == z',
  ],
  [
    'if (j == z || may_win(j, z)) {\n      let at = atomicAdd(&kept, 1u);\n      if (at < blocks',
    'if (j == z || !may_win(j, z)) {\n      let at = atomicAdd(&kept, 1u);\n      if (at < blocks',
  ],
  ['select(low_at(t), high_at(t), yc > yz)', 'select(low_at(t), high_at(t), yc < yz)'],
  ['select(low_at(t), high_at(t), yc > yz)', '0.5 * (low_at(t) + high_at(t))'],
  ['select(count, ALL, count > blocks.list_capacity)', 'min(count, blocks.list_capacity)'],
  ['if (own != z) {', 'if (own == z) {'],
  ['if (ordered_labels[i] != z)', 'if (ordered_labels[i] == z)'],
  ['atomicAdd(&moved, end_row - first_row);', ''],
  ['before != MIXED && before != z && count == 1u', 'before != z && count == 1u'],
  ['tree[blocks.super_before + index] = before;', ''],
  ['select(MIXED, z, count == 1u)', 'z'],
  ['return; // the superblock is done', ''],
  ['workgroupBarrier();\n    if (!crowded) {\n      add_held', 'if (!crowded) {\n      add_held'],
  ['workgroupBarrier();\n    if (lane < rows) {', 'if (lane < rows) {'],
  ['select(before, tree[blocks.block_labels + block], before == MIXED)', 'before'],
  ['let crowded = survivors > HELD;', 'let crowded = survivors + 1u > HELD && survivors < HELD;'],
  [
    'i < survivors * columns; i += WORKGROUP) {\n        coordinates',
    'i + 1u < survivors * columns; i += WORKGROUP) {\n        coordinates',
  ],
  ['if (lane < rows) {\n      if (COLUMNS', 'if (lane + 1u < rows) {\n      if (COLUMNS'],
  ['return held[place];', 'return place;'],
  ['if (before != label) {', 'if (before == label) {'],
  ['select(MIXED, z, survivors == 1u)', 'z'],
  ['atomicAdd(&own_counts[proposal.place], weight);', ''],
  [
    'x.y -= atomicLoad(&own[2u * other + 1u]) + u32(x.x < low);',
    'x.y -= atomicLoad(&own[2u * other + 1u]);',
  ],
  ['x.x -= low;', ''],
  ['weight -= atomicLoad(&own_counts[other]);', ''],
  [
    'add_node(node, z, lane, WORKGROUP);\n    if (before == MIXED) {\n      if (lane',
    'if (before == MIXED) {\n      if (lane',
  ],
  ['block / blocks.per_super];\n    if (label', 'block];\n    if (label'],
  ['labels[row_of[place]] = label;', 'labels[place] = label;'],
]);

/** Ties at the corners of boxes, and rows that float32 cannot tell apart. */
const corners = makeProblem({
  rows: 700,
  columns: 2,
  k: 9,
  data: 'lattice',
  filtered: true,
  tuning: { blockRows: 64, superblock: 3, held: 9 },
});
placeBetween(corners);
suite('filter, ties', (change) => filterDifferences(device, corners, change), [
  ['return !(of_c - of_z > bound);', 'return of_c - of_z < 0.0;'],
  ['(equal96(distance, best) && j < label)', 'equal96(distance, best)'],
  ['(equal96(distance, best) && j < label)', '(equal96(distance, best) && j > label)'],
]);

/** Boxes of a single point, and centroids a step of the grid apart: no float32 can drop one. */
const single = makeProblem({
  rows: 640,
  columns: 2,
  k: 8,
  filtered: true,
  tuning: { workgroupSize: 32, blockRows: 32, superblock: 3, held: 8 },
});
single.grid.values.forEach((_, at) => {
  single.grid.values[at] = ((Math.floor(at / 128) * 2 - 5) / 8) * (at % 2 ? 1 : -1);
});
single.centroids.forEach((_, i) => {
  single.centroids[i] = 2 ** -6 + ((i * 5) % 16) * 2 ** -29;
});
suite('filter, near-ties', (change) => filterDifferences(device, single, change), [
  ['if (!(proposal.second - proposal.best > bound))', 'if (false)'],
  ['return !(of_c - of_z > bound);', 'return !(of_c > of_z);'],
]);

// ---- laying on the device ----------------------------------------------------------------------

/** Ends that cannot be true are told, too. */
async function laid(points: Points, setting: Setting, change?: Change): Promise<string[]> {
  try {
    return await layDifferences(device, points, setting, change);
  } catch (error) {
    if (error instanceof GpuError) return [error.message];
    throw error;
  }
}

/** Columns of all kinds, in windows that begin anywhere, with weights. */
const all = { ...mixed(700, 10), weights: Array.from({ length: 700 }, (_, i) => (i % 7) / 3) };
const windows = { dispatchWork: 64 * 10 * 97, before: 1 };
suite('lay', (change) => laid(all, windows, change), [
  ['min(laying.rows, first + laying.rows_per_group)', 'laying.rows - 1u'],
  ['select(0x80000000u, NONE, (bits >> 31u) == 1u)', '0x80000000u'],
  [
    'workgroupBarrier();\n  if (lane < share.width) {\n    for (var other = lane + share.width; other < WORKGROUP; other += share.width) {\n      low',
    'if (lane < share.width) {\n    for (var other = lane + share.width; other < WORKGROUP; other += share.width) {\n      low',
  ],
  [
    'atomicMax(&found[laying.columns + share.column], high);',
    'atomicMax(&found[laying.columns + share.column], lows[lane]);',
  ],
  ['multiply(step, weights[row])', 'vec2<u32>(step, 0u)'],
  ['y.exponent += laying.lift;', ''],
  ['laid[laying.laid_at + place]', 'laid[place]'],
  ['points[laying.points_at + place]), centre', 'points[place]), centre'],
  ['SUM_BITS - i32(facts.z)', 'SUM_BITS'],
  ['u32(middle < carry) + u32(before + middle < before)', 'u32(middle < carry)'],
  ['add96(U96(0u, high.x, high.y), low)', 'U96(low.x, low.y, 0u)'],
  ['total.high + b.high', 'total.high'],
  ['weight = weights[row];', 'weight = 1u;'],
  ['row_of[i / columns]', 'row_of[0]'],
  ['max(biased, 1) - 150', 'biased - 150'],
]);

/** A column with a row at each end that no thread may leave out, and one whose sums take carries. */
const spiked = pointsOf(20_000, 2, (x, t, row) =>
  t === 0 && row === 8769 ? 100 : t === 0 && row === 10_338 ? -9 : x,
);
suite('lay, ends and sums', (change) => laid(spiked, {}, change), [
  [
    'row += share.stride) {\n    let place = row * laying.columns + share.column;\n    let bits',
    'row += share.stride + 1u) {\n    let place = row * laying.columns + share.column;\n    let bits',
  ],
  ['high = max(high, highs[other]);', ''],
  ['atomicMin(&found[share.column], low);', 'atomicMax(&found[share.column], low);'],
  ['total.y + u32(old + total.x < old)', 'total.y'],
  ['total = add64(total, own[other]);', ''],
  ['select(0u, 0xffffffffu, p < 0)', '0u'],
  ['total.square = add96(total.square, squared);', ''],
  ['total = add64(total, vec2<u32>(step, 0u));', 'total.x = step;'],
]);

const asked = [...questionsOf(1000).flatMap(([, questions]) => questions), ...borderline()];
suite('double', (change) => doubleDifferences(change), [
  ['rest > 0x400u || (rest == 0x400u && (cut.x & 1u) == 1u)', 'rest >= 0x400u'],
  ['rest > 0x400u || (rest == 0x400u && (cut.x & 1u) == 1u)', 'rest > 0x400u'],
  ['cut.y + u32(low < more)', 'cut.y'],
  [' + i32(grown)', ''],
  ['high >> grown', 'high'],
  ['max(biased, 1) - 150', 'biased - 150'],
  ['y.x |= u32(kept.x != whole.x || kept.y != whole.y);', ''],
  ['swapped = smaller(a, b)', 'swapped = a.exponent < b.exponent'],
  ['~y.y + u32(y.x == 0u)', '~y.y'],
  ['x.y + other.y + u32(low < other.x)', 'x.y + other.y'],
  ['low | lost', 'low'],
  ['cross.high + u32(low < cross.middle)', 'cross.high'],
  ['Double(!b.negative,', 'Double(b.negative,'],
  ['rest == 0x10000000u && (kept & 1u) == 1u', 'rest == 0x10000000u'],
  ['top < -126', 'top < -127'],
  ['x.mantissa.x >= 0xe0000000u', 'x.mantissa.x > 0xe0000000u'],
  ['Double(false, -53,', 'Double(false, -54,'],
]);

async function doubleDifferences(change?: Change): Promise<string[]> {
  const wrong = await wrongAnswers(device, probe(change), asked);
  return wrong.slice(0, 3).map((answer) => JSON.stringify(answer));
}
