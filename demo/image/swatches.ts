/**
 * The palette: a swatch for every colour, one stop of the Tab key for all of them, arrows between them.
 * The bar below tells of the one that is pointed at, otherwise of the one that was chosen last.
 */
import { byId, copy } from '../dom.ts';
import { count, plural, share } from '../format.ts';

/** More are not drawn: nobody looks at them one by one, and a page of 65 536 buttons would be slow. */
const MOST_DRAWN = 512;

export interface SwatchEvents {
  toggle(colour: string): void;
  /** @param final false while the user still looks for a colour */
  change(from: string, to: string, final: boolean): void;
  copied(colour: string, worked: boolean): void;
}

export interface Swatches {
  /** RGBA bytes and pixels of each colour, in the order they are shown in. */
  show(palette: Uint8Array, counts: Uint32Array, locked: ReadonlySet<string>): void;
  /** Of a new picture nothing is chosen. */
  forget(): void;
}

interface Entry {
  colour: string;
  pixels: number;
}

export function swatches(events: SwatchEvents): Swatches {
  const box = byId('palette', HTMLElement);
  const more = byId('palette-more', HTMLElement);
  const bar = byId('swatch-bar', HTMLElement);
  const well = byId('swatch-colour', HTMLInputElement);
  const lock = byId('swatch-lock', HTMLButtonElement);
  let entries: Entry[] = [];
  let all = 1;
  let locked: ReadonlySet<string> = new Set();
  let chosen: string | null = null;

  const placeOf = (colour: string | null) => entries.findIndex((entry) => entry.colour === colour);
  const swatchAt = (target: EventTarget | null) =>
    target instanceof HTMLElement ? target.closest<HTMLButtonElement>('.swatch') : null;

  function tell(colour: string | null): void {
    const entry = entries[placeOf(colour)];
    if (!entry) return;
    bar.hidden = false;
    well.value = entry.colour.slice(0, 7);
    byId('swatch-hex', HTMLElement).textContent = entry.colour;
    byId('swatch-use', HTMLElement).textContent =
      `${share(entry.pixels / all)} · ${plural(entry.pixels, 'pixel')}`;
    lock.textContent = locked.has(entry.colour) ? 'Unlock' : 'Lock';
  }

  function choose(colour: string): void {
    chosen = colour;
    for (const swatch of box.children as HTMLCollectionOf<HTMLButtonElement>) {
      const isChosen = swatch.dataset.colour === colour;
      swatch.classList.toggle('chosen', isChosen);
      swatch.tabIndex = isChosen ? 0 : -1;
    }
    tell(colour);
  }

  function draw(swatch: HTMLButtonElement, { colour, pixels }: Entry): void {
    swatch.setAttribute('aria-pressed', String(locked.has(colour)));
    swatch.setAttribute('aria-label', `${colour}, ${share(pixels / all)}`);
    if (swatch.dataset.colour === colour) return;
    swatch.dataset.colour = colour;
    swatch.style.setProperty('--colour', colour);
    swatch.style.setProperty('--on-colour', isLight(colour) ? '#000' : '#fff');
  }

  let wasChosen = true;
  box.addEventListener('pointerdown', ({ target }) => {
    wasChosen = swatchAt(target)?.dataset.colour === chosen;
  });
  box.addEventListener('focusin', ({ target }) => choose(swatchAt(target)?.dataset.colour ?? ''));
  box.addEventListener('click', (event) => {
    const colour = swatchAt(event.target)?.dataset.colour;
    if (colour === undefined) return;
    // A finger cannot point at a colour without touching it: the first touch only tells of it.
    const isLook = (event as PointerEvent).pointerType === 'touch' && !wasChosen;
    choose(colour);
    if (!isLook) events.toggle(colour);
  });
  box.addEventListener('pointerover', ({ target, pointerType }) => {
    if (pointerType !== 'touch') tell(swatchAt(target)?.dataset.colour ?? chosen);
  });
  box.addEventListener('pointerleave', () => tell(chosen));
  box.addEventListener('keydown', (event) => {
    const at = [...box.children].indexOf(event.target as Element);
    const next = neighbour(event.key, at, box);
    if (next === null) return;
    event.preventDefault();
    (box.children[next] as HTMLElement).focus();
  });
  lock.addEventListener('click', () => chosen !== null && events.toggle(chosen));
  byId('swatch-copy', HTMLButtonElement).addEventListener('click', () => {
    const colour = chosen ?? '';
    void copy(colour).then((worked) => events.copied(colour, worked));
  });
  const change = (final: boolean) => {
    if (chosen === null) return;
    const from = chosen;
    chosen = well.value + from.slice(7); // a well has no opacity
    events.change(from, chosen, final);
  };
  well.addEventListener('input', () => change(false));
  well.addEventListener('change', () => change(true));

  return {
    show(palette, counts, nowLocked) {
      locked = nowLocked;
      const drawn = Math.min(counts.length, MOST_DRAWN);
      entries = Array.from(counts.subarray(0, drawn), (pixels, at) => ({
        colour: hexOf(palette, at),
        pixels,
      }));
      all = counts.reduce((sum, pixels) => sum + pixels, 0);
      const hadFocus = box.contains(document.activeElement);
      while (box.children.length > drawn) box.lastElementChild?.remove();
      while (box.children.length < drawn) box.append(newSwatch());
      for (let at = 0; at < drawn; at++) draw(box.children[at] as HTMLButtonElement, entries[at]);
      box.dataset.size = drawn <= 32 ? 'few' : drawn <= 128 ? 'some' : 'many';
      more.hidden = drawn === counts.length;
      more.textContent = `The first ${count(drawn)} of ${count(counts.length)}; files have them all.`;
      // What was chosen may have moved, or be no more. A locked colour that is missing is on its way.
      const place = Math.max(0, placeOf(chosen));
      if (chosen === null || !locked.has(chosen)) chosen = entries[place].colour;
      choose(chosen);
      if (hadFocus)
        (box.children[Math.min(place, drawn - 1)] as HTMLElement).focus({ preventScroll: true });
    },
    forget() {
      chosen = null;
    },
  };
}

/** Where a key leads from one swatch in rows of swatches; null for other keys. */
function neighbour(key: string, at: number, box: HTMLElement): number | null {
  const last = box.children.length - 1;
  const top = (place: number) => (box.children[place] as HTMLElement).offsetTop;
  let columns = 1;
  while (columns <= last && top(columns) === top(0)) columns++;
  const next = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    Home: 0,
    End: last,
  }[key];
  return next === undefined ? null : next < 0 || next > last ? at : next;
}

function newSwatch(): HTMLButtonElement {
  const swatch = document.createElement('button');
  swatch.type = 'button';
  swatch.className = 'swatch';
  return swatch;
}

/** `#rrggbb`; `#rrggbbaa` where something shines through. */
function hexOf(palette: Uint8Array, at: number): string {
  const bytes = [...palette.subarray(4 * at, 4 * at + 4)];
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `#${digits.replace(/ff$/, (alpha, from) => (from === 6 ? '' : alpha))}`;
}

/** Whether black is seen better on it than white. */
function isLight(colour: string): boolean {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140;
}
