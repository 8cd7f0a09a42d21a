/** Finding elements, failing loudly where the page and the code disagree, and making them. */

/** The element of this id, which must be of this kind. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`#${id} is not a ${kind.name}`);
  return element;
}

/** A new element. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = '',
  classes = '',
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (classes) made.className = classes;
  return made;
}

/** Where in an element the pointer is, in pixels from its left and its top. */
export function placeIn(box: Element, { clientX, clientY }: MouseEvent): [x: number, y: number] {
  const { left, top } = box.getBoundingClientRect();
  return [clientX - left, clientY - top];
}

/** Writes the facts of a panel: elements with a `data-fact`. */
export function factWriter(panel: HTMLElement): (facts: Record<string, string>) => void {
  const places = new Map<string, HTMLElement>();
  for (const element of panel.querySelectorAll<HTMLElement>('[data-fact]'))
    places.set(element.dataset.fact ?? '', element);
  return (facts) => {
    for (const [name, text] of Object.entries(facts)) {
      const place = places.get(name);
      if (place && place.textContent !== text) place.textContent = text;
    }
  };
}

/** Shows a message, or hides its place where there is none. */
export function say(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === '';
}

/** Calls `act` once the calls have paused for so long; `cancel` where it was done meanwhile. */
export function debounced(act: () => void, ms: number): (() => void) & { cancel(): void } {
  let timer = 0;
  const cancel = () => clearTimeout(timer);
  const call = () => {
    cancel();
    timer = window.setTimeout(act, ms);
  };
  return Object.assign(call, { cancel });
}

/** Copies text, and tells whether that worked: not every page may. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
