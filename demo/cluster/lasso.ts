/**
 * Rows picked out of the picture, and what they are like: drawn around with the pointer, or all that
 * is in view, which is how a keyboard picks a rectangle. The outline stays while the run goes on or is
 * looked back at, and what is inside is counted again.
 */
import { byId, placeIn } from '../dom.ts';
import { insideCard } from './inside-card.ts';
import { holdView, toolBar, toolButton } from './tool-bar.ts';
import type { Bench, Tool } from './tools.ts';

/** Pixels between the corners of an outline. */
const APART = 3;

const BY_KEYS = 'By keyboard: zoom and move until they are in view.';

export function lasso(bench: Bench): Tool {
  const { stage, box, bar } = bench;
  const layer = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  layer.classList.add('lasso');
  layer.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  layer.append(path);
  const card = insideCard(byId('inside', HTMLElement), () => clear());
  const inView = toolButton('Take what is in view', () => {
    const [left, top] = stage.toPlace(0, 0);
    const [right, bottom] = stage.toPlace(box.clientWidth, box.clientHeight);
    take([left, top, right, top, right, bottom, left, bottom]);
  });
  const below = toolBar(bar, inView);

  /** Corners in the picture's units. */
  let outline: number[] = [];
  let drawing: number | null = null;

  const redraw = () => {
    const corners: string[] = [];
    for (let at = 0; at < outline.length; at += 2) {
      const [x, y] = stage.toPixels(outline[at], outline[at + 1]);
      corners.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
    }
    path.setAttribute('d', corners.length > 1 ? `M${corners.join('L')}Z` : '');
    inView.disabled = !bench.moment;
    if (bench.moment) below.tell('Draw around points to see which they are. ', BY_KEYS);
    else below.tell('Stop the run to pick out its points.');
  };

  const take = (corners: number[]) => {
    outline = corners;
    redraw();
    void inspect();
  };

  const inspect = async () => {
    const mine = outline;
    const inside = await bench.inspect(Float64Array.from(outline));
    if (inside && mine === outline) card.show(inside, stage.colours, bench.title);
  };

  const clear = () => {
    drawing = null;
    outline = [];
    card.show(null, [], bench.title);
    redraw();
  };

  let last: [x: number, y: number] = [0, 0];
  holdView(layer);
  layer.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !bench.moment) return;
    layer.setPointerCapture(event.pointerId);
    drawing = event.pointerId;
    last = placeIn(box, event);
    outline = [...stage.toPlace(...last)];
  });
  layer.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drawing) return;
    const [x, y] = placeIn(box, event);
    if (Math.hypot(x - last[0], y - last[1]) < APART) return;
    last = [x, y];
    outline.push(...stage.toPlace(x, y));
    redraw();
  });
  layer.addEventListener('pointerup', (event) => {
    if (event.pointerId !== drawing) return;
    drawing = null;
    // A click is no outline: it clears the one before.
    if (outline.length < 8) clear();
    else take(outline);
  });
  layer.addEventListener('pointercancel', clear);
  const onKey = ({ key }: KeyboardEvent) => {
    if (key === 'Escape' && outline.length > 0) clear();
  };

  return {
    open() {
      box.append(layer);
      box.addEventListener('keydown', onKey);
      below.open();
      redraw();
    },
    close() {
      layer.remove();
      box.removeEventListener('keydown', onKey);
      below.close();
      clear();
    },
    redraw,
    renew() {
      redraw();
      if (bench.moment && outline.length > 0 && drawing === null) void inspect();
    },
    forget: clear,
  };
}
