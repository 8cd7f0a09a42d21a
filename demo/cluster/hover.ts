/**
 * What lies under the pointer: the row, its cluster and some of its numbers. By the keyboard: what lies
 * in the middle of the picture. One question at a time; the pointer's last place is asked next.
 */
import { byId, element, placeIn } from '../dom.ts';
import { count, measure } from '../format.ts';
import type { PointFacts } from './services.ts';
import type { Stage } from './stage.ts';

/** Pixels that a point may be away. */
const REACH = { mouse: 9, pen: 14, touch: 22, keys: 60 };

export interface HoverHost {
  stage: Stage;
  /** Whether the pointer does nothing else: what covers the points is in the way of other tools. */
  isIdle(): boolean;
  facts(row: number): Promise<PointFacts | null>;
}

export function hover({ stage, isIdle, facts }: HoverHost): void {
  const box = byId('stage', HTMLElement);
  const pin = byId('pin', HTMLElement);
  const tip = byId('tip', HTMLElement);
  let wanted: { x: number; y: number; reach: number } | null = null;
  let asking = false;
  let shownRow = -1;
  /** Other after every change of what lies where: answers to what was asked before are dropped. */
  let view = 0;

  const hide = () => {
    shownRow = -1;
    pin.hidden = tip.hidden = true;
  };
  const leave = () => {
    view++;
    wanted = null;
    hide();
  };

  const ask = async () => {
    if (asking) return;
    asking = true;
    while (wanted) {
      const [here, seen] = [wanted, view];
      wanted = null;
      const { x, y, perPixel } = stage.placeAt(here.x, here.y);
      const found = await stage.desk
        .ask('nearest', { x, y, reach: here.reach * perPixel })
        .catch(() => null);
      if (seen !== view) continue;
      if (!found) {
        hide();
        if (here.reach === REACH.keys) missed(here);
        continue;
      }
      if (found.row === shownRow) continue;
      const known = await facts(found.row).catch(() => null);
      if (known && seen === view) show(found, known);
    }
    asking = false;
  };

  /** Who asks by the keyboard does not see that there is nothing. */
  const missed = (at: { x: number; y: number }) => {
    tip.textContent = 'No point near the middle of the picture.';
    tip.hidden = false;
    placeTip(at);
  };

  /** Beside a place, on the side that has room. */
  const placeTip = (at: { x: number; y: number }) => {
    const { width, height } = stage.size;
    const right = at.x + 14 + tip.offsetWidth <= width;
    const below = at.y + 14 + tip.offsetHeight <= height;
    tip.style.left = `${Math.max(4, right ? at.x + 14 : at.x - 14 - tip.offsetWidth)}px`;
    tip.style.top = `${Math.max(4, below ? at.y + 14 : at.y - 14 - tip.offsetHeight)}px`;
  };

  const show = (
    found: { row: number; x: number; y: number; cluster: number | null },
    { row, id, values, more }: PointFacts,
  ) => {
    shownRow = found.row;
    const name = id === null ? `Row ${count(row)}` : `${id} (row ${count(row)})`;
    const list = element('dl');
    for (const [label, value] of values)
      list.append(element('dt', label), element('dd', measure(value)));
    const head = element('div');
    if (found.cluster !== null) {
      const patch = element('i');
      patch.style.backgroundColor = stage.colours[found.cluster] ?? '';
      head.append(patch);
    }
    const cluster = found.cluster === null ? '' : `, cluster ${count(found.cluster)}`;
    head.append(element('strong', name + cluster));
    const rest = element('div', more > 0 ? `and ${count(more)} more` : '');
    tip.replaceChildren(head, list, rest);
    pin.hidden = tip.hidden = false;
    const at = stage.pixelsOf(found);
    pin.style.left = `${at.x}px`;
    pin.style.top = `${at.y}px`;
    placeTip(at);
  };

  const look = (event: PointerEvent) => {
    if (!isIdle()) return hide();
    const [x, y] = placeIn(box, event);
    const reach = REACH[event.pointerType as keyof typeof REACH] ?? REACH.mouse;
    wanted = { x, y, reach };
    void ask();
  };
  box.addEventListener('pointermove', (event) => {
    if (event.buttons === 0) look(event);
  });
  box.addEventListener('pointerup', (event) => {
    if (event.pointerType === 'touch') look(event);
  });
  box.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType !== 'touch') leave();
  });
  box.addEventListener('refit', leave);
  document.querySelector('.tools')!.addEventListener('change', leave);
  box.addEventListener('keydown', (event) => {
    if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') leave();
    if (event.key.toLowerCase() !== 'i') return;
    const { width, height } = stage.size;
    wanted = { x: width / 2, y: height / 2, reach: REACH.keys };
    void ask();
  });
}
