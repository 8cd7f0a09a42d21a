/** The card that hands a run on: its link with what that carries, and the run as code in three languages. */
import { isDataSet } from '../data/data-sets.ts';
import { urlOf } from '../data/urls.ts';
import { byId, copy } from '../dom.ts';
import { count, plural } from '../format.ts';
import { fitsAddress, MOST_NUMBERS } from '../placed-centroids.ts';
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
  const linkNote = byId('link-note', HTMLElement);
  const languages = byId('language', HTMLFieldSetElement);
  const copyCode = byId('copy-code', HTMLButtonElement);
  const copyLink = byId('copy-link', HTMLButtonElement);
  let abort = new AbortController();

  const language = () =>
    languages.querySelector<HTMLInputElement>('input:checked')!.value as Language;

  const write = (starts: number[][] | null) => {
    const run = host.run();
    const source = isDataSet(run.board) ? { source: urlOf(run.board) } : {};
    const { text, note: about } = codeOf(language(), { ...run, ...source }, starts);
    code.textContent = text;
    note.textContent = about;
  };

  const update = () => {
    abort.abort();
    const { signal } = (abort = new AbortController());
    write(null);
    linkNote.textContent = aboutLink(host.run());
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
  saying(copyLink, () => location.href);
  update();
  return { update };
}

/** What whoever opens the link gets to see. */
function aboutLink({ board, k, centroids }: Run): string {
  if (board === 'own')
    return (
      'The link has the options, not your file: that stays with you. ' +
      `Whoever has the same file opens it there${centroids ? '; centroids placed by hand are lost' : ''}.`
    );
  if (centroids && !fitsAddress(centroids))
    return (
      `The ${plural(k, 'centroid')} placed by hand are ${count(centroids.length)} numbers; an address has ` +
      `room for ${count(MOST_NUMBERS)}. The link says so, and leads to another result. The code has them all.`
    );
  const placed = centroids ? `, the ${plural(k, 'centroid')} placed by hand` : '';
  return `The link has the data, all options${placed} and the seed: the same result wherever it is opened.`;
}
