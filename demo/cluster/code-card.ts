/** The card with the run as code: its languages, and the buttons that copy. */
import { byId, copy } from '../dom.ts';
import { codeOf, type Language } from './copy-as.ts';
import type { Run } from './snippet.ts';

export interface CodeHost {
  run(): Run;
  /** The first centroids of the run, or null where it has not begun. */
  starts(signal: AbortSignal): Promise<number[][] | null>;
}

export interface CodeCard {
  /** The settings, or the points, are others. */
  update(): void;
}

export function codeCard(host: CodeHost): CodeCard {
  const code = byId('snippet', HTMLElement);
  const note = byId('code-note', HTMLElement);
  const languages = byId('language', HTMLFieldSetElement);
  const copyCode = byId('copy-code', HTMLButtonElement);
  const copyLink = byId('copy-link', HTMLButtonElement);
  let abort = new AbortController();

  const language = () =>
    languages.querySelector<HTMLInputElement>('input:checked')!.value as Language;

  const write = (starts: number[][] | null) => {
    const { text, note: about } = codeOf(language(), host.run(), starts);
    code.textContent = text;
    note.textContent = about;
  };

  const update = () => {
    abort.abort();
    const { signal } = (abort = new AbortController());
    write(null);
    if (language() !== 'python') return;
    note.textContent = 'Looking up the first centroids…';
    host.starts(signal).then(
      (starts) => signal.aborted || write(starts),
      () => signal.aborted || write(null),
    );
  };
  languages.addEventListener('change', update);

  const saying = (button: HTMLButtonElement, text: () => string) => {
    const label = button.textContent;
    button.addEventListener('click', () => {
      void copy(text()).then((copied) => {
        button.textContent = copied ? 'Copied' : 'Not allowed';
        setTimeout(() => (button.textContent = label), 1500);
      });
    });
  };
  saying(copyCode, () => code.textContent);
  saying(copyLink, () => {
    if (host.run().board === 'own')
      note.textContent = 'The link has the options. Your file is not in it: it stays with you.';
    return location.href;
  });
  update();
  return { update };
}
