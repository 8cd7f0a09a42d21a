/** The line below the picture: how many points it has, and how they lie in it. */
import { byId } from '../dom.ts';
import { columnTitle, count, plural, rough, share } from '../format.ts';
import type { FromClusterWorker } from '../messages.ts';
import type { Axes } from './view.ts';

export class Caption {
  readonly #place = byId('stage-points', HTMLElement);
  /** What the worker has sent points of. */
  rows = 0;
  columns = 2;
  axes: Axes = null;
  names: readonly string[] = [];
  #share = 1;
  #stretch = 1;
  #drawn = 0;
  /** False in a browser without WebGL. */
  hasWebGl = true;
  /** Drawn on the GPU that clusters them, without WebGL. */
  isDrawnBySession = false;

  take(message: FromClusterWorker & { type: 'points' }): void {
    const { places, columns, axes, names } = message;
    Object.assign(this, { rows: places.length / 2, columns, axes, names });
    [this.#share, this.#stretch, this.#drawn] = [message.share, message.stretch, this.rows];
  }

  /** What a column is called. */
  title(column: number): string {
    return columnTitle(this.names, this.columns, column);
  }

  /** Nothing of the present run is on the screen. */
  isOld = false;

  tellOld(): void {
    if (this.isOld && this.rows > 0)
      this.#place.textContent = 'The picture is still of the run before.';
  }

  /** @param when in words, of a picture of the past */
  tell(when: string, drawn = this.#drawn): void {
    this.isOld = false;
    this.#drawn = drawn;
    const { rows, columns, axes } = this;
    const isPlane = columns === 2;
    const what =
      !this.hasWebGl && !this.isDrawnBySession
        ? `This browser has no WebGL: only centroids${isPlane ? ' and cells' : ''}, no points`
        : drawn < rows
          ? `${rough(drawn)} of ${count(rows)} points`
          : plural(rows, 'point') + (isPlane ? '' : ` of ${plural(columns, 'column')}`);
    const how = axes
      ? `${what}, drawn on ${this.title(axes[0])} and ${this.title(axes[1])}`
      : isPlane || columns === 1
        ? what +
          (this.#stretch > 0 && this.#stretch !== 1 ? ', each axis on a scale of its own' : '')
        : `${what}, drawn on the first two principal components (${share(this.#share)} of the variance)`;
    this.#place.textContent = how + when;
  }
}
