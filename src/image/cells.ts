/**
 * Colours put together in some thousand cells, small ones where many colours are: where a palette is
 * sought first. A search over them costs a fraction of one over all colours, and ends where theirs
 * nearly does.
 *
 * Colours in Morton order (the bits of their channels in turn) are the leaves of a binary tree. The nodes
 * that lose least when all their colours become their mean are cells; those above them are a
 * tree of boxes, which tells a search what need not be compared (cell-tree.ts).
 */
import { CellTree, type Cells } from './cell-tree.ts';
import type { Coordinates } from './spaces.ts';

/** Cells for k centroids: so many times √k, but at least so many. More told no more in PSNR. */
const CELLS = { root: 400, least: 4096 };
/** Up to so many colours are sorted one by one. */
const FEW_COLORS = 2 ** 14;
/** Bits of a byte by which tables tell more colours apart, without alpha and with it: up to 2^21 places. */
const BITS = { 3: [6, 7], 4: [5] } as const;
/** Colours between two looks at the clock. */
const STRETCH = 2 ** 15;

type Pause = () => Promise<void> | undefined;

/** The colours that weigh something, as cells for k centroids. */
export async function cellsFor(
  k: number,
  colors: Uint8Array,
  points: Coordinates,
  weights: ArrayLike<number>,
  pause: Pause,
): Promise<CellTree> {
  const most = Math.max(CELLS.least, Math.ceil(CELLS.root * Math.sqrt(k)));
  if (points.rows > FEW_COLORS)
    for (const bits of BITS[points.columns]) {
      const leaves = await tabled(colors, points, weights, bits, pause);
      if (leaves.codes.length >= most) return new CellTree(merged(leaves, most), points.columns);
    }
  return new CellTree(merged(sorted(colors, points, weights), most), points.columns);
}

/** Leaves in Morton order: codes that all differ, weights, and weighted sums of four coordinates each. */
interface Leaves {
  readonly codes: Uint32Array;
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

/** Every byte with its bits apart, so that those of other channels fit between. */
function spread(bits: number, columns: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let code = 0;
    for (let bit = 0; bit < bits; bit++)
      code |= ((byte >> (8 - bits + bit)) & 1) << (bit * columns);
    return code >>> 0;
  });
}

/** Leaves of colours that are equal in so many bits. */
async function tabled(
  colors: Uint8Array,
  { data, rows, columns }: Coordinates,
  weights: ArrayLike<number>,
  bits: number,
  pause: Pause,
): Promise<Leaves> {
  const codeOf = spread(bits, columns);
  /** Of every code 1 + its number. */
  const numbers = new Uint32Array(2 ** (bits * columns));
  const totals = new Float64Array(rows);
  const sums = new Float64Array(4 * rows);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (i % STRETCH === 0) await pause();
    const weight = weights[i];
    if (weight === 0) continue;
    let code = 0;
    for (let t = 0; t < columns; t++) code |= codeOf[colors[4 * i + t]] << t;
    const number = numbers[code] || (numbers[code] = ++count);
    totals[number - 1] += weight;
    for (let t = 0, to = 4 * number - 4, at = i * columns; t < columns; t++)
      sums[to++] += data[at++] * weight;
  }
  const leaves = {
    codes: new Uint32Array(count),
    weights: new Float64Array(count),
    sums: new Float64Array(4 * count),
  };
  for (let code = 0, place = 0; code < numbers.length; code++) {
    const number = numbers[code];
    if (number === 0) continue;
    leaves.codes[place] = code;
    leaves.weights[place] = totals[number - 1];
    for (let t = 0; t < 4; t++) leaves.sums[4 * place + t] = sums[4 * number - 4 + t];
    place++;
  }
  return leaves;
}

/** A leaf a colour. */
function sorted(
  colors: Uint8Array,
  { data, rows, columns }: Coordinates,
  weights: ArrayLike<number>,
): Leaves {
  const codeOf = spread(8, columns);
  const keys = new Float64Array(rows);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (weights[i] === 0) continue;
    let code = 0;
    for (let t = 0; t < columns; t++) code |= codeOf[colors[4 * i + t]] << t;
    keys[count++] = (code >>> 0) * rows + i; // below 2^53: there are at most 2^21 rows with 32 bits
  }
  const order = keys.subarray(0, count).sort();
  const leaves = {
    codes: new Uint32Array(count),
    weights: new Float64Array(count),
    sums: new Float64Array(4 * count),
  };
  order.forEach((key, place) => {
    const row = key % rows;
    leaves.codes[place] = Math.floor(key / rows);
    leaves.weights[place] = weights[row];
    for (let t = 0; t < columns; t++)
      leaves.sums[4 * place + t] = weights[row] * data[row * columns + t];
  });
  return leaves;
}

/** At most so many cells, and the tree above them. */
function merged({ codes, weights, sums }: Leaves, most: number): Cells {
  const nodes = 2 * codes.length - 1;
  /** Of each node its second child (the first follows it; 0: a leaf), its sums, and what it loses as one. */
  const second = new Uint32Array(nodes);
  const node = { weights: new Float64Array(nodes), sums: new Float64Array(4 * nodes) };
  const squares = new Float64Array(nodes);
  const lost = new Float64Array(nodes);
  let size = 0;
  const build = (from: number, to: number): number => {
    const own = size++;
    if (to - from === 1) {
      node.weights[own] = weights[from];
      for (let t = 0; t < 4; t++) node.sums[4 * own + t] = sums[4 * from + t];
      squares[own] = squareOf(node.sums, own) / weights[from];
      return own;
    }
    // codes are in order: the highest bit in which the first and the last differ parts them all
    const bit = 1 << (31 - Math.clz32(codes[from] ^ codes[to - 1]));
    let low = from;
    for (let high = to - 1; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (codes[middle] & bit) high = middle;
      else low = middle;
    }
    const left = build(from, low + 1);
    const right = build(low + 1, to);
    second[own] = right;
    node.weights[own] = node.weights[left] + node.weights[right];
    for (let t = 0; t < 4; t++)
      node.sums[4 * own + t] = node.sums[4 * left + t] + node.sums[4 * right + t];
    squares[own] = squares[left] + squares[right];
    lost[own] = squares[own] - squareOf(node.sums, own) / node.weights[own];
    return own;
  };
  if (codes.length > 0) build(0, codes.length);
  return { second, ...node, lost, limit: limitFor(lost, most) };
}

function squareOf(sums: Float64Array, node: number): number {
  const at = 4 * node;
  return sums[at] ** 2 + sums[at + 1] ** 2 + sums[at + 2] ** 2 + sums[at + 3] ** 2;
}

/**
 * What a cell may lose so that there are at most so many (and nearly as many): a node that loses more is
 * parted, and so is all above it, so there is one cell more than there are such nodes.
 */
function limitFor(lost: Float64Array, most: number): number {
  const cells = (limit: number) => {
    let count = 1;
    for (let n = 0; n < lost.length; n++) if (lost[n] > limit) count++;
    return count;
  };
  if (cells(0) <= most) return 0;
  let high = lost[0];
  let low = high * 2 ** -40;
  if (cells(low) <= most) return low;
  for (let step = 0; step < 16; step++) {
    const middle = Math.sqrt(low * high);
    if (cells(middle) > most) low = middle;
    else high = middle;
  }
  return high;
}
