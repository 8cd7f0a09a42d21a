/**
 * The points that are clustered and how they lie in the picture, in the session: kept from run to run,
 * since most changes leave both as they are.
 */
import type { ReadPoints } from '../../src/io/index.ts';
import { isDataSet } from '../data/data-sets.ts';
import type { ClusterRequest, FromClusterWorker } from '../messages.ts';
import type { Post } from '../worker-port.ts';
import { makeBoard, shrink, type NamedRows } from './boards.ts';
import type { OwnChoice } from './own-data.ts';
import type { Rows } from '../../src/matrix.ts';
import { project } from '../../src/picture/projection.ts';
import { viewOf, type Axes, type View } from './view.ts';

type Reading = { signal: AbortSignal; onShare: (share: number) => void };

export class PointsAtHand {
  readonly #post: Post<FromClusterWorker>;
  points: NamedRows | null = null;
  /** Where they are of a file of the user's: which, and what was read of it. */
  own: { choice: OwnChoice; read: ReadPoints } | null = null;
  #request: ClusterRequest | null = null;
  #key = '';
  /** Other whenever the points lie elsewhere in the picture. */
  version = 0;
  #view: View | null = null;
  #viewKey = '';

  constructor(post: Post<FromClusterWorker>) {
    this.#post = post;
  }

  async get(request: ClusterRequest, reading: Reading): Promise<NamedRows> {
    const key = keyOf(request);
    if (this.points === null || key !== this.#key) {
      this.points = this.own = this.#view = null; // let go before the next are made
      this.points = await this.#make(request, reading);
      this.#key = key;
      this.#viewKey = '';
    }
    this.#request = request;
    this.see(request.axes);
    return this.points;
  }

  /** Draws the points anew where that changes how they are seen. */
  see(axes: Axes): boolean {
    if (this.points === null || this.#request === null) return false;
    const { whiten, metric } = this.#request;
    const kind = [whiten, metric].join();
    const key = [kind, axes].join();
    if (key === this.#viewKey) return false;
    const { names = [], columns } = this.points;
    const areNew = !this.#viewKey.startsWith(`${kind},`);
    this.#view = viewOf(this.points, whiten, axes);
    this.#viewKey = key;
    this.version++;
    const { places, bounds } = shrink(this.place(this.points));
    const { projection, stretch } = this.#view;
    // Between medians, and between directions, boundaries are no lines of this plane.
    const isFlat = columns === 2 && metric === 'euclidean';
    this.#post(
      {
        type: 'points',
        places,
        bounds,
        columns,
        share: projection?.share ?? 1,
        areNew,
        plane: projection,
        names,
        axes: this.#view.axes,
        stretch: isFlat ? stretch : 0,
        fileRows: this.own?.read.rows ?? null,
      },
      [places.buffer],
    );
    return true;
  }

  /** The points as they are drawn: coordinates as fractions of the bounds. */
  places(): Int16Array<ArrayBuffer> {
    return shrink(this.place(this.points!)).places;
  }

  /** Where rows of these points lie in the picture. */
  place<Data extends Rows['data']>(rows: Rows & { data: Data }): Data | Float32Array {
    const projection = this.#view?.projection;
    return projection ? project(rows, projection) : rows.data;
  }

  async #make(request: ClusterRequest, { signal, onShare }: Reading): Promise<NamedRows> {
    const { board, n, seed, own } = request;
    if (board !== 'own' || own === null) return makeBoard({ board, n, seed });
    const { readOwn } = await import('./own-data.ts');
    const read = await readOwn(own, signal, onShare);
    this.own = { choice: own, read };
    return { ...read.points, names: read.names };
  }
}

function keyOf({ board, n, seed, own }: ClusterRequest): string {
  if (board === 'own') return JSON.stringify([own?.number, own?.columns, own?.id, own?.missing]);
  return [board, ...(isDataSet(board) ? [] : [n, seed])].join();
}
