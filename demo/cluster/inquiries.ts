/**
 * Answers what the page asks about a run beside running it (inquiry-messages.ts). Loaded by the
 * Cluster tab's worker at the first question.
 */
import { chooseK, type KMeansOptions } from '../../src/index.ts';
import { plainMessage, poster } from '../worker-port.ts';
import { Film } from './film.ts';
import type { Answer, AnswerOnK, Inquiry, Moment } from './inquiry-messages.ts';
import { rowsInside } from './inside.ts';
import type { Rows } from './projection.ts';

/** What a worker has of the run that is asked about. */
export interface Subject {
  job: number;
  points: Rows;
  k: number;
  options: KMeansOptions;
  /** Where rows are drawn. */
  place<Data extends Rows['data']>(rows: Rows & { data: Data }): Data | Float32Array;
  /** The newest picture, with the labels of all rows: where the run is held, or ended. */
  newest: Moment | null;
  /** What the page shows: the newest, or an earlier one. Null while it runs. */
  seen: Moment | null;
}

/** Rows that are looked at for the number of clusters: fits of every k, and of references, add up. */
const CHOOSING_ROWS = 4000;

const post = poster<Answer | AnswerOnK>();

let film: { of: Subject; film: Film } | null = null;
/** The iteration that the page wants to see, until it is shown. */
let wanted: number | null = null;
let choosing: AbortController | null = null;

/** @param subject null while there are no points yet */
export async function answer(inquiry: Inquiry, subject: Subject | null): Promise<void> {
  const { job, type } = inquiry;
  try {
    if (!subject) throw new Error('The points are still on their way. Ask again in a moment.');
    if (inquiry.type === 'look-back') await lookBack(inquiry, subject);
    else if (inquiry.type === 'inspect') inspect(inquiry.outline, subject);
    else {
      choosing?.abort();
      choosing = null;
      if (inquiry.type === 'choose-k') await choose(inquiry, subject);
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    const message = plainMessage(error);
    post(type === 'choose-k' ? { type: 'no-k', message } : { type: 'no-answer', job, message });
  }
}

/** Nobody looks back any more: another run begins, or this one goes on. */
export function forget(): void {
  film?.film.stop();
  [film, wanted] = [null, null];
}

async function lookBack(
  { iteration, head }: Inquiry & { type: 'look-back' },
  subject: Subject,
): Promise<void> {
  if (film?.of !== subject) {
    forget();
    const { points, k, options, place } = subject;
    film = { of: subject, film: new Film(points, k, options, place) };
  }
  const reel = film.film;
  wanted = iteration;
  const known = subject.newest?.iteration === iteration ? subject.newest : reel.at(iteration);
  if (known) show(known, subject);
  const showWanted = () => {
    const moment = wanted === null ? null : reel.at(wanted);
    if (moment) show(moment, subject);
  };
  const history = await reel.record(head, (iteration) => {
    if (iteration === wanted) showWanted();
  });
  if (!history) return;
  showWanted();
  const [inertias, moves] = [
    Float64Array.from(history, ({ inertia }) => inertia),
    Float64Array.from(history, ({ moved }) => moved),
  ];
  post({ type: 'history', job: subject.job, inertias, moves }, [inertias.buffer, moves.buffer]);
}

function show(moment: Moment, of: Subject): void {
  wanted = null;
  of.seen = moment;
  post({ type: 'moment', job: of.job, ...moment });
}

function inspect(outline: Float64Array, subject: Subject): void {
  const { job, points, k, seen } = subject;
  if (!seen) throw new Error('Stop the run first: its rows change clusters while it goes on.');
  const inside = rowsInside(points, subject.place(points), seen.labels, k, outline);
  post({ type: 'inside', job, ...inside });
}

async function choose(
  { kMax }: Inquiry & { type: 'choose-k' },
  { points, options }: Subject,
): Promise<void> {
  const mine = (choosing = new AbortController());
  const sample = everyFew(points, CHOOSING_ROWS);
  const { seed = 0, engine = 'auto' } = options;
  const chosen = await chooseK(options.whiten ? whitened(sample) : sample, {
    kMax: Math.min(kMax, sample.rows),
    seed,
    engine,
    signal: mine.signal,
    onProgress: ({ fraction, k }) => post({ type: 'choosing-k', fraction, k }),
  });
  if (choosing === mine) choosing = null;
  post({ type: 'chosen-k', chosen, rows: sample.rows, of: points.rows });
}

/** So many rows at most, evenly from all over: files may be sorted. */
function everyFew({ data, rows, columns }: Rows, most: number): Rows {
  if (rows <= most) return { data, rows, columns };
  const picked = new Float64Array(most * columns);
  for (let i = 0; i < most; i++) {
    const from = Math.floor((i * rows) / most) * columns;
    for (let t = 0; t < columns; t++) picked[i * columns + t] = data[from + t];
  }
  return { data: picked, rows: most, columns };
}

/** Columns in their standard deviations, which chooseK has no option for. */
function whitened({ data, rows, columns }: Rows): Rows {
  const scaled = Float64Array.from(data);
  for (let t = 0; t < columns; t++) {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < rows; i++) sum += data[i * columns + t];
    const mean = sum / rows;
    for (let i = 0; i < rows; i++) squares += (data[i * columns + t] - mean) ** 2;
    const deviation = Math.sqrt(squares / rows) || 1;
    for (let i = 0; i < rows; i++) scaled[i * columns + t] /= deviation;
  }
  return { data: scaled, rows, columns };
}
