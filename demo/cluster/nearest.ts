/**
 * Which point lies nearest to a place in the picture: an index over as many points as are drawn, in a
 * grid of cells with about two points each where they lie evenly. Rows are sorted by their cell, by
 * counting, so that it takes four bytes a point and two passes.
 */

/** Rows that are sorted before others get the thread. */
const STRETCH = 1 << 19;
/** Cells a side, at most: 16 MB of beginnings. */
const MOST_CELLS = 2048;

export class Nearest {
  readonly #places: Int16Array;
  readonly #side: number;
  /** Where each cell begins in `#order`, and the end. */
  readonly #begins: Uint32Array;
  readonly #order: Uint32Array;

  private constructor(places: Int16Array) {
    const rows = places.length / 2;
    this.#places = places;
    this.#side = Math.min(MOST_CELLS, Math.max(1, Math.ceil(Math.sqrt(rows / 2))));
    this.#begins = new Uint32Array(this.#side ** 2 + 1);
    this.#order = new Uint32Array(rows);
  }

  /** @param places rows × 2, −32 767 to 32 767; they are looked up here, not copied */
  static async over(places: Int16Array, signal: AbortSignal): Promise<Nearest> {
    const index = new Nearest(places);
    for (const _ of index.#sort()) {
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
    }
    return index;
  }

  *#sort(): Generator<void> {
    const rows = this.#order.length;
    const begins = this.#begins;
    const side = this.#side;
    const places = this.#places;
    for (let from = 0; from < rows; from += STRETCH) {
      const to = Math.min(rows, from + STRETCH);
      for (let i = from; i < to; i++)
        begins[this.#cell(places[2 * i + 1]) * side + this.#cell(places[2 * i])]++;
      yield;
    }
    for (let cell = 0, before = 0; cell < begins.length; cell++) {
      before += begins[cell];
      begins[cell] = before;
    }
    // From the last row back, so that each cell's own count leads to its beginning.
    for (let to = rows; to > 0; to -= STRETCH) {
      for (let i = to - 1; i >= Math.max(0, to - STRETCH); i--)
        this.#order[--begins[this.#cell(places[2 * i + 1]) * side + this.#cell(places[2 * i])]] = i;
      yield;
    }
  }

  #cell(place: number): number {
    const cell = Math.floor(((place + 32767) / 65535) * this.#side);
    return cell < 0 ? 0 : cell >= this.#side ? this.#side - 1 : cell;
  }

  /** The row nearest to (x, y) no farther than `reach`, the first of equals, or −1. */
  find(x: number, y: number, reach: number): number {
    const side = this.#side;
    const width = 65535 / side;
    const [column, line] = [this.#cell(x), this.#cell(y)];
    const state = { best: -1, least: reach * reach };
    // Rings of cells around that of the place; rows of a ring r are at least (r − 1) cells away.
    const rings = Math.ceil(reach / width) + 1;
    for (let ring = 0; ring <= rings; ring++) {
      if (ring > 1 && ((ring - 1) * width) ** 2 > state.least) break;
      const [bottom, top] = [line - ring, line + ring];
      for (let v = Math.max(0, bottom); v <= Math.min(side - 1, top); v++) {
        const step = v === bottom || v === top || ring === 0 ? 1 : 2 * ring;
        for (let u = column - ring; u <= column + ring; u += step)
          if (u >= 0 && u < side) this.#search(v * side + u, x, y, state);
      }
    }
    return state.best;
  }

  #search(cell: number, x: number, y: number, state: { best: number; least: number }): void {
    for (let at = this.#begins[cell]; at < this.#begins[cell + 1]; at++) {
      const row = this.#order[at];
      const [right, up] = [this.#places[2 * row] - x, this.#places[2 * row + 1] - y];
      const away = right * right + up * up;
      const isNearer = away < state.least || (away === state.least && state.best === -1);
      if (isNearer || (away === state.least && row < state.best)) {
        state.best = row;
        state.least = away;
      }
    }
  }
}
