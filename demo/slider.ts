/** A range input with its value beside it in words. */
import { byId } from './dom.ts';

export interface Slider {
  /** Shows a value; one outside the slider's reach is still told in words. */
  show(value: number): void;
  /** The greatest value from now on, of a slider of whole numbers. */
  reachTo(most: number): void;
  /** Whether the knob can be moved. */
  enable(enabled: boolean): void;
}

/** Which values a slider has: whole numbers as they are, or a list whose places the knob moves over. */
export type Scale = { least: number; most: number } | readonly number[];

/** @param onInput gets the value under the knob at every move */
export function slider(
  id: string,
  scale: Scale,
  format: (value: number) => string,
  onInput: (value: number) => void,
): Slider {
  const input = byId(id, HTMLInputElement);
  const output = byId(`${id}-value`, HTMLOutputElement);
  const least = 'least' in scale ? scale.least : 0;
  let most = 'least' in scale ? scale.most : scale.length - 1;
  input.min = String(least);
  input.max = String(most);
  input.step = '1';
  const write = (value: number) => {
    output.value = format(value);
    input.setAttribute('aria-valuetext', format(value));
    const filled = most > least ? (Number(input.value) - least) / (most - least) : 1;
    input.style.setProperty('--filled', `${100 * filled}%`);
  };
  input.addEventListener('input', () => {
    const place = Number(input.value);
    const value = 'least' in scale ? place : scale[place];
    write(value);
    onInput(value);
  });
  return {
    show(value) {
      input.value = String('least' in scale ? value : nearest(scale, value));
      write(value);
    },
    reachTo(value) {
      most = value;
      input.max = String(most);
    },
    enable(enabled) {
      input.disabled = !enabled;
    },
  };
}

function nearest(values: readonly number[], value: number): number {
  let best = 0;
  values.forEach((candidate, at) => {
    if (Math.abs(candidate - value) < Math.abs(values[best] - value)) best = at;
  });
  return best;
}
