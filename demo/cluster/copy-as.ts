/**
 * The run on the screen in other languages: the command line, which gives the same result, and
 * scikit-learn, which gives the same clusters where it begins with the same centroids.
 */
import { DATA_SETS, isDataSet } from '../data/data-sets.ts';
import { PASTED } from '../pasted.ts';
import { GROUPS } from './groups.ts';
import type { OwnChoice } from './own-data.ts';
import { rowsOf, short, snippet, type Run } from './snippet.ts';

export type Language = 'typescript' | 'shell' | 'python';

export interface Code {
  text: string;
  /** What of it is the same, and what is not. */
  note: string;
}

/** Numbers of first centroids that code may carry. */
const MOST_NUMBERS = 1024;

/** @param starts the first centroids of the run, where they are known */
export function codeOf(language: Language, run: Run, starts: number[][] | null): Code {
  if (language === 'typescript')
    return { text: snippet(run), note: `The same bits: compare the hash.${unsaved(run.own)}` };
  return language === 'shell' ? shell(run) : python(run, starts);
}

/** Rows that were pasted are in no file yet. */
function unsaved(own: OwnChoice | null | undefined): string {
  return own?.file.name === PASTED ? ` Save what you pasted as “${PASTED}” first.` : '';
}

// ---- the command line --------------------------------------------------------------------------

function shell(run: Run): Code {
  const { board, k, seed, engine, init, whiten, metric, tol, own, centroids, source } = run;
  const flags = [
    `-k ${k}`,
    `--seed ${seed}`,
    ...(own ? [`--columns=${quoted(own.columns.join(','))}`] : []),
    ...(own && own.id !== '' ? [`--id=${quoted(own.id)}`] : []),
    ...(own && own.missing !== 'error' ? [`--missing ${own.missing}`] : []),
    ...(centroids ? [`--init ./${FIRST}`] : init === 'auto' ? [] : [`--init ${quoted(init)}`]),
    ...(whiten ? ['--whiten'] : []),
    ...(metric === 'euclidean' ? [] : [`--metric ${metric}`]),
    ...(Number(tol) === 1e-4 ? [] : [`--tol ${Number(tol)}`]),
    ...(engine === 'auto' ? [] : [`--engine ${quoted(engine)}`]),
  ];
  const first = centroids ? `cat > ${FIRST} <<'END'\n${linesOf(run)}\nEND\n` : '';
  const fit = (file: string) => `npx centroids fit ${[file, ...flags].join(' \\\n  ')}`;
  if (own)
    return {
      text: first + fit(quoted(pathOf(own))),
      note: own.columns.some((name) => name.includes(','))
        ? 'The command parts names of columns at commas, and some here have one: rename those.'
        : `The same bits, from the same file.${unsaved(own)}`,
    };
  const text = !isDataSet(board)
    ? `${generate(run)} |\n${fit('-')}`
    : source
      ? fit(quoted(source))
      : `# in the project's repository\n${fit(`demo/data/${board}.csv`)}`;
  return { text: first + text, note: 'The same points, the same bits: compare the hash.' };
}

/** The file of the first centroids. */
const FIRST = 'first-centroids.jsonl';

/** A line of JSON a centroid, which has its columns under the names that the points have theirs. */
function linesOf({ centroids, k, own, names = [] }: Run): string {
  // A file's column of vectors has names such as `v[3]` for its numbers.
  const keys = own?.columns ?? ['place'];
  const isWide = (key: string) => !own || !names.includes(key);
  return rowsOf(centroids!, k)
    .map((row) => {
      const cells = keys.map((key) => {
        const isOf = (name: string) => name === key || name.replace(/\[\d+\]$/, '') === key;
        const numbers = own ? row.filter((_, t) => isOf(names[t])) : row;
        return [key, isWide(key) ? numbers : numbers[0]];
      });
      return JSON.stringify(Object.fromEntries(cells));
    })
    .join('\n');
}

function generate({ board, n, seed }: Run): string {
  const groups = board === 'uniform' ? '' : ` -k ${GROUPS}`;
  return `npx centroids generate ${board} -n ${n}${groups} --seed ${seed} --format npy`;
}

