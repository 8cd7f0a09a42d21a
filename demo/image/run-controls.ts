/** What a palette is asked to be: its size, space, dither and order. */
import type { ColorSpace, Dither } from '../../src/image/index.ts';
import { byId } from '../dom.ts';
import type { Settings, SortName } from '../settings.ts';
import { colourCount } from './colour-count.ts';

/**
 * Keeps the settings as the controls are.
 *
 * @param onChange hurried while a knob may still move
 */
export function runControls(settings: Settings, onChange: (hurried: boolean) => void): void {
  colourCount(settings.colours, (colours, hurried) => {
    settings.colours = colours;
    onChange(hurried);
  });
  const list = (id: string, value: string, take: (value: string) => void) => {
    const select = byId(id, HTMLSelectElement);
    select.value = value;
    select.addEventListener('change', () => {
      take(select.value);
      onChange(false);
    });
  };
  list('dither', settings.dither, (value) => (settings.dither = value as Dither));
  list('space', settings.space, (value) => (settings.space = value as ColorSpace));
  for (const radio of byId('sort', HTMLElement).querySelectorAll('input')) {
    radio.checked = radio.value === settings.sort;
    radio.addEventListener('change', () => {
      settings.sort = radio.value as SortName;
      onChange(false);
    });
  }
}
