/**
 * Cells below a tree of boxes, and the nearest centroid of each: a node is compared only with the
 * centroids that may be nearest somewhere in its box.
 *
 * Source: T. Kanungo and others, "An efficient k-means clustering algorithm: analysis and
 * implementation", IEEE TPAMI 24(7), 2002. On this thread and in float64 in a fixed order, so that it is
 * the same whichever engine works on the colours: messages to others would take longer than
 * the few thousand cells do.
 */

/** A binary tree in preorder whose nodes become cells where they lose no more than `limit` by it. */
export interface Cells {
  /** The second child (the first follows its parent); 0 for leaves. */
  readonly second: Uint32Array;
  readonly weights: Float64Array;
  /** Weighted sums of four coordinates. */
  readonly sums: Float64Array;
  /** Σ W · squared distance from the node's mean. */
  readonly lost: Float64Array;
  readonly limit: number;
}

/** Cells that are gone through one by one. */
const BUCKET = 12;

export class CellTree {
  /** Cells. */
  readonly size: number = 0;
  readonly columns: 3 | 4;
  /** Means of the cells, four coordinates each, and their weights. */
  readonly means: Float64Array;
  readonly weights: Float64Array;
  /** Nodes in preorder: cells `from` to `to - 1`, second child or 0, box (four lows, four highs), weight. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly second: Uint32Array;
  readonly boxes: Float64Array;
  readonly nodeWeights: Float64Array;

  /** Of the last pass for each centroid Σ W · x and Σ W, and Σ W · d² in all. */
  sums: Float64Array = new Float64Array();
  counts: Float64Array = new Float64Array();
  inertia = 0;
  /** Of the last pass for each cell the nearest centroid, and W · d². */
  readonly labels: Uint32Array;
  readonly masses: Float64Array;
  /** Centroids in question at each depth, one list after the other. */
  #lists = new Uint32Array();
  #near = new Float64Array();

  constructor(cells: Cells, columns: 3 | 4) {
    this.columns = columns;
    const { lost, limit } = cells;
    const leaves = (cells.second.length + 1) >> 1;
    const most = lost.reduce((count, loss) => count + (loss > limit ? 1 : 0), Math.min(1, leaves));
    this.means = new Float64Array(4 * most);
    this.weights = new Float64Array(most);
    this.labels = new Uint32Array(most);
    this.masses = new Float64Array(most);
    const nodes = 2 * most;
    this.from = new Uint32Array(nodes);
    this.to = new Uint32Array(nodes);
    this.second = new Uint32Array(nodes);
    this.boxes = new Float64Array(8 * nodes);
    this.nodeWeights = new Float64Array(nodes);
    if (leaves === 0) return;
    this.#take(cells, 0, 0);
    this.size = most;
  }

