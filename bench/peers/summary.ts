/** The comparison for the README: a line a case, and in words which goals were reached. */
import { markdownTable } from 'markdown-table';
import { browserLines } from '../browser/text.ts';
import { digits, setting } from '../report.ts';
import type { PeerName } from './goals.ts';
import type { PeersReport, Row } from './results.ts';
import { goalText, verdictText } from './table.ts';

const HEAD = [
  ...['case', 'n × d, k', 'iterations', 'centroids, ms', 'first call, ms', 'one thread, ms'],
  ...['scikit-learn, ms', 'against scikit-learn', 'against ml-kmeans', 'against skmeans'],
];

export function peersSummary(report: PeersReport): string {
  const { rows, goals, quiet, machine, options, versions, browser } = report;
  const names = [...new Set(rows.map((row) => row.case.name))];
  const align = ['l', 'l', ...HEAD.slice(2).map(() => 'r')];
  const table = markdownTable([HEAD, ...names.map((name) => line(name, rows))], { align });
  const busy = quiet
    ? ''
    : ` **Provisional**: others used the machine (a load of ${machine.loadBefore?.toFixed(1) ?? '?'} on ${machine.cores} cores at the start), which slows all down, and most what needs all cores at once.`;
  const verdicts = goals.map((outcome) => {
    const { goal, mean, least, measured, verdict } = outcome;
    const found =
      measured === 0
        ? ''
        : goal.mean === undefined
          ? ` (least ${digits(least)}×)`
          : ` (mean ${digits(mean)}×, least ${digits(least)}×)`;
    return `- ${goal.cases.join(', ')} against ${goal.peer}: ${goalText(goal)}: ${verdictText(verdict, quiet)}${found}`;
  });
  return [
    `${setting(report)}; ${Object.values(versions).join('; ')}.${busy}`,
    `Medians of whole fits of at most ${options.iterations} iterations from the same centroids, ${options.threads} threads, warm but for the first call. A fraction behind a factor: the part of the rows that the library ends in time, on which ours was measured too.`,
    '',
    table,
    '',
    'Goals:',
    '',
    ...verdicts,
    ...(browser === null ? [] : ['', 'In a tab:', '', ...inATab(browser)]),
  ].join('\n');
}

/** All but what the profiler found. */
function inATab(run: NonNullable<PeersReport['browser']>): string[] {
  return browserLines({ ...run, stretches: [] }).map((text) => `- ${text}`);
}

function line(name: string, rows: readonly Row[]): string[] {
  const own = rows.filter((row) => row.case.name === name);
  const whole = own.find(({ who, share }) => who === 'centroids' && share === 1);
  const { rows: count, columns, k } = (whole ?? own[0]).case;
  const main = answerOf(whole);
  const single = answerOf(
    own.find(
      ({ who, threads, algorithm }) => who === 'centroids' && threads === 1 && algorithm === 'auto',
    ),
  );
  const sklearn = own.find(({ who }) => who === 'scikit-learn');
  return [
    name,
    `${count.toLocaleString('en')} × ${columns}, ${k.toLocaleString('en')}`,
    main ? String(main.iterations) : '–',
    main ? digits(main.median) : '–',
    main ? digits(main.first) : '–',
    single ? digits(single.median) : '–',
    sklearn ? (answerOf(sklearn) ? digits(answerOf(sklearn)!.median) : 'differs') : '–',
    ...(['scikit-learn', 'ml-kmeans', 'skmeans'] satisfies PeerName[]).map((who) =>
      factor(own.find((row) => row.who === who)),
    ),
  ];
}

function answerOf(row: Row | undefined) {
  return row?.result.outcome === 'right' ? row.result.answer : null;
}

function factor(row: Row | undefined): string {
  if (!row) return '–';
  const { result, share } = row;
  if (result.outcome !== 'right') return result.outcome === 'wrong' ? 'differs' : 'failed';
  return `${digits(result.times)}×${share === 1 ? '' : ` (${share})`}`;
}