/** A name that begins with a dash would be taken for a flag. */
function pathOf({ file: { name } }: OwnChoice): string {
  return name.startsWith('-') ? `./${name}` : name;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w.,/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

// ---- scikit-learn ------------------------------------------------------------------------------

function python(run: Run, starts: number[][] | null): Code {
  const { k, seed, whiten, metric, tol } = run;
  if (metric === 'manhattan')
    return {
      text: '# scikit-learn has no k-means by Manhattan distance.',
      note: 'Choose another distance, or another language.',
    };
  const known = starts !== null && starts.length * starts[0].length <= MOST_NUMBERS;
  const { imports, lines } = pythonPoints(run);
  const prepared = [
    ...(whiten
      ? ['scale = points.std(axis=0)', 'scale[scale == 0] = 1', 'points = points / scale']
      : []),
    ...(metric === 'cosine'
      ? ['points = points / np.linalg.norm(points, axis=1, keepdims=True)']
      : []),
  ];
  const first = known
    ? ['starts = np.array([', ...starts.map((row) => `    [${row.map(short).join(', ')}],`), '])']
    : [];
  const init = known
    ? `init=starts${whiten ? ' / scale' : ''}, n_init=1`
    : `init="k-means++", n_init=1, random_state=${seed}`;
  const text = [
    'import numpy as np',
    ...imports,
    'from sklearn.cluster import KMeans',
    '',
    ...lines,
    ...prepared,
    ...first,
    'km = KMeans(',
    `    n_clusters=${k}, ${init},`,
    `    max_iter=300, tol=${Number(tol)}, algorithm="lloyd",`,
    ').fit(points)',
    'print(km.n_iter_, km.inertia_)',
  ].join('\n');
  return { text, note: notePython(known, metric) + unsaved(run.own) };
}

function notePython(known: boolean, metric: Run['metric']): string {
  if (metric === 'cosine')
    return (
      'Near, not the same: scikit-learn takes the mean of unit rows as the centre, here its ' +
      'direction is taken.'
    );
  return known
    ? 'From the same first centroids: the same clusters, but for rows that rounding puts between two.'
    : 'scikit-learn draws first centroids of its own, so that its clusters may be others. With fewer ' +
        'clusters the code carries those of this run.';
}

function pythonPoints({ own, board, ...run }: Run): { imports: string[]; lines: string[] } {
  if (!own && isDataSet(board)) {
    const load = `load_${board}`;
    const rows = board === 'digits' ? `[:${DATA_SETS.digits.rows}]` : '';
    return {
      imports: [`from sklearn.datasets import ${load}`],
      lines: [`points = ${load}().data${rows}.astype(np.float32)`],
    };
  }
  if (!own)
    return {
      imports: [],
      lines: [`# ${generate({ ...run, board })} > points.npy`, 'points = np.load("points.npy")'],
    };
  const name = JSON.stringify(own.file.name);
  const columns = JSON.stringify(own.columns);
  const gaps = own.missing === 'error' ? '' : '.dropna()';
  if (/\.np[yz]$/i.test(own.file.name))
    return { imports: [], lines: [`points = np.load(${name})`] };
  const reader = READERS.find(([ending]) => ending.test(own.file.name))?.[1];
  const frame = reader && !own.text ? reader(name) : readText(name, own.text);
  return {
    imports: ['import pandas as pd'],
    lines: [`points = pd.${frame}[${columns}]${gaps}.to_numpy(np.float32)`],
  };
}

function readText(name: string, text: OwnChoice['text']): string {
  const { delimiter = ',', names = null } = text ?? {};
  const parts = [
    name,
    ...(delimiter === ',' ? [] : [`sep=${JSON.stringify(delimiter)}`]),
    ...(names ? [`header=None, names=${JSON.stringify(names)}`] : []),
  ];
  return `read_csv(${parts.join(', ')})`;
}

const READERS: [RegExp, (name: string) => string][] = [
  [/\.(parquet|pq)$/i, (name) => `read_parquet(${name})`],
  [/\.(arrows?|feather|ipc)$/i, (name) => `read_feather(${name})`],
  [/\.(jsonl|ndjson|jsonlines)$/i, (name) => `read_json(${name}, lines=True)`],
];
