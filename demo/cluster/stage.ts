/**
 * The picture of the Cluster tab: points below, Voronoi cells and centroids above, one view of both.
 *
 * d3-zoom turns wheel, drag and pinch into a transform; keys and buttons go through it too. One
 * finger still scrolls the page. Without WebGL the points are left out, and the rest still works.
 */
import { Delaunay } from 'd3-delaunay';
import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from 'd3-zoom';
import { Desk } from '../desk.ts';
import { openLine, type Line } from '../line.ts';
import type {
  Bounds,
  Frame,
  FromPointsWorker,
  Seen,
  ToPainter,
  ToPointsWorker,
} from '../messages.ts';
import { FEW } from './few.ts';
import { channels, paintMap } from '../../src/picture/palette.ts';
import type { PointsServices } from './drawing.ts';

export interface StageEvents {
  /** The last points that were given are on the screen. */
  drawn(): void;
  /** Points cannot be drawn in this browser. */
  unavailable(): void;
  /** What lies over the picture has to be drawn again: it moved, or the centroids did. */
  moved(): void;
  /** To the session, which may draw the points itself. */
  tell(message: ToPainter, transfer?: Transferable[]): void;
}

/** Part of the stage's shorter side that the points take. */
const FILL = 0.94;

export class Stage {
  readonly #box: HTMLElement;
  readonly #cells: SVGPathElement;
  readonly #rings: SVGPathElement;
  readonly #dots: SVGPathElement;
  readonly #marks: SVGGElement;
  readonly #zoom = zoom<HTMLElement, unknown>().scaleExtent([0.5, 400]);
  readonly #points: Line<ToPointsWorker>;
  readonly #events: StageEvents;
  /** What can be asked of the worker that draws the points. */
  readonly desk = new Desk<PointsServices>();
  /** The points' own canvas, and one that is lent to the session: it is before the other where that draws. */
  readonly #canvas: HTMLCanvasElement;
  #lent: HTMLCanvasElement | null = null;
  #isDrawnBySession = false;
  /** Whether the worker has labels, which would be told where the pointer is. */
  #isLabelled = false;
  #transform: ZoomTransform = zoomIdentity;
  #bounds: Bounds = { left: -1, bottom: -1, right: 1, top: 1 };
  #centroids: Float32Array | null = null;
  #hasCells = true;
  #stretch = 1;
  #marked = false;
  #colours: string[] = [];
  #width = 1;
  #height = 1;

  /** Rows whose labels are worth sending while a run is under way. */
  sample = 100_000;

