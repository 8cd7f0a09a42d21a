/**
 * Draws the points in a worker of its own: where a processor poses as the graphics card, drawing and
 * handing the picture on takes a tenth of a second and more, and the page must answer meanwhile.
 */
import type { FromPointsWorker, ToPointsWorker } from '../messages.ts';
import { poster } from '../worker-port.ts';
import { PointsView } from './points-view.ts';

const post = poster<FromPointsWorker>();
let view: PointsView | null = null;

self.onmessage = ({ data }: MessageEvent<ToPointsWorker>) => {
  switch (data.type) {
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
