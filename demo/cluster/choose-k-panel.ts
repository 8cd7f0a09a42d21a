/**
 * How many clusters there may be: the verdict in plain words, the votes for every k as buttons that
 * choose it, each criterion as a small chart, and all scores as a table.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChosenK, Criterion, KScore } from '../../src/index.ts';
import { element } from '../dom.ts';
import { count, measure, plural } from '../format.ts';
import type { Choice } from './choosing.ts';
import { figures } from './figures.ts';

export interface ChooseKPanel {
  start(): void;
  tell(share: number): void;
  show(choice: Choice): void;
  fail(message: string): void;
  hide(): void;
}

/** By criterion: the score, its name, and what speaks for a k. */
const CRITERIA: Record<Criterion, readonly [score: keyof KScore, name: string, sign: string]> = {
  elbow: ['elbow', 'Elbow', 'sharpest bend of the inertia'],
  silhouette: ['silhouette', 'Silhouette', 'highest'],
  gap: ['gap', 'Gap', 'first that is near the highest'],
  fk: ['fk', 'f(K)', 'lowest'],
  'cross-validation': ['crossValidation', 'Cross-validation', 'largest k that holds'],
  'calinski-harabasz': ['calinskiHarabasz', 'Caliński–Harabasz', 'highest'],
  'davies-bouldin': ['daviesBouldin', 'Davies–Bouldin', 'lowest'],
  bic: ['bic', 'BIC', 'highest'],
  stability: ['stability', 'Stability', 'largest k that is stable'],
};

const HEIGHT = 54;

export function chooseKPanel(
  card: HTMLElement,
  onCancel: () => void,
  onApply: (k: number) => void,
): ChooseKPanel {
  const heading = element('h2', 'How many clusters?');
  const close = element('button', 'Close');
  close.type = 'button';
  close.className = 'quiet small';
  close.addEventListener('click', onCancel);
  const head = element('div', '', 'card-head');
  head.append(heading, close);
  const words = element('p', '', 'verdict');
  words.role = 'status';
  const progress = document.createElement('progress');
  progress.max = 1;
  progress.ariaLabel = 'Progress';
  const at = element('p', '', 'hint');
  const answer = element('div', '', 'answer');
  card.append(head, words, progress, at, answer);

  let plots: uPlot[] = [];
  const clear = () => {
    for (const plot of plots) plot.destroy();
    plots = [];
    answer.replaceChildren();
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const plot of plots) plot.redraw();
  });

  const rest = () => {
    progress.hidden = true;
    at.textContent = '';
    close.textContent = 'Close';
  };

  return {
    start() {
      clear();
      card.hidden = false;
      words.textContent = 'Nine criteria look at every number of clusters…';
      progress.hidden = false;
      progress.removeAttribute('value');
      at.textContent = '';
      close.textContent = 'Cancel';
      close.focus({ preventScroll: true });
      card.scrollIntoView({ block: 'nearest' });
    },
    tell(share) {
      progress.value = share;
      at.textContent = `${Math.floor(100 * share)} %`;
    },
    show({ chosen, rows, of, metric }) {
      rest();
      clear();
      words.textContent = verdict(chosen);
      const account = element('details', '', 'hint');
      account.append(
        element('summary', 'What the criteria say'),
        element('p', named(chosen.explanation)),
      );
      const charts = element('div', '', 'small-charts');
      answer.append(votes(chosen, onApply), charts, account, scores(chosen));
      if (rows < of)
        answer.append(element('p', `Judged by ${count(rows)} of the ${count(of)} points.`, 'hint'));
      if (metric !== 'euclidean')
        answer.append(
          element('p', 'Judged by Euclidean distances, which all criteria take.', 'hint'),
        );
      plots = chart(charts, chosen, onApply);
      // Whoever waits for it sees as much of it as there is room for.
      if (card.contains(document.activeElement)) card.scrollIntoView({ block: 'nearest' });
    },
    fail(message) {
      rest();
      words.textContent = message;
    },
    hide() {
      clear();
      rest();
      card.hidden = true;
    },
  };
}

/** What follows, for somebody who has not heard of any criterion. */
function verdict({ k, clear, votes }: ChosenK): string {
  const cast = Object.values(votes).filter((vote) => vote !== null);
  const agree = cast.filter((vote) => vote === k).length;
  const said = `${agree} of ${cast.length} criteria say so`;
  if (k === 1) return `There may be no clusters in these points at all: ${said}.`;
  if (clear) return `${count(k)} clusters: ${said}.`;
  return (
    `No clear number. ${count(k)} has the most votes, ${agree} of ${cast.length}; ` +
    'it depends on what the clusters are for.'
  );
}