  constructor(box: HTMLElement, events: StageEvents) {
    this.#box = box;
    this.#events = events;
    const find = <T extends Element>(selector: string) => box.querySelector<T>(selector)!;
    this.#cells = find('.cells');
    this.#rings = find('.rings');
    this.#dots = find('.dots');
    this.#marks = find('.marks');
    const selection = select(box);
    this.#zoom
      .filter((event: Event) => !isOneFinger(event) && !(event as MouseEvent).button)
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => {
        this.#transform = transform;
        this.#refit();
      });
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) this.#zoom.duration(0);
    selection.call(this.#zoom);
    box.addEventListener('keydown', (event) => this.#onKey(event));
    this.#points = openLine<ToPointsWorker, FromPointsWorker>({
      worker: () => new Worker(new URL('./points-worker.ts', import.meta.url), { type: 'module' }),
      load: async () => (await import('./drawing.ts')).openDrawing,
      listen: (message) => {
        if (message.type === 'ready') this.sample = message.sample;
        else events[message.type]();
      },
      onBroken: () => events.unavailable(),
    });
    this.#send({ type: 'desk', port: this.desk.port }, [this.desk.port]);
    this.#canvas = box.querySelector('canvas')!;
    try {
      const canvas = this.#canvas.transferControlToOffscreen();
      this.#send({ type: 'canvas', canvas }, [canvas]);
    } catch {
      events.unavailable();
    }
    new ResizeObserver(() => this.#measure()).observe(box);
    this.#measure();
  }

  /** The session wants to draw the points: a new canvas, since one that was lent is the old session's for good. */
  lend(): void {
    this.#lent?.remove();
    this.#lent = document.createElement('canvas');
    this.#lent.ariaHidden = 'true';
    this.#lent.classList.add('behind');
    this.#canvas.after(this.#lent);
    try {
      const canvas = this.#lent.transferControlToOffscreen();
      this.#events.tell({ type: 'canvas', canvas }, [canvas]);
    } catch {
      this.#events.tell({ type: 'canvas', canvas: null });
    }
    this.#measure();
  }

  /** Its first picture is yet to come; when it no longer draws, the worker does at once. */
  setPainter(isSession: boolean): void {
    this.#isDrawnBySession = isSession;
    if (isSession) return;
    this.#bringBefore(false);
    this.#events.drawn();
  }

  /** The session has painted. */
  painted(): void {
    if (!this.#isDrawnBySession) return;
    this.#bringBefore(true);
    this.#events.drawn();
  }

  #bringBefore(isSession: boolean): void {
    const isBehind = this.#canvas.classList.contains('behind');
    if (isSession === isBehind) return;
    this.#canvas.classList.toggle('behind', isSession);
    this.#lent?.classList.toggle('behind', !isSession);
    this.#send({ type: 'sleep', sleeps: isSession });
  }

  get colours(): readonly string[] {
    return this.#colours;
  }

  /**
   * @param stretch how much longer a unit is up than across; 0 where the cells of the centroids' places
   * do not hold the clusters' points
   * @param marked whether centroids show by their colours which points are their own
   */
  setPoints(
    places: Int16Array<ArrayBuffer>,
    bounds: Bounds,
    stretch: number,
    marked: boolean,
  ): void {
    this.#bounds = bounds;
    this.#hasCells = stretch > 0;
    this.#stretch = stretch || 1;
    this.#marked = marked;
    this.#box.classList.toggle('few', places.length / 2 < FEW);
    this.#centroids = null;
    this.#isLabelled = false;
    this.#send({ type: 'places', places }, [places.buffer]);
    this.#refit();
  }

  /** Where centroids are drawn, k × 2. */
  get centroids(): Float32Array | null {
    return this.#centroids;
  }

  /** Pixels of the picture where a place is seen. */
  toPixels(x: number, y: number): [number, number] {
    const { scale, left, bottom } = this.#fit();
    return [left + x * scale, bottom - y * scale];
  }

  /** The place that is seen at these pixels. */
  toPlace(x: number, y: number): [number, number] {
    const { scale, left, bottom } = this.#fit();
    return [(x - left) / scale, (bottom - y) / scale];
  }

  /** Centroids as somebody moves them, and their colours; points follow with the next picture. */
  sketch(centroids: Float32Array, colours: readonly string[]): void {
    this.#centroids = centroids;
    this.#colours = [...colours];
    this.#drawOverlay();
  }

  /** A new run begins: the old picture stays until the first of the new one, which gets new colours. */
  expectRun(): void {
    this.#colours = [];
  }

  /**
   * Colours stay with their clusters through a run, so that the eye can follow them. Without labels it is the session
   * that has them.
   */
  setClusters(labels: Uint8Array<ArrayBuffer> | null, centroids: Float32Array): void {
    this.#centroids = centroids;
    if (this.#colours.length !== centroids.length / 2) this.#colours = paintMap(centroids);
    this.#show({ type: 'palette', colours: this.#colours.map(channels) });
    if (labels || this.#isLabelled) {
      this.#isLabelled = labels !== null;
      const known = labels ?? new Uint8Array();
      this.#send({ type: 'labels', labels: known }, [known.buffer]);
    }
    if (this.#isDrawnBySession) this.#events.tell({ type: 'paint' });
    else if (!labels) this.#events.drawn(); // it no longer draws
    this.#drawOverlay();
  }

  showCells(shown: boolean): void {
    this.#box.classList.toggle('without-cells', !shown);
  }

  zoomBy(factor: number): void {
    this.#zoom.scaleBy(select(this.#box), factor);
  }

  reset(): void {
    this.#zoom.transform(select(this.#box), zoomIdentity);
  }

  get size(): { width: number; height: number } {
    return { width: this.#width, height: this.#height };
  }

  /** A place in the stage, in pixels, as one among the points: −1 to 1 from edge to edge. */
  placeAt(x: number, y: number): { x: number; y: number; perPixel: number } {
    const { half, middleX, middleY } = this.#lens;
    return { x: (x - middleX) / half, y: (middleY - y) / half, perPixel: 1 / half };
  }

  /** The way back. */
  pixelsOf(place: { x: number; y: number }): { x: number; y: number } {
    const { half, middleX, middleY } = this.#lens;
    return { x: middleX + place.x * half, y: middleY - place.y * half };
  }

  #send(message: ToPointsWorker, transfer: Transferable[] = []): void {
    this.#points.send(message, transfer);
  }

  /** To whoever draws, now or later. */
  #show(message: Seen): void {
    this.#send(message);
    if (this.#lent) this.#events.tell(message);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.#box || event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = (x: number, y: number) =>
      this.#zoom.translateBy(select(this.#box), x / this.#transform.k, y / this.#transform.k);
    const keys: Record<string, () => void> = {
      ArrowLeft: () => pan(60, 0),
      ArrowRight: () => pan(-60, 0),
      ArrowUp: () => pan(0, 60),
      ArrowDown: () => pan(0, -60),
      '+': () => this.zoomBy(1.4),
      '=': () => this.zoomBy(1.4),
      '-': () => this.zoomBy(1 / 1.4),
      '0': () => this.reset(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.#box;
    if (clientWidth === 0 || clientHeight === 0) return; // its tab is hidden
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#zoom.extent([
      [0, 0],
      [clientWidth, clientHeight],
    ]);
    const ratio = Math.min(2, devicePixelRatio);
    this.#show({ type: 'size', width: clientWidth, height: clientHeight, ratio });
    this.#refit();
  }

  /** Pixels of half the bounds' side before zooming. */
  get #half(): number {
    return (FILL * Math.min(this.#width, this.#height)) / 2;
  }

  /** Where the middle of the points lies in the stage, and pixels to their edge. */
  get #lens(): { half: number; middleX: number; middleY: number } {
    const { x, y, k } = this.#transform;
    const [middleX, middleY] = [(this.#width / 2) * k + x, (this.#height / 2) * k + y];
    return { half: this.#half * k, middleX, middleY };
  }

  #refit(): void {
    const { half, middleX, middleY } = this.#lens;
    const frame: Frame = {
      left: -middleX / half,
      right: (this.#width - middleX) / half,
      top: middleY / half,
      bottom: (middleY - this.#height) / half,
    };
    this.#show({ type: 'frame', frame });
    this.#drawOverlay();
    this.#box.dispatchEvent(new Event('refit'));
  }

  #drawOverlay(): void {
    const centroids = this.#centroids;
    if (!centroids) {
      for (const path of [this.#cells, this.#rings, this.#dots]) path.removeAttribute('d');
      this.#marks.replaceChildren();
      return;
    }
    const { scale, left, bottom } = this.#fit();
    const places = Float64Array.from(centroids, (value, at) =>
      at % 2 === 0 ? left + value * scale : bottom - value * scale,
    );
    this.#cells.setAttribute(
      'd',
      this.#hasCells && centroids.length > 2 ? this.#edges(places) : '',
    );
    const dots: string[] = [];
    for (let at = 0; at < places.length; at += 2)
      dots.push(`M${places[at].toFixed(1)} ${places[at + 1].toFixed(1)}h0`);
    this.#rings.setAttribute('d', dots.join(''));
    this.#dots.setAttribute('d', dots.join(''));
    const marked = this.#marked ? dots : [];
    this.#marks.replaceChildren(...marked.map((dot, j) => mark(dot, this.#colours[j] ?? 'none')));
    this.#events.moved();
  }

  /** Pixels a unit, and where the place (0, 0) is seen. */
  #fit(): { scale: number; left: number; bottom: number } {
    const { left, right, bottom, top } = this.#bounds;
    const { half, middleX, middleY } = this.#lens;
    const scale = (2 * half) / (right - left);
    return {
      scale,
      left: middleX - ((left + right) / 2) * scale,
      bottom: middleY + ((bottom + top) / 2) * scale,
    };
  }

  /** Edges of the Voronoi cells, found where a unit is as long up as across. */
  #edges(places: Float64Array): string {
    const margin = 4; // so that no cell's edge runs along the frame
    const up = this.#stretch;
    const even = places.map((value, at) => (at % 2 === 0 ? value : value / up));
    const [right, bottom] = [this.#width + margin, (this.#height + margin) / up];
    this.#cells.setAttribute('transform', `scale(1 ${up})`);
    return new Delaunay(even).voronoi([-margin, -margin / up, right, bottom]).render() ?? ''; // no edges where all are at one place
  }
}

function mark(dot: string, colour: string): SVGPathElement {
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', dot);
  path.setAttribute('stroke', colour);
  return path;
}

function isOneFinger(event: Event): boolean {
  return event.type.startsWith('touch') && (event as TouchEvent).touches.length < 2;
}
