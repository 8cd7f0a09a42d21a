/**
 * The nearest of up to 65 536 entries, exactly: squared Euclidean distance in doubles, the lowest place
 * where several are as near.
 *
 * A tree of cells, each halved along every axis where it is often asked: a cell keeps the entries that may be nearest to some place in
 * it (those no farther from its nearest side than some entry is from its farthest corner), picked from
 * those of the cell it is a part of. Cells of few are gone through. So pixels pay for the parts of space
 * that they lie in, and no entry that could win is ever left out.
 */

/** Entries that are gone through rather than shared out again: as quick as another level. */
const FEW = 16;

/** Points a cell sees before it is halved: most cells see too few for that to pay. */
const VISITS = 64;

/** Halvings: down to 2^−14 of the first cell, where doubles still tell sides from corners. */
const LEVELS = 14;

/** Bounds are worked out in doubles: what they are off by must not cost an entry its place. */
const SLACK = 1 + 1e-9;

interface Cell {
  readonly list: Int32Array;
  /** One for each half of each axis. */
  readonly children: (Cell | undefined)[];
  visits: number;
}

/**
 * Makes a function that gives the place of the entry nearest to a point. Entries are row-major.
 * Points outside of the first cell, which is wide, are compared with all.
 */
export function nearestEntry(
  entries: Float64Array,
  columns: 3 | 4,
): (point: Float64Array) => number {
  /** Of four columns, so that no loop over them is needed; the fourth may be zero throughout. */
  const points = new Float64Array((entries.length / columns) * 4);
  for (let i = 0; i < entries.length; i++)
    points[4 * Math.floor(i / columns) + (i % columns)] = entries[i];
  const all: Cell = { list: distinct(points), children: [], visits: 0 };
  const { low, size: whole } = wideCell(points);
  const [lowX, lowY, lowZ, lowW] = low;

  const search = (list: Int32Array, x: number, y: number, z: number, w: number): number => {
    let best = list[0];
    let least = Infinity;
    for (let i = 0; i < list.length; i++) {
      const at = 4 * list[i];
      const dx = points[at] - x;
      const dy = points[at + 1] - y;
      const dz = points[at + 2] - z;
      const dw = points[at + 3] - w;
      const squared = dx * dx + dy * dy + dz * dz + dw * dw;
      if (squared < least) {
        least = squared;
        best = list[i];
      }
    }
    return best;
  };

  /** Those of `list` that may be nearest to some place of the cell around `middle`. */
  const within = (list: Int32Array, middle: number[], half: number): Cell => {
    const leasts = new Float64Array(list.length);
    let bound = Infinity;
    for (let i = 0; i < list.length; i++) {
      let least = 0;
      let most = 0;
      for (let t = 0; t < columns; t++) {
        const away = Math.abs(points[4 * list[i] + t] - middle[t]);
        most += (away + half) * (away + half);
        if (away > half) least += (away - half) * (away - half);
      }
      leasts[i] = least;
      if (most < bound) bound = most;
    }
    return { list: list.filter((_, i) => leasts[i] <= bound * SLACK), children: [], visits: 0 };
  };

  return (point) => {
    const x = point[0];
    const y = point[1];
    const z = point[2];
    const w = columns === 4 ? point[3] : 0;
    // What is left of the way from the low corner of a cell.
    let [dx, dy, dz, dw] = [x - lowX, y - lowY, z - lowZ, w - lowW];
    if (!(Math.min(dx, dy, dz, dw) >= 0 && Math.max(dx, dy, dz, dw) < whole))
      return search(all.list, x, y, z, w);
    let cell = all;
    let size = whole;
    for (let level = 0; level < LEVELS && cell.list.length > FEW; level++) {
      if (++cell.visits <= VISITS) break;
      size /= 2;
      const number =
        (dx >= size ? 1 : 0) + (dy >= size ? 2 : 0) + (dz >= size ? 4 : 0) + (dw >= size ? 8 : 0);
      if (dx >= size) dx -= size;
      if (dy >= size) dy -= size;
      if (dz >= size) dz -= size;
      if (dw >= size) dw -= size;
      const half = size / 2;
      cell = cell.children[number] ??= within(
        cell.list,
        [x - dx + half, y - dy + half, z - dz + half, w - dw + half],
        half,
      );
    }
    return search(cell.list, x, y, z, w);
  };
}

/** The first place of every point there is, in rising order. */
function distinct(points: Float64Array): Int32Array {
  const seen = new Set<string>();
  const places: number[] = [];
  for (let at = 0; at < points.length; at += 4) {
    const key = points.subarray(at, at + 4).join();
    if (seen.has(key)) continue;
    seen.add(key);
    places.push(at / 4);
  }
  return Int32Array.from(places);
}

/** A power of two, two to four times what the entries are spread: dithering asks for places around them. */
function wideCell(points: Float64Array): { low: number[]; size: number } {
  const least = [0, 1, 2, 3].map((t) => extreme(points, t, Math.min));
  const most = [0, 1, 2, 3].map((t) => extreme(points, t, Math.max));
  const spread = Math.max(...most.map((value, t) => value - least[t]), 2 ** -20);
  const size = 2 ** Math.ceil(Math.log2(2 * spread));
  return { low: least.map((value, t) => (value + most[t] - size) / 2), size };
}

function extreme(points: Float64Array, t: number, pick: (a: number, b: number) => number): number {
  let found = points[t];
  for (let at = t; at < points.length; at += 4) found = pick(found, points[at]);
  return found;
}
