/** The comparison as one table: a line for everybody on every case, and a line for every goal. */
import { markdownTable } from 'markdown-table';
import { browserLines, splitText } from '../browser/text.ts';
import { digits, setting } from '../report.ts';
import type { Goal, Outcome } from './goals.ts';
import type { PeersReport, Row } from './results.ts';

const HEAD = [
  ...['case', 'n × d, k', 'who', 'iterations', 'fit, ms', 'least – most (fits)'],
  ...['first call, ms', 'ours is', 'other labels', 'inertia off', 'where our time goes, ms'],
];
const ALIGN = ['l', 'l', 'l', 'r', 'r', 'r', 'r', 'r', 'r', 'r', 'l'];

export function peersTable({
  rows,
  goals,
  quiet,
}: Pick<PeersReport, 'rows' | 'goals' | 'quiet'>): string {
  return markdownTable([HEAD, ...rows.map(line), ...goals.map((goal) => goalLine(goal, quiet))], {
    align: ALIGN,
  });
}

/** Everything that is printed: where, what, and what it means. */
export function peersText(report: PeersReport): string {
  const { machine, quiet, versions, options, browser, missing } = report;
  const { iterations, repeats, threads, flags } = options;
  const load = machine.loadBefore === null ? 'unknown' : machine.loadBefore.toFixed(1);
  return [
    `${setting(report)}; ${Object.values(versions).join('; ')}${flags.length > 0 ? `; ${flags.join(' ')}` : ''}.`,
    quiet
      ? `The machine was quiet (load ${load} at the start).`
      : `NOT A QUIET RUN: the load was ${load} at the start. All times are provisional.`,
    `Medians of at least ${repeats} fits of at most ${iterations} iterations from the same centroids, after ` +
      `warm-up (slow libraries, and ours on one thread: as many as end in time); workers are warm but in the first call. ` +
      `scikit-learn has ${threads} threads throughout.`,
    '',
    peersTable(report),
    '',
    ...(browser ? browserLines(browser) : []),
    ...missing,
  ].join('\n');
}

function line({ case: given, share, who, threads, algorithm, result }: Row): string[] {
  const { name, rows, columns, k } = given;
  const size = `${rows.toLocaleString('en')} × ${columns}, ${k.toLocaleString('en')}`;
  const head = [name, share === 1 ? size : `${size} (${share} of the rows)`];
  const lanes = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const asked = algorithm === 'auto' ? '' : `${algorithm}, `;
  if (result.outcome !== 'right') {
    const what =
      result.outcome === 'wrong'
        ? `WRONG: ${result.faults.join('; ')}`
        : `failed: ${result.reason}`;
    const label = who === 'centroids' ? `centroids (${asked}${lanes})` : who;
    return [...head, label, what, '', '', '', '', '', '', ''];
  }
  const { answer, verdict, times } = result;
  const algorithmRun = algorithm === 'auto' ? `auto: ${answer.algorithm}` : algorithm;
  return [
    ...head,
    who === 'centroids' ? `centroids (${algorithmRun}, ${lanes})` : who,
    String(answer.iterations),
    digits(answer.median),
    `${digits(Math.min(...answer.times))} – ${digits(Math.max(...answer.times))} (${answer.times.length})`,
    digits(answer.first),
    who === 'centroids' ? '' : `${digits(times)}×`,
    verdict === null ? 'same bits' : labelsText(verdict.differing),
    verdict === null ? '' : verdict.inertiaOff.toExponential(0),
    answer.split ? splitText(answer.split) : '',
  ];
}

function labelsText(share: number): string {
  return share === 0 ? 'none' : `${(100 * share).toPrecision(2)} %`;
}

function goalLine(outcome: Outcome, quiet: boolean): string[] {
  const { goal, mean, least, measured, missing, verdict } = outcome;
  const found =
    measured === 0
      ? ''
      : goal.mean === undefined
        ? `least ${digits(least)}×`
        : `mean ${digits(mean)}×, least ${digits(least)}×`;
  const said = verdict === 'not measured' ? `: ${missing.join(', ')}` : '';
  return [
    '**goal**',
    goal.cases.join(', '),
    `against ${goal.peer}`,
    ...['', '', '', ''],
    found,
    ...['', ''],
    `${goalText(goal)}: ${verdictText(verdict, quiet)}${said}`,
  ];
}

/** A busy machine slows some down more than others: what it says of a goal has to be seen again. */
export function verdictText(verdict: Outcome['verdict'], quiet: boolean): string {
  if (verdict === 'not measured') return verdict;
  return `${verdict === 'missed' ? '**missed**' : verdict}${quiet ? '' : ' (provisional)'}`;
}

export function goalText({ mean, each }: Goal): string {
  const parts = [
    ...(mean === undefined ? [] : [`geometric mean ≥ ${mean}×`]),
    ...(each === undefined ? [] : [mean === undefined ? `≥ ${each}×` : `none below ${each}×`]),
  ];
  return parts.join(', ');
}
