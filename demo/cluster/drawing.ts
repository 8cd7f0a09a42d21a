/**
 * Draws the points, in a worker of its own where that can be: where a processor poses as the graphics card,
 * drawing and handing the picture on takes a tenth of a second and more, and the page must answer meanwhile.
 * While the session draws them itself (on-gpu.ts), it sleeps, and only answers what is where.
 */
import { serve, type Call } from '../desk.ts';
import type { FromPointsWorker, ToPointsWorker } from '../messages.ts';
import type { Post } from '../worker-port.ts';
import type { Nearest } from './nearest.ts';
import { PointsView } from './points-view.ts';
import { WebGlPainter } from './webgl-painter.ts';

/** Points, so many of them at most, that a picture made of lines can bear. */
const MOST_DOTS = 5000;

/** What is drawn, and on what. */
interface Board {
  shown: { painter: WebGlPainter; view: PointsView } | null;
  /** Sorted when somebody first asks what is where. */
  nearest: Promise<Nearest> | null;
  sorting: AbortController;
}

/** The cluster of a row, or null where it has none yet. */
function labelOf(row: number, { painter, view }: NonNullable<Board['shown']>): number | null {
  return row < view.coloured ? painter.labels[row] : null;
}

/** Places in the frame (0 to 1 from its left and its top) by cluster, and how they look. */
function dotsOf(shown: NonNullable<Board['shown']>) {
  const { painter, view } = shown;
  const { left, right, bottom, top } = view.frame;
  const { places } = painter;
  const dots: number[][] = [];
  for (let i = 0; i < (view.coloured || places.length / 2); i++) {
    const x = (places[2 * i] / 32767 - left) / (right - left);
    const y = (top - places[2 * i + 1] / 32767) / (top - bottom);
    const isSeen = x > -0.01 && x < 1.01 && y > -0.01 && y < 1.01;
    if (isSeen) (dots[labelOf(i, shown) ?? 0] ??= []).push(x, y);
  }
  return { dots, ...view.dots };
}

const servicesOf = (board: Board) => ({
  /** The point nearest to a place (−1 to 1, as frames have it), and its cluster where it has one. */
  async nearest({ x, y, reach }: { x: number; y: number; reach: number }) {
    const { shown } = board;
    if (!shown || shown.painter.places.length === 0) return null;
    const { places } = shown.painter;
    const { signal } = board.sorting;
    board.nearest ??= import('./nearest.ts').then(({ Nearest }) => Nearest.over(places, signal));
    const index = await board.nearest.catch(() => null);
    const row = index?.find(32767 * x, 32767 * y, 32767 * reach) ?? -1;
    if (row < 0 || places !== shown.painter.places) return null;
    const [right, up] = places.subarray(2 * row, 2 * row + 2);
    return { row, x: right / 32767, y: up / 32767, cluster: labelOf(row, shown) };
  },

  /**
   * The points as they are seen, all of them; as dots by cluster instead where they are few. Null where nothing is
   * drawn here.
   */
  async picture({ asDots }: { asDots: boolean }, _call: Call) {
    const { shown } = board;
    if (!shown) return null;
    const { painter, view } = shown;
    const isKnown = !view.sleeps || view.coloured > 0;
    if (asDots && isKnown && painter.places.length / 2 <= MOST_DOTS) return dotsOf(shown);
    return view.sleeps ? null : { points: await view.picture() };
  },
});

export type PointsServices = ReturnType<typeof servicesOf>;

function open(canvas: OffscreenCanvas): NonNullable<Board['shown']> {
  const painter: WebGlPainter = new WebGlPainter(canvas, () => view.touch());
  const view: PointsView = new PointsView(canvas, painter);
  return { painter, view };
}

export function openDrawing(post: Post<FromPointsWorker>): (message: ToPointsWorker) => void {
  const board: Board = { shown: null, nearest: null, sorting: new AbortController() };

  const show = (
    { painter, view }: NonNullable<Board['shown']>,
    message: Exclude<ToPointsWorker, { type: 'desk' | 'canvas' }>,
  ) => {
    switch (message.type) {
      case 'places':
        painter.setPlaces(message.places);
        view.setRows(message.places.length / 2);
        break;
      case 'labels':
        if (message.labels.length > painter.labels.length) return; // of other points
        painter.setLabels(message.labels);
        void view.colour(message.labels.length).then(() => post({ type: 'drawn' }));
        break;
      case 'sleep':
        if (message.sleeps) painter.free();
        view.sleep(message.sleeps);
        break;
      default:
        view.see(message);
    }
  };

  return (message) => {
    if (message.type === 'desk') return serve(message.port, servicesOf(board));
    if (message.type === 'canvas') {
      try {
        board.shown = open(message.canvas);
        post({ type: 'ready', sample: board.shown.view.sample });
      } catch {
        post({ type: 'unavailable' });
      }
      return;
    }
    if (message.type === 'places') {
      board.sorting.abort();
      board.sorting = new AbortController();
      board.nearest = null;
    }
    if (board.shown) show(board.shown, message);
  };
}
