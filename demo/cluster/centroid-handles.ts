/**
 * Centroids to take hold of: dragged, moved by arrow keys, placed by a click, removed. Every change
 * begins a run from where they are then, held before its first iteration; Run goes on from there.
 *
 * One tab stop for all of them, as there may be 256: Page Up and Page Down go from one to the next.
 */
import { placeIn } from '../dom.ts';
import { plural } from '../format.ts';
import { RANGES } from '../settings.ts';
import { moved, placed } from './lift.ts';
import { joined } from '../../src/matrix.ts';
import { paintOneMore } from '../../src/picture/palette.ts';
import { holdView, toolBar, toolButton } from './tool-bar.ts';
import type { Bench, Tool } from './tools.ts';

/** Centroids (k × columns), where they are drawn (k × 2), and their colours. */
interface Placed {
  rows: Float32Array;
  places: Float32Array;
  colours: readonly string[];
}

/** After the last of many key presses, before a run begins from there. */
const SETTLED_MS = 350;
/** Pixels an arrow key moves a centroid; with Shift one. */
const STEP = 10;

/** Changes that can be undone. */
const MOST_UNDONE = 100;

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const BY_KEYS =
  'By keyboard: arrow keys move it (with Shift by a pixel), Page Up and Page Down go to the next, Delete removes it.';