/** With the names that the charts have. */
function named(explanation: string): string {
  return Object.entries(CRITERIA).reduce(
    (text, [criterion, [, name]]) => text.replace(new RegExp(`\\b${criterion}\\b`, 'g'), name),
    explanation,
  );
}

/** A button for every k, the higher the more votes it has. */
function votes({ k, votes, scores }: ChosenK, onApply: (k: number) => void): HTMLElement {
  const box = element('div', '', 'votes');
  box.role = 'group';
  box.ariaLabel = 'Votes by number of clusters; choose one to cluster with it';
  const cast = Object.values(votes);
  const most = Math.max(1, ...scores.map((score) => cast.filter((v) => v === score.k).length));
  for (const score of scores) {
    const number = cast.filter((vote) => vote === score.k).length;
    const button = element('button');
    button.type = 'button';
    button.ariaLabel = `${plural(score.k, 'cluster')}: ${plural(number, 'vote')}`;
    button.title = button.ariaLabel;
    button.classList.toggle('winner', score.k === k);
    const bar = element('i');
    bar.style.height = `${(100 * number) / most}%`;
    const frame = element('span', '', 'bar');
    frame.append(bar);
    button.append(frame, element('span', String(score.k)));
    button.addEventListener('click', () => onApply(score.k));
    box.append(button);
  }
  return box;
}

function chart(box: HTMLElement, { votes, scores }: ChosenK, onApply: (k: number) => void) {
  const colour = (name: string) => getComputedStyle(box).getPropertyValue(name);
  const ks = scores.map(({ k }) => k);
  return (Object.keys(votes) as Criterion[]).map((criterion) => {
    const [score, name, sign] = CRITERIA[criterion];
    const vote = votes[criterion] ?? null;
    const figure = element('figure');
    const says = vote === null ? 'no vote' : `k = ${vote}`;
    figure.title = `Votes for: ${sign}`;
    const caption = element('figcaption');
    caption.append(element('span', name), element('b', says));
    const frame = element('div');
    frame.role = 'img';
    frame.ariaLabel = `${name} by number of clusters, votes for: ${sign}; ${says}`;
    figure.append(caption, frame);
    box.append(figure);
    const values = scores.map((at) => finite(at[score]));
    const plot: uPlot = new uPlot(
      {
        width: frame.clientWidth || 100,
        height: HEIGHT,
        padding: [6, 6, 6, 6],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        scales: { x: { time: false } },
        axes: [{ show: false }, { show: false }],
        series: [
          {},
          {
            stroke: () => colour('--accent'),
            width: 1.6,
            points: { show: false },
          },
          {
            stroke: () => colour('--ink'),
            width: 0,
            points: { show: true, size: 8, fill: () => colour('--ink') },
          },
        ],
        hooks: {
          setCursor: [
            ({ cursor: { idx } }) => {
              const value = idx == null ? undefined : scores[idx][score];
              caption.lastElementChild!.textContent =
                idx == null ? says : `${ks[idx]}: ${value === undefined ? '–' : measure(value)}`;
            },
          ],
        },
      },
      [ks, values, values.map((value, at) => (ks[at] === vote ? value : null))],
      frame,
    );
    plot.over.addEventListener('click', () => {
      const { idx } = plot.cursor;
      if (idx != null) onApply(ks[idx]);
    });
    return plot;
  });
}

/** All that the charts show, to be read. */
function scores({ votes, scores }: ChosenK): HTMLElement {
  const criteria = Object.keys(votes) as Criterion[];
  const box = element('details', '', 'hint');
  box.append(element('summary', 'All scores'));
  const frame = element('div', '', 'tables');
  frame.tabIndex = 0;
  frame.role = 'region';
  frame.ariaLabel = 'Scores by number of clusters';
  const told = [
    ['inertia', 'Inertia'] as const,
    ...criteria.map((criterion) => CRITERIA[criterion]),
  ];
  const digits = (value: number | undefined) =>
    value === undefined ? '–' : measure(Number(value.toPrecision(4)));
  frame.append(
    figures(
      ['k', ...told.map(([, name]) => name)],
      scores.map((score) => [String(score.k), ...told.map(([name]) => digits(score[name]))]),
    ),
  );
  box.append(frame);
  return box;
}

const finite = (value: number | undefined) =>
  value !== undefined && Number.isFinite(value) ? value : null;
