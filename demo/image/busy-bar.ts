/** What is being done, how far it is, and a way out of it: the latter two only where it takes long. */
import { byId } from '../dom.ts';
import type { Stage } from './messages.ts';

const LONG_MS = 500;

const WORDS: Record<Stage, string> = {
  read: 'Counting its colours…',
  count: 'Counting its colours…',
  cluster: 'Finding the colours…',
  map: 'Painting…',
  measure: 'Measuring what was lost…',
};

export interface BusyBar {
  start(words: string): void;
  tell(stage: Stage, fraction: number): void;
  stop(): void;
}

export function busyBar(panel: HTMLElement, onCancel: () => void): BusyBar {
  const status = byId('image-status', HTMLElement);
  const waiting = byId('waiting', HTMLElement);
  const progress = byId('image-progress', HTMLProgressElement);
  let timer = 0;
  const write = (words: string) => {
    if (status.textContent !== words) status.textContent = words;
  };
  byId('cancel', HTMLButtonElement).addEventListener('click', onCancel);
  return {
    start(words) {
      write(words);
      progress.removeAttribute('value');
      panel.classList.add('busy');
      clearTimeout(timer);
      timer = window.setTimeout(() => (waiting.hidden = false), LONG_MS);
    },
    tell(stage, fraction) {
      write(WORDS[stage]);
      progress.value = fraction;
    },
    stop() {
      clearTimeout(timer);
      waiting.hidden = true;
      panel.classList.remove('busy');
    },
  };
}
