/** The buttons that save files, and the saving. */
import { saveFile } from '../save-file.ts';
import type { FileFormat, FromSession } from './messages.ts';

type Exported = FromSession & { type: 'exported' };

export interface Downloads {
  /** Saves a file, named after the picture that it was made from. */
  (exported: Exported, pictureName: string): void;
  enable(enabled: boolean): void;
}

export function downloads(panel: HTMLElement, onAsk: (format: FileFormat) => void): Downloads {
  const buttons = [...panel.querySelectorAll<HTMLButtonElement>('[data-export]')];
  for (const button of buttons)
    button.addEventListener('click', () => onAsk(button.dataset.export as FileFormat));
  const save = ({ file, format, colours }: Exported, pictureName: string) => {
    saveFile(file, `${pictureName.replace(/\.\w+$/, '')}-${colours}-colours.${format}`);
  };
  const enable = (enabled: boolean) => {
    for (const button of buttons) button.disabled = !enabled;
  };
  return Object.assign(save, { enable });
}
