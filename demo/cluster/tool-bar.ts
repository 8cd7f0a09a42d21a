/** What tools of the picture have in common: buttons and words below it, and the pointer to themselves. */
import { element } from '../dom.ts';

export interface ToolBar {
  readonly words: HTMLElement;
  /** @param byKeys how it is done by the keyboard, where it can be done */
  tell(text: string, byKeys?: string): void;
  open(): void;
  close(): void;
}

export function toolBar(bar: HTMLElement, ...buttons: HTMLButtonElement[]): ToolBar {
  const words = element('p', '', 'hint');
  const group = element('div', '', 'buttons');
  group.append(...buttons);
  return {
    words,
    tell(text, byKeys) {
      words.textContent = text;
      if (byKeys) words.append(element('span', byKeys, 'by-keys'));
    },
    open() {
      bar.replaceChildren(group, words);
      bar.hidden = false;
    },
    close() {
      bar.hidden = true;
    },
  };
}

export function toolButton(text: string, act: () => void): HTMLButtonElement {
  const button = element('button', text, 'small');
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}

/** Dragging the view begins with these: not where a tool is. */
export function holdView(tool: Element): void {
  for (const type of ['mousedown', 'touchstart', 'dblclick'])
    tool.addEventListener(type, (event) => event.stopPropagation());
}
