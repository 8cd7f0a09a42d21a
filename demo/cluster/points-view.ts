/**
 * The picture of millions of points: how they look, and when they are drawn. What draws them is a painter's: in
 * WebGL (webgl-painter.ts, in drawing.ts) or in WebGPU (webgpu-painter.ts, in on-gpu.ts).
 *
 * While something moves only the first points are drawn: boards mix their groups, so that any first
 * rows are a fair sample. When it rests all are, a chunk a frame, on a sheet that is shown when it
 * is whole.
 */
import type { Frame, Seen } from '../messages.ts';
import { FEW } from './few.ts';

const REST_MS = 140;

/** How points are drawn. */
export interface Look {
  /** Pixels of a dot, and how much it hides. */
  size: number;
  opacity: number;
  /** By cluster; otherwise grey. */
  coloured: boolean;
  /** Of the part that is seen, and what leads from there to −1 … 1. */
  centre: [x: number, y: number];
  scale: [x: number, y: number];
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Draws points that it has, by labels that it has, on a canvas. */
export interface Painter {
  /** True where a processor poses as the graphics card. */
  readonly isSlow: boolean;
  /** The canvas has another size. */
  resize(): void;
  /** Colours of the clusters. */
  setPalette(colours: readonly Colour[]): void;
  /** A clean sheet, and how points are to be drawn on it. */
  begin(look: Look): void;
  draw(first: number, count: number): void;
  /** Puts the sheet on the canvas at once; resolves when that is done. */
  show(): Promise<void>;
}

export class PointsView {
  /** Points that are drawn while something moves. */
  readonly sample: number;
  readonly #chunk: number;
  readonly #canvas: OffscreenCanvas;
  readonly #painter: Painter;
  #rows = 0;
  #coloured = 0;
  #frame: Frame = { left: -1, right: 1, bottom: -1, top: 1 };
  #ratio = 1;
  #sleeps = false;
  #scheduled = 0;
  #whenShown = () => {};
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: OffscreenCanvas, painter: Painter) {
    [this.#canvas, this.#painter] = [canvas, painter];
    this.sample = painter.isSlow ? 100_000 : 1_000_000;
    this.#chunk = painter.isSlow ? 100_000 : 4_000_000;
  }

  /** Rows that have labels. */
  get coloured(): number {
    return this.#coloured;
  }

  get frame(): Frame {
    return this.#frame;
  }

  /** New points, so many, without colours yet. */
  setRows(rows: number): void {
    [this.#rows, this.#coloured] = [rows, 0];
    this.touch();
  }

  /** The first so many have labels; the others are not drawn until theirs come. Resolves when shown. */
  colour(rows: number): Promise<void> {
    this.#coloured = Math.min(rows, this.#rows);
    this.touch();
    return new Promise((resolve) => {
      this.#whenShown = resolve;
    });
  }

  /** The picture is seen otherwise. */
  see(message: Seen): void {
    switch (message.type) {
      case 'size':
        this.#ratio = message.ratio;
        this.#canvas.width = Math.round(message.width * this.#ratio);
        this.#canvas.height = Math.round(message.height * this.#ratio);
        this.#painter.resize();
        break;
      case 'frame':
        this.#frame = message.frame;
        break;
      case 'palette':
        this.#painter.setPalette(message.colours);
    }
    this.touch();
  }

  /** Draws nothing of its own accord, because another picture is before it, until it is woken. */
  sleep(sleeps: boolean): void {
    this.#sleeps = sleeps;
    this.touch();
  }

  get sleeps(): boolean {
    return this.#sleeps;
  }

  /** All points as they are seen now, as a PNG without a ground. */
  picture(): Promise<Blob> {
    this.#stop();
    this.#painter.begin(this.#look(this.#drawable));
    this.#painter.draw(0, this.#drawable);
    this.#show();
    return this.#canvas.convertToBlob();
  }

  /** Pixels of the page and opacity of the dots, when all are drawn. */
  get dots(): { size: number; opacity: number } {
    const { size, opacity } = this.#look(this.#drawable);
    return { size: size / this.#ratio, opacity };
  }

  #stop(): void {
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#scheduled);
  }

  /** Something changed: the sample at the next frame, everything once it rests. */
  touch(): void {
    this.#stop();
    if (this.#sleeps) return;
    this.#scheduled = requestAnimationFrame(() => {
      const drawable = this.#drawable;
      const first = Math.min(this.sample, drawable);
      this.#painter.begin(this.#look(first));
      this.#painter.draw(0, first);
      this.#show(this.#whenShown);
      if (first < drawable) this.#resting = setTimeout(() => this.#drawAll(drawable), REST_MS);
    });
  }

  /** Where the card is gone nothing is shown, and others take over. */
  #show(shown = () => {}): void {
    this.#painter.show().then(shown, () => {});
  }

  /** Those that have labels, or all while none has. */
  get #drawable(): number {
    return this.#coloured || this.#rows;
  }

  #drawAll(rows: number): void {
    let done = 0;
    this.#painter.begin(this.#look(rows));
    const next = () => {
      this.#painter.draw(done, Math.min(this.#chunk, rows - done));
      done += this.#chunk;
      if (done >= rows) this.#show();
      else this.#scheduled = requestAnimationFrame(next);
    };
    this.#scheduled = requestAnimationFrame(next);
  }

  /** Dots of such a size and opacity that so many of them show their density. */
  #look(rows: number): Look {
    const { width, height } = this.#canvas;
    const { left, right, bottom, top } = this.#frame;
    // Pixels of the square that holds the points, when all of it is in view.
    const area = ((2 * width) / (right - left)) * ((2 * height) / (top - bottom));
    const most = (rows < FEW ? 10 : 7) * this.#ratio;
    const size = Math.min(most, Math.max(1, Math.sqrt((0.9 * area) / Math.max(1, rows))));
    const cover = (rows * size * size) / area;
    return {
      size,
      opacity: Math.min(0.85, Math.max(0.06, 0.75 / cover)),
      coloured: this.#coloured > 0,
      centre: [(left + right) / 2, (bottom + top) / 2],
      scale: [2 / (right - left), 2 / (top - bottom)],
    };
  }
}
