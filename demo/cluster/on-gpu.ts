/**
 * The picture of a run on WebGPU, drawn where the run is: on its device, from the labels that the engine has there. It
 * lends runs the device, and keeps it for as long as runs ask for one, so that the picture can be moved after them.
 *
 * Points are uploaded once. Labels are copied from the engine's buffer to one of its own, since the engine goes on
 * with its own; none come to main memory for the picture. Loaded by the first run that is on WebGPU.
 *
 * Only on a graphics card. Where a processor poses as one there is nothing to spare, and Chromium's GPU process ends
 * when a canvas shows what SwiftShader has drawn and all else is not drawn by it, too (156 on Linux); at times it takes
 * the tab along.
 */
import { openEngine, type Engine } from '../../src/index.ts';
import type { FromClusterWorker, Seen, ToPainter } from '../messages.ts';
import type { Post } from '../worker-port.ts';
import type { PointsAtHand } from './at-hand.ts';
import { PointsView } from './points-view.ts';
import { WebGpuPainter, type PointBuffers } from './webgpu-painter.ts';

/** Devices that may be lost: a browser that has lost two in a row has reasons to. */
const MOST_LOSSES = 2;
/** Rows of a write, and writes that may wait in the queue. */
const PIECE_ROWS = 1 << 22;
const PIECES_AT_ONCE = 4;

/** What there is while a device is. */
interface Open {
  readonly engine: Engine;
  readonly device: GPUDevice;
  readonly painter: WebGpuPainter;
  readonly view: PointsView;
  points: (PointBuffers & { rows: number; version: number }) | null;
}

export class OnGpu {
  readonly #post: Post<FromClusterWorker>;
  /** The page's canvas, once it has been asked for; null where it has none to lend. */
  #canvas: Promise<OffscreenCanvas | null> | null = null;
  #takeCanvas: (canvas: OffscreenCanvas | null) => void = () => {};
  /** The last of each kind: for a view that is opened later. */
  readonly #told = new Map<Seen['type'], Seen>();
  #open: Open | null = null;
  #losses = 0;
  /** Rows that have labels in the buffer, and which these are where they are in main memory, too. */
  #labelled = { rows: 0, as: null as Uint8Array | null };
  /** What brings points follows what brought others. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(post: Post<FromClusterWorker>) {
    this.#post = post;
  }

  /** A device for the next run, with its points; null where its pictures cannot be drawn there. */
  lend(atHand: PointsAtHand): Promise<GPUDevice | null> {
    return this.#inTurn(async () => {
      if (this.#losses >= MOST_LOSSES) return null;
      try {
        this.#open ??= await this.#make();
      } catch {
        this.#losses = MOST_LOSSES;
        return null;
      }
      this.#labelled = { rows: 0, as: null };
      if (!(await this.#bring(atHand))) {
        await this.#dispose();
        return null;
      }
      this.#post({ type: 'painter', isSession: true });
      return this.#open?.device ?? null;
    });
  }

  /** The next run is none for it: everything goes back. */
  leave(): Promise<void> {
    return this.#inTurn(() => this.#dispose());
  }

  /** The points are seen on other axes. */
  renew(atHand: PointsAtHand): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#open?.points && !(await this.#bring(atHand))) await this.#dispose();
    });
  }

  /** Where a run may write labels, u32 a row; null where the device is gone. */
  get labels(): GPUBuffer | null {
    return this.#open?.points?.labels ?? null;
  }

  /** The run has written them. */
  took(): void {
    this.#labelled = { rows: this.#open?.points?.rows ?? 0, as: null };
  }

  /** What it has written is in main memory by now. */
  known(as: Uint8Array): void {
    this.#labelled.as = as;
  }

  /** Labels of the first rows, as they were or will be again, in place of the engine's. */
  put(labels: Uint8Array): void {
    const { points, device } = this.#open ?? {};
    if (!points || !device || this.#labelled.as === labels || labels.length > points.rows) return;
    for (let at = 0; at < labels.length; at += PIECE_ROWS) {
      const wide = Uint32Array.from(labels.subarray(at, at + PIECE_ROWS));
      device.queue.writeBuffer(points.labels, 4 * at, wide);
    }
    this.#labelled = { rows: labels.length, as: labels };
  }

  /** All points as they are seen now, as a PNG without a ground; null where they are not drawn here. */
  picture(): Promise<Blob> | null {
    return this.#open?.view.picture() ?? null;
  }

  receive(message: ToPainter): void {
    if (message.type === 'canvas') return this.#takeCanvas(message.canvas);
    const view = this.#open?.view;
    if (message.type === 'paint')
      return void view?.colour(this.#labelled.rows).then(() => this.#post({ type: 'painted' }));
    this.#told.set(message.type, message);
    view?.see(message);
  }

  async #make(): Promise<Open> {
    const engine = await openEngine('webgpu');
    const device = engine.device!;
    try {
      if (!engine.hardware) throw new Error('no graphics card');
      this.#canvas ??= new Promise((resolve) => {
        this.#takeCanvas = resolve;
        this.#post({ type: 'canvas-wanted' });
      });
      const canvas = await this.#canvas;
      if (!canvas) throw new Error('no canvas to draw on');
      const painter = await WebGpuPainter.open(device, canvas);
      const view = new PointsView(canvas, painter);
      const open = { engine, device, painter, view, points: null };
      for (const message of this.#told.values()) view.see(message);
      void device.lost.then(() => this.#lost(open));
      return open;
    } catch (error) {
      await engine.dispose();
      throw error;
    }
  }

  /** Uploads the points where they are others than before; false where there is no room. */
  async #bring(atHand: PointsAtHand): Promise<boolean> {
    const open = this.#open!;
    const { device, painter, view } = open;
    const { version } = atHand;
    if (open.points?.version === version) {
      view.setRows(open.points.rows);
      return true;
    }
    const places = atHand.places();
    const rows = places.length / 2;
    const before = open.points;
    painter.setPoints((open.points = null));
    view.setRows(0);
    before?.places.destroy();
    const kept = before?.rows === rows ? before.labels : null;
    if (!kept) before?.labels.destroy();
    if (4 * rows > device.limits.maxBufferSize) return false;
    device.pushErrorScope('out-of-memory');
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const make = (label: string) => device.createBuffer({ label, size: 4 * rows, usage });
    const points = { rows, version, places: make('places'), labels: kept ?? make('labels') };
    open.points = points;
    if (await device.popErrorScope()) return false;
    for (let row = 0, piece = 1; row < rows; row += PIECE_ROWS, piece++) {
      const part = places.subarray(2 * row, 2 * (row + PIECE_ROWS));
      device.queue.writeBuffer(points.places, 4 * row, part as Int16Array<ArrayBuffer>);
      if (piece % PIECES_AT_ONCE === 0) await device.queue.onSubmittedWorkDone();
    }
    painter.setPoints(points);
    view.setRows(rows);
    return true;
  }

  #lost(open: Open): void {
    if (this.#open !== open) return; // given back
    this.#losses++;
    void this.#dispose();
  }

  async #dispose(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    this.#post({ type: 'painter', isSession: false });
    open.view.sleep(true);
    open.painter.dispose();
    await open.engine.dispose(); // and with its device the buffers
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
