/**
 * Draws the points, in a worker of its own where that can be: where a processor poses as the graphics card,
 * drawing and handing the picture on takes a tenth of a second and more, and the page must answer meanwhile.
 */
import { serve, type Call } from '../desk.ts';
import type { FromPointsWorker, ToPointsWorker } from '../messages.ts';
import type { Post } from '../worker-port.ts';
import type { Nearest } from './nearest.ts';
import { PointsView } from './points-view.ts';

/** Points, so many of them at most, that a picture made of lines can bear. */
const MOST_DOTS = 5000;

/** What is drawn. */
interface Board {
  view: PointsView | null;
  /** Sorted when somebody first asks what is where. */
  nearest: Promise<Nearest> | null;
  sorting: AbortController;
}

const servicesOf = (board: Board) => ({
  /** The point nearest to a place (−1 to 1, as frames have it), and its cluster where it has one. */
  async nearest({ x, y, reach }: { x: number; y: number; reach: number }) {
    const { view } = board;
    if (!view || view.places.length === 0) return null;
    const { places } = view;
    const { signal } = board.sorting;
    board.nearest ??= import('./nearest.ts').then(({ Nearest }) => Nearest.over(places, signal));
    const index = await board.nearest.catch(() => null);
    const row = index?.find(32767 * x, 32767 * y, 32767 * reach) ?? -1;
    if (row < 0 || view.places.length <= 2 * row) return null;
    const [right, up] = view.places.subarray(2 * row, 2 * row + 2);
    return { row, x: right / 32767, y: up / 32767, cluster: view.labelOf(row) };
  },

  /** The points as they are seen, all of them; as dots by cluster instead where they are few. */
  async picture({ asDots }: { asDots: boolean }, _call: Call) {
    const { view } = board;
    if (!view) return null;
    if (asDots && view.places.length / 2 <= MOST_DOTS) return view.dots();
    return { points: await view.picture() };
  },
});

export type PointsServices = ReturnType<typeof servicesOf>;

export function openDrawing(post: Post<FromPointsWorker>): (message: ToPointsWorker) => void {
  const board: Board = { view: null, nearest: null, sorting: new AbortController() };

  return (message) => {
    switch (message.type) {
      case 'desk':
        serve(message.port, servicesOf(board));
        break;
      case 'canvas':
        try {
          board.view = new PointsView(message.canvas);
          post({ type: 'ready', sample: board.view.sample });
        } catch {
          post({ type: 'unavailable' });
        }
        break;
      case 'size':
        board.view?.resize(message.width, message.height, message.ratio);
        break;
      case 'frame':
        board.view?.setFrame(message.frame);
        break;
      case 'places':
        board.sorting.abort();
        board.sorting = new AbortController();
        board.nearest = null;
        board.view?.setPlaces(message.places);
        break;
      case 'palette':
        board.view?.setPalette(message.colours);
        break;
      case 'labels':
        void board.view?.setLabels(message.labels).then(() => post({ type: 'drawn' }));
        break;
    }
  };
}