export function centroidHandles(bench: Bench): Tool {
  const { stage, box, bar } = bench;
  const layer = document.createElement('div');
  layer.className = 'handles';
  layer.role = 'group';
  layer.ariaLabel = 'Centroids';
  const add = toolButton('Add', () =>
    place(stage.toPlace(box.clientWidth / 2, box.clientHeight / 2)),
  );
  const remove = toolButton('Remove', () => drop(chosen));
  const undo = toolButton('Undo', () => {
    const before = past.pop();
    if (!before) return;
    begin(before);
    if (past.length === 0) handles[chosen].focus({ preventScroll: true }); // its button is off
  });
  const below = toolBar(bar, add, remove, undo);
  below.words.id = 'handles-hint';
  layer.setAttribute('aria-describedby', below.words.id);

  /** As the user has put them. */
  let now: Placed = { rows: new Float32Array(), places: new Float32Array(), colours: [] };
  const past: Placed[] = [];
  /** Which one has the tab stop, and is removed by the button. */
  let chosen = 0;
  const handles: HTMLButtonElement[] = [];
  let timer = 0;
  const k = () => now.places.length / 2;

  /** Shows the present centroids. */
  const redraw = () => {
    while (handles.length > k()) handles.pop()?.remove();
    while (handles.length < k()) handles.push(handle(handles.length));
    chosen = Math.min(chosen, Math.max(0, k() - 1));
    const sizes = bench.moment?.sizes;
    handles.forEach((element, j) => {
      const [x, y] = stage.toPixels(now.places[2 * j], now.places[2 * j + 1]);
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      element.tabIndex = j === chosen ? 0 : -1;
      const size = sizes?.length === k() ? `, ${plural(sizes[j], 'point')}` : '';
      element.ariaLabel = `Centroid ${j + 1} of ${k()}, cluster ${j}${size}`;
      element.classList.toggle('chosen', j === chosen);
    });
    const can = bench.moment !== null;
    layer.hidden = !can;
    add.disabled = !can || k() >= RANGES.k[1];
    remove.disabled = !can || k() <= 1;
    undo.disabled = !can || past.length === 0;
    if (can)
      below.tell('Click to place a centroid, drag one to move it; then run from there. ', BY_KEYS);
    else below.tell('Stop the run to move its centroids.');
  };

  /** Takes these centroids and begins a run from them. */
  const begin = (next: Placed) => {
    clearTimeout(timer);
    timer = 0;
    now = next;
    box.classList.remove('placing');
    sketch();
    bench.place(now.rows.slice());
    redraw();
  };

  const sketch = () => stage.sketch(now.places.slice(), now.colours);

  /** Keeps what is there for Undo; once for a whole drag, or a run of key presses. */
  const beginChange = () => {
    if (box.classList.contains('placing')) return;
    past.push({ ...now, rows: now.rows.slice(), places: now.places.slice() });
    if (past.length > MOST_UNDONE) past.shift();
    box.classList.add('placing');
  };

  const move = (j: number, [x, y]: readonly [number, number]) => {
    const { columns, plane } = bench;
    const { rows, places } = now;
    const row = rows.subarray(j * columns, (j + 1) * columns);
    row.set(moved(row, x - places[2 * j], y - places[2 * j + 1], plane));
    places.set([x, y], 2 * j);
    sketch();
  };

  const place = ([x, y]: readonly [number, number]) => {
    if (!bench.moment || k() >= RANGES.k[1]) return;
    beginChange();
    chosen = k();
    const places = joined(Float32Array, [now.places, [x, y]]);
    begin({
      rows: joined(Float32Array, [now.rows, placed(x, y, bench.plane)]),
      places,
      colours: [...now.colours, paintOneMore(places, now.colours)],
    });
    handles[chosen].focus({ preventScroll: true });
  };

  const drop = (j: number) => {
    if (!bench.moment || k() <= 1) return;
    beginChange();
    begin({
      rows: without(now.rows, j, bench.columns),
      places: without(now.places, j, 2),
      colours: now.colours.filter((_, at) => at !== j),
    });
    handles[chosen].focus({ preventScroll: true });
  };

  const choose = (j: number) => {
    chosen = j;
    redraw();
  };

  function handle(j: number): HTMLButtonElement {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = 'handle';
    holdView(element);
    element.addEventListener('click', (event) => event.stopPropagation());
    element.addEventListener('focus', () => choose(j));
    let from: { x: number; y: number } | null = null;
    element.addEventListener('pointerdown', ({ pointerId, offsetX, offsetY, button }) => {
      if (button !== 0) return;
      element.setPointerCapture(pointerId);
      element.focus({ preventScroll: true });
      from = { x: offsetX - element.clientWidth / 2, y: offsetY - element.clientHeight / 2 };
    });
    element.addEventListener('pointermove', (event) => {
      if (!from) return;
      beginChange();
      const { width, height } = box.getBoundingClientRect();
      const [x, y] = placeIn(box, event);
      const within = (at: number, size: number) => Math.min(size, Math.max(0, at));
      move(j, stage.toPlace(within(x - from.x, width), within(y - from.y, height)));
    });
    const end = () => {
      from = null;
      if (box.classList.contains('placing')) begin(now);
    };
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
    element.addEventListener('keydown', (event) => onKey(event, j));
    element.addEventListener('blur', () => {
      if (timer) end();
    });
    layer.append(element);
    return element;
  }

  function onKey(event: KeyboardEvent, j: number): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (altKey) return;
    if (ctrlKey || metaKey) {
      if (key !== 'z') return;
      undo.click();
    } else if (key in ARROWS) {
      beginChange();
      const [x, y] = stage.toPixels(now.places[2 * j], now.places[2 * j + 1]);
      const by = shiftKey ? 1 : STEP;
      move(j, stage.toPlace(x + by * ARROWS[key][0], y + by * ARROWS[key][1]));
      clearTimeout(timer);
      timer = window.setTimeout(() => begin(now), SETTLED_MS);
    } else if (key === 'PageDown' || key === 'PageUp')
      handles[(j + (key === 'PageDown' ? 1 : k() - 1)) % k()].focus({ preventScroll: true });
    else if (key === 'Delete' || key === 'Backspace') drop(j);
    else return;
    event.preventDefault();
  }

  const onClick = (event: MouseEvent) => place(stage.toPlace(...placeIn(box, event)));

  const renew = () => {
    if (bench.moment && !box.classList.contains('placing')) {
      const { rows, centroids } = bench.moment;
      now = { rows: rows.slice(), places: centroids.slice(), colours: [...stage.colours] };
    }
    redraw();
  };

  return {
    open() {
      box.append(layer);
      box.addEventListener('click', onClick);
      box.classList.add('takes-clicks');
      below.open();
      renew();
    },
    close() {
      layer.remove();
      box.removeEventListener('click', onClick);
      box.classList.remove('takes-clicks', 'placing');
      below.close();
    },
    redraw,
    renew,
    forget() {
      past.length = 0;
    },
  };
}

function without(values: Float32Array, j: number, width: number): Float32Array {
  return values.filter((_, at) => Math.floor(at / width) !== j);
}
