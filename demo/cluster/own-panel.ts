/**
 * The card of the user's file: its columns, which of them are coordinates, what names its rows and what
 * becomes of those with gaps. Names of files and columns are text wherever they are shown.
 */
import { byId, element } from '../dom.ts';
import { count, plural } from '../format.ts';
import type { OwnChoice, OwnFile } from './own-data.ts';

export interface OwnHost {
  /** Asks the worker what is in a file. */
  look(file: File, signal: AbortSignal): Promise<OwnFile>;
  /** Another file. */
  opened(choice: OwnChoice): void;
  /** The same file, otherwise. */
  changed(choice: OwnChoice): void;
  /** The file is no longer wanted. */
  closed(): void;
  /** Ends the reading. */
  cancel(): void;
  /** Says why a file was not opened. */
  refuse(why: string): void;
}

export interface OwnPanel {
  open(file: File): Promise<void>;
  show(shown: boolean): void;
  /** How much of it is read, 0 to 1; null: nothing is being read. */
  reading(share: number | null): void;
  /** What was found when all was read. */
  tell(points: number, fileRows: number): void;
}

/** Reading that takes no longer needs no bar. */
const LONG_MS = 400;

/** Columns with a line of their own; those beyond are chosen together. */
const MOST_LINES = 200;

const FORMATS: Record<string, string> = {
  csv: 'CSV',
  tsv: 'TSV',
  npy: 'NPY',
  npz: 'NPZ',
  parquet: 'Parquet',
  arrow: 'Arrow',
  'json-lines': 'JSON lines',
};

export function ownPanel(host: OwnHost): OwnPanel {
  const card = byId('own', HTMLElement);
  const facts = byId('own-facts', HTMLElement);
  const waiting = byId('own-waiting', HTMLElement);
  const progress = byId('own-progress', HTMLProgressElement);
  const list = byId('own-columns', HTMLElement);
  const id = byId('own-id', HTMLSelectElement);
  const missing = byId('own-missing', HTMLSelectElement);
  const boards = byId('board', HTMLSelectElement);

  let file: File | null = null;
  let found: OwnFile | null = null;
  let number = 0;
  let looking = new AbortController();
  let timer = 0;

  const boxes = () => [...list.querySelectorAll('input')];
  /** Whether each column is a coordinate, by the boxes: the last stands for all that have none. */
  const chosenColumns = () => {
    const checked = boxes().map((box) => box.checked);
    return found!.columns.filter(({ isNumeric, type }, at) =>
      at < MOST_LINES ? checked[at] : checked[MOST_LINES] && isNumeric && type !== 'text',
    );
  };
  const choice = (): OwnChoice => {
    const { columns, text } = found!;
    const names = text?.header ? null : columns.map(({ name }) => name);
    return {
      file: file!,
      number,
      columns: chosenColumns().map(({ name }) => name),
      id: id.value === '' ? '' : columns[Number(id.value)].name,
      missing: missing.value as OwnChoice['missing'],
      ...(text && { text: { delimiter: text.delimiter, names } }),
    };
  };
  const change = () => host.changed(choice());

  const about = (rows: string) => {
    const { format, columns } = found!;
    // A matrix is one column of vectors to its readers, and many to whoever has saved it.
    const wide = columns.reduce((sum, { width }) => sum + width, 0);
    facts.textContent = [FORMATS[format] ?? format, plural(wide, 'column'), rows]
      .filter((part) => part !== '')
      .join(', ');
  };

  const line = (name: string, about: string, isNumeric: boolean, chosen: boolean) => {
    const item = element('li');
    const label = element('label', '', 'check');
    const box = element('input');
    box.type = 'checkbox';
    box.checked = chosen;
    box.disabled = !isNumeric;
    box.addEventListener('change', change);
    label.append(box, name, element('small', about));
    item.append(label);
    return item;
  };

  const show = () => {
    const { columns, chosen, rows } = found!;
    byId('own-name', HTMLElement).textContent = file!.name;
    const lines = columns.slice(0, MOST_LINES).map(({ name, type, width, isNumeric }) => {
      const about = width > 1 ? `${type} × ${count(width)}` : type;
      return line(name === '' ? '(no name)' : name, about, isNumeric, chosen.includes(name));
    });
    const others = columns.length - MOST_LINES;
    if (others > 0) {
      const areChosen = chosen.includes(columns[columns.length - 1].name);
      lines.push(line(`the other ${count(others)}`, 'numbers', true, areChosen));
    }
    list.replaceChildren(...lines);
    const none = new Option('Row numbers', '');
    const names = columns
      .slice(0, MOST_LINES)
      .flatMap(({ name, width }, at) =>
        width === 1 ? [new Option(name === '' ? '(no name)' : name, String(at))] : [],
      );
    id.replaceChildren(none, ...names);
    const place = columns.findIndex(({ name }) => name === found!.id);
    id.value = place < 0 || found!.id === '' ? '' : String(place);
    missing.value = 'error';
    about(rows === undefined ? '' : plural(rows, 'row'));
    boards.querySelector('[data-own]')?.remove();
    const group = element('optgroup');
    group.label = 'Yours';
    group.dataset.own = '';
    group.append(new Option(file!.name, 'own'));
    boards.append(group);
    card.hidden = false;
  };

  for (const [button, checked] of [
    ['own-all', true],
    ['own-none', false],
  ] as const)
    byId(button, HTMLButtonElement).addEventListener('click', () => {
      for (const box of boxes()) if (!box.disabled) box.checked = checked;
      if (checked) change();
    });
  id.addEventListener('change', () => {
    // What names rows measures nothing.
    if (id.value !== '') boxes()[Number(id.value)].checked = false;
    change();
  });
  missing.addEventListener('change', change);
  byId('own-cancel', HTMLButtonElement).addEventListener('click', () => host.cancel());
  byId('own-close', HTMLButtonElement).addEventListener('click', () => {
    file = found = null;
    boards.querySelector('[data-own]')?.remove();
    card.hidden = true;
    host.closed();
  });

  return {
    async open(next) {
      looking.abort();
      const mine = (looking = new AbortController());
      try {
        const looked = await host.look(next, mine.signal);
        if (mine.signal.aborted) return;
        [file, found] = [next, looked];
        number++;
        show();
        host.opened(choice());
      } catch (error) {
        if (!mine.signal.aborted) host.refuse((error as Error).message);
      }
    },
    show(shown) {
      card.hidden = !shown || file === null;
    },
    reading(share) {
      if (share === null) {
        clearTimeout(timer);
        timer = 0;
        waiting.hidden = true;
        return;
      }
      progress.value = share;
      if (timer === 0) timer = window.setTimeout(() => (waiting.hidden = false), LONG_MS);
    },
    tell(points, fileRows) {
      if (found === null) return;
      const left = fileRows - points;
      const gaps =
        left === 0
          ? ''
          : ` of which ${plural(left, 'lacks', 'lack')} a number and ` +
            (missing.value === 'label'
              ? left === 1
                ? 'gets label −1'
                : 'get label −1'
              : left === 1
                ? 'is left out'
                : 'are left out');
      about(plural(fileRows, 'row') + gaps);
    },
  };
}
