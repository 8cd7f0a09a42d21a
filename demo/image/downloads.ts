/** The buttons that save files, and the saving. */
import type { FileFormat, FromSession } from './messages.ts';

type Exported = FromSession & { type: 'exported' };

/** Long enough for any browser to have begun with it. */
const KEPT_MS = 10_000;

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
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = `${pictureName.replace(/\.\w+$/, '')}-${colours}-colours.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
  };
  const enable = (enabled: boolean) => {
    for (const button of buttons) button.disabled = !enabled;
  };
  return Object.assign(save, { enable });
}
