/** How many colours: a slider for the usual, and a box beside it for more. */
import { byId, debounced } from '../dom.ts';
import { count } from '../format.ts';
import { RANGES } from '../settings.ts';

const MOST_ON_SLIDER = 256;
const TYPING_MS = 400;

/** @param onChange gets the number; hurried where the knob may move on */
export function colourCount(
  colours: number,
  onChange: (colours: number, hurried: boolean) => void,
): void {
  const knob = byId('colour-count', HTMLInputElement);
  const box = byId('colour-number', HTMLInputElement);
  const [least, most] = RANGES.colours;
  const set = (input: HTMLInputElement, greatest: number) => {
    input.min = String(least);
    input.max = String(greatest);
    input.step = '1';
  };
  set(knob, MOST_ON_SLIDER);
  set(box, most);
  let shown = colours;

  const show = (value: number) => {
    shown = value;
    knob.value = String(Math.min(value, MOST_ON_SLIDER));
    knob.setAttribute('aria-valuetext', count(value));
    const filled = (Number(knob.value) - least) / (MOST_ON_SLIDER - least);
    knob.style.setProperty('--filled', `${100 * filled}%`);
  };
  knob.addEventListener('input', () => {
    show(Number(knob.value));
    box.value = knob.value;
    onChange(shown, true);
  });
  const typed = () => Math.min(most, Math.max(least, Math.round(Number(box.value) || shown)));
  const take = () => {
    if (typed() === shown) return;
    show(typed());
    onChange(shown, false);
  };
  // Enter means the number, not the form.
  box.form?.addEventListener('submit', (event) => event.preventDefault());
  box.addEventListener('input', debounced(take, TYPING_MS));
  box.addEventListener('change', () => {
    take();
    box.value = String(shown);
  });
  show(colours);
  box.value = String(colours);
}
