/** What the picture is drawn on: two principal components, or two columns of the user's choice. */
import { byId } from '../dom.ts';
import { columnTitle } from '../format.ts';
import type { Axes } from './view.ts';

export interface AxesChoice {
  /** Shows what there is to choose; nothing where rows have two columns, or one. */
  show(names: readonly string[], columns: number, axes: Axes): void;
}

/** More would make lists that nobody reads, and that take a moment to make. */
const MOST = 200;

export function axesChoice(onChoose: (axes: Axes) => void): AxesChoice {
  const group = byId('axes', HTMLElement);
  const upChoice = byId('up-choice', HTMLElement);
  const across = byId('across', HTMLSelectElement);
  const up = byId('up', HTMLSelectElement);
  let shown = '';

  across.addEventListener('change', () => {
    if (across.value === '') return onChoose(null);
    // Two axes of one column would make a line.
    const first = Number(across.value);
    if (up.value === '' || Number(up.value) === first) up.value = first === 0 ? '1' : '0';
    onChoose([first, Number(up.value)]);
  });
  up.addEventListener('change', () => onChoose([Number(across.value), Number(up.value)]));

  return {
    show(names, columns, axes) {
      group.hidden = columns <= 2;
      if (group.hidden) return;
      const titles = Array.from({ length: Math.min(columns, MOST) }, (_, t) =>
        columnTitle(names, columns, t),
      );
      const key = JSON.stringify(titles);
      if (key !== shown) {
        const options = () => titles.map((title, t) => new Option(title, String(t)));
        across.replaceChildren(new Option('Principal components', ''), ...options());
        up.replaceChildren(...options());
        shown = key;
      }
      across.value = axes ? String(axes[0]) : '';
      up.value = axes ? String(axes[1]) : '1';
      upChoice.hidden = axes === null;
    },
  };
}