  /** Takes over what is below a node; its number here. Cells and nodes follow the last ones. */
  #filled = 0;
  #take(cells: Cells, node: number, own: number): number {
    const { second, weights, sums, lost, limit } = cells;
    const { boxes, means } = this;
    const first = this.#filled;
    let next = own + 1;
    let right = 0;
    const box = 8 * own;
    this.nodeWeights[own] = weights[node];
    if (second[node] === 0 || lost[node] <= limit) {
      const cell = this.#filled++;
      const weight = weights[node];
      this.weights[cell] = weight;
      for (let t = 0; t < 4; t++)
        means[4 * cell + t] = boxes[box + t] = boxes[box + 4 + t] = sums[4 * node + t] / weight;
    } else {
      const left = next;
      next = this.#take(cells, node + 1, left);
      right = next;
      next = this.#take(cells, second[node], right);
      for (let t = 0; t < 4; t++) {
        boxes[box + t] = Math.min(boxes[8 * left + t], boxes[8 * right + t]);
        boxes[box + 4 + t] = Math.max(boxes[8 * left + 4 + t], boxes[8 * right + 4 + t]);
      }
    }
    this.from[own] = first;
    this.to[own] = this.#filled;
    if (this.#filled - first <= BUCKET) {
      this.second[own] = 0;
      return own + 1; // what was below is written over
    }
    this.second[own] = right;
    return next;
  }

  /** Goes to the nearest of some centroids (four coordinates each) with every cell. */
  pass(centroids: Float64Array): void {
    const k = centroids.length / 4;
    this.sums = new Float64Array(4 * k);
    this.counts = new Float64Array(k);
    this.inertia = 0;
    if (this.#near.length < k) {
      this.#near = new Float64Array(k);
      this.#lists = new Uint32Array(36 * k); // a byte of each channel halves 8 times
    }
    for (let j = 0; j < k; j++) this.#lists[j] = j;
    if (this.size > 0) this.#visit(0, 0, k, centroids);
  }

  #visit(node: number, list: number, m: number, c: Float64Array): void {
    const lists = this.#lists;
    const near = this.#near;
    const { boxes } = this;
    const at = 8 * node;
    const x = (boxes[at] + boxes[at + 4]) / 2;
    const y = (boxes[at + 1] + boxes[at + 5]) / 2;
    const z = (boxes[at + 2] + boxes[at + 6]) / 2;
    const a = (boxes[at + 3] + boxes[at + 7]) / 2;
    const rx = boxes[at + 4] - x;
    const ry = boxes[at + 5] - y;
    const rz = boxes[at + 6] - z;
    const ra = boxes[at + 7] - a;
    let least = Infinity;
    let best = 0;
    for (let i = 0; i < m; i++) {
      const own = 4 * lists[list + i];
      const dx = c[own] - x;
      const dy = c[own + 1] - y;
      const dz = c[own + 2] - z;
      const da = c[own + 3] - a;
      const d = dx * dx + dy * dy + dz * dz + da * da;
      near[i] = d;
      if (d < least) {
        least = d;
        best = own;
      }
    }
    // Another is out where it is farther than the best even at the corner that suits it most.
    const bx = c[best];
    const by = c[best + 1];
    const bz = c[best + 2];
    const ba = c[best + 3];
    const kept = list + m;
    let left = 0;
    for (let i = 0; i < m; i++) {
      const label = lists[list + i];
      const own = 4 * label;
      const reach =
        rx * Math.abs(c[own] - bx) +
        ry * Math.abs(c[own + 1] - by) +
        rz * Math.abs(c[own + 2] - bz) +
        ra * Math.abs(c[own + 3] - ba);
      if (near[i] - least <= 2 * reach) lists[kept + left++] = label;
    }
    const right = this.second[node];
    if (right === 0 || left === 1) {
      this.#share(node, kept, left, c);
      return;
    }
    this.#visit(node + 1, kept, left, c);
    this.#visit(right, kept, left, c);
  }

  /** All cells of a node among the centroids that are left. */
  #share(node: number, list: number, m: number, c: Float64Array): void {
    const lists = this.#lists;
    const { means, weights, sums, counts, labels, masses } = this;
    const last = this.to[node];
    let inertia = 0;
    for (let cell = this.from[node]; cell < last; cell++) {
      const at = 4 * cell;
      const x = means[at];
      const y = means[at + 1];
      const z = means[at + 2];
      const a = means[at + 3];
      let least = Infinity;
      let label = 0;
      for (let i = list; i < list + m; i++) {
        const own = 4 * lists[i];
        const dx = c[own] - x;
        const dy = c[own + 1] - y;
        const dz = c[own + 2] - z;
        const da = c[own + 3] - a;
        const d = dx * dx + dy * dy + dz * dz + da * da;
        if (d < least) {
          least = d;
          label = lists[i];
        }
      }
      const weight = weights[cell];
      const own = 4 * label;
      sums[own] += weight * x;
      sums[own + 1] += weight * y;
      sums[own + 2] += weight * z;
      sums[own + 3] += weight * a;
      counts[label] += weight;
      inertia += weight * least;
      labels[cell] = label;
      masses[cell] = weight * least;
    }
    this.inertia += inertia;
  }
}
