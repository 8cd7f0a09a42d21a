/**
 * Draws the points in a worker of its own: where a processor poses as the graphics card, drawing and
 * handing the picture on takes a tenth of a second and more, and the page must answer meanwhile.
 */
import { serve, type Call } from '../desk.ts';
import type { FromPointsWorker, ToPointsWorker } from '../messages.ts';
import { poster } from '../worker-port.ts';
import { Nearest } from './nearest.ts';
import { PointsView } from './points-view.ts';

const post = poster<FromPointsWorker>();
let view: PointsView | null = null;
/** Sorted when somebody first asks what is where. */
let nearest: Promise<Nearest> | null = null;
let sorting = new AbortController();

/** Points, so many of them at most, that a picture made of lines can bear. */
const MOST_DOTS = 5000;

const services = {
  /** The point nearest to a place (−1 to 1, as frames have it), and its cluster where it has one. */
  async nearest({ x, y, reach }: { x: number; y: number; reach: number }) {
    if (!view || view.places.length === 0) return null;
    nearest ??= Nearest.over(view.places, sorting.signal);
    const index = await nearest.catch(() => null);
    const row = index?.find(32767 * x, 32767 * y, 32767 * reach) ?? -1;
    if (row < 0 || view.places.length <= 2 * row) return null;
    const [right, up] = view.places.subarray(2 * row, 2 * row + 2);
    return { row, x: right / 32767, y: up / 32767, cluster: view.labelOf(row) };
  },

  /** The points as they are seen, all of them; as dots by cluster instead where they are few. */
  async picture({ asDots }: { asDots: boolean }, _call: Call) {
    if (!view) return null;
    if (asDots && view.places.length / 2 <= MOST_DOTS) return view.dots();
    return { points: await view.picture() };
  },
};

export type PointsServices = typeof services;

self.onmessage = ({ data }: MessageEvent<ToPointsWorker>) => {
  switch (data.type) {
    case 'desk':
      serve(data.port, services);
      break;
    case 'canvas':
      try {
        view = new PointsView(data.canvas);
        post({ type: 'ready', sample: view.sample });
      } catch {
        post({ type: 'unavailable' });
      }
      break;
    case 'size':
      view?.resize(data.width, data.height, data.ratio);
      break;
    case 'frame':
      view?.setFrame(data.frame);
      break;
    case 'places':
      sorting.abort();
      sorting = new AbortController();
      nearest = null;
      view?.setPlaces(data.places);
      break;
    case 'palette':
      view?.setPalette(data.colours);
      break;
    case 'labels':
      void view?.setLabels(data.labels).then(() => post({ type: 'drawn' }));
      break;
  }
};
