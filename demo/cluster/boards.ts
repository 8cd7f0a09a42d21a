/** The points of the Cluster tab, and the same points made small for drawing. */
import { blobs, gaussianBoard, uniformBoard } from '../../src/index.ts';
import { isDataSet, type DataSet } from '../data/data-sets.ts';
import type { Bounds, ClusterRequest } from '../messages.ts';
import { GROUPS } from './groups.ts';
import type { Rows } from '../../src/matrix.ts';

/** Rows whose columns may have names. */
export type NamedRows = Rows & { names?: readonly string[] };

/** As text in scripts of their own, so that each is loaded when it is asked for and from anywhere. */
const FILES: Record<DataSet, () => Promise<{ default: string }>> = {
  iris: () => import('../data/iris.csv?raw'),
  wine: () => import('../data/wine.csv?raw'),
  digits: () => import('../data/digits.csv?raw'),
};

type BoardRequest = Pick<ClusterRequest, 'board' | 'n' | 'seed'>;

/** In float32, as files are read everywhere: code for the same run gives the same hash. */
export async function makeBoard({ board, n, seed }: BoardRequest): Promise<NamedRows> {
  if (isDataSet(board)) return loadDataSet(board);
  if (board === 'own') throw new Error('No file is open. Open one, or choose a board.');
  if (board === 'gaussian') return gaussianBoard(n, GROUPS, { seed });
  if (board === 'blobs') return blobs(n, GROUPS, { seed });
  return uniformBoard(n, { seed });
}

async function loadDataSet(name: DataSet): Promise<NamedRows> {
  try {
    return readCsv((await FILES[name]()).default);
  } catch {
    throw new Error(`The data set ${name} did not arrive. Check the connection and run again.`);
  }
}

/** Numbers and commas below a line of names. */
function readCsv(text: string): NamedRows {
  const [names, ...lines] = text.trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  const data = Float32Array.from(rows.flat());
  return { data, rows: rows.length, columns: rows[0].length, names: names.split(',') };
}

/** Places (rows × 2) as 16-bit fractions, −32767 to 32767, of the smallest square around them. */
export function shrink(data: Rows['data']): { places: Int16Array<ArrayBuffer>; bounds: Bounds } {
  let [left, bottom] = [Infinity, Infinity];
  let [right, top] = [-Infinity, -Infinity];
  for (let at = 0; at < data.length; at += 2) {
    const x = data[at];
    const y = data[at + 1];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < bottom) bottom = y;
    if (y > top) top = y;
  }
  const half = Math.max(right - left, top - bottom, 1e-9) / 2;
  const [x, y] = [(left + right) / 2, (bottom + top) / 2];
  const scale = 32767 / half;
  const places = new Int16Array(data.length);
  for (let at = 0; at < data.length; at += 2) {
    places[at] = Math.round((data[at] - x) * scale);
    places[at + 1] = Math.round((data[at + 1] - y) * scale);
  }
  return { places, bounds: { left: x - half, right: x + half, bottom: y - half, top: y + half } };
}
