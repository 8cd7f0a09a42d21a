/** `centroids choose-k`: how many clusters a file has, by nine criteria, and whether that is clear. */
import { Command } from 'commander';
import { chooseK, type ChosenK, type Criterion, type KScore } from '../../choose-k/index.ts';
import { CRITERIA } from '../../choose-k/votes.ts';
import { given, list, number } from '../arguments.ts';
import { loadPoints, numbersOf } from '../data.ts';
import { judgePaths, nameOf, tell } from '../files.ts';
import {
  dataOptions,
  runOptions,
  tellOptions,
  type DataFlags,
  type RunFlags,
  type TellFlags,
} from '../options.ts';
import { judgePlot, savePlot } from '../plot/save.ts';
import { progressDisplay } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { aligned, count, digits, json } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids choose-k plants.csv
  $ centroids choose-k plants.csv --k-max 20 --plot elbow.svg
  $ centroids choose-k points.npy --criteria elbow,silhouette --json | jq .k

Criteria: ${CRITERIA.join(', ')}.`;

interface ChooseKFlags extends DataFlags, RunFlags, TellFlags {
  kMin?: number;
  kMax?: number;
  criteria?: Criterion[];
  references?: number;
  weights?: string;
  plot?: string;
}

export function chooseKVerb(terminal: Terminal): Command {
  const command = new Command('choose-k')
    .description('Recommend a number of clusters, and say whether it is clear.')
    .argument('<data>', 'as for fit; - is the standard input')
    .option('--k-min <count>', 'fewest clusters (default: 1)', number)
    .option('--k-max <count>', 'most clusters (default: 12)', number)
    .option('--criteria <names>', 'who votes (default: all)', list)
    .option('--references <count>', 'sets of noise for the gap statistic (default: 10)', number)
    .option('--weights <column>', 'a column that says how much a row counts')
    .option('--plot <file>', 'draw elbow, silhouette, gap and votes: .svg or .png');
  return tellOptions(runOptions(dataOptions(command)), true)
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: ChooseKFlags) => choose(path, flags, terminal));
}

async function choose(path: string, flags: ChooseKFlags, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  const { weights, plot, kMin, kMax, criteria, references, engine, threads, seed } = flags;
  await judgePaths([path], [['--plot', plot]]);
  if (plot !== undefined) await judgePlot(plot);
  const beside = weights === undefined ? [] : [weights];
  const display = progressDisplay(terminal, flags.quiet === true);
  let chosen: ChosenK;
  let points: number;
  try {
    const read = await loadPoints(path, flags, beside, beside, terminal);
    points = read.points.rows;
    chosen = await chooseK(read.points, {
      ...given({ kMin, kMax, criteria, references, engine, threads, seed }),
      ...(weights === undefined ? {} : { weights: await numbersOf(read, weights, signal) }),
      signal,
      onProgress: ({ phase, k, fraction }) =>
        display.show({ fraction, text: `${phase} · k = ${k}` }),
    });
  } finally {
    display.stop();
  }
  if (plot !== undefined)
    await savePlot(plot, ({ chooseKChart }) => chooseKChart(chosen), terminal);
  const text = flags.json ? json({ path, points, ...chosen }) : report(path, points, chosen);
  await tell(text, [plot], terminal);
}

/** The score that each criterion looks at. */
const SCORES: Record<Criterion, keyof KScore> = {
  elbow: 'elbow',
  silhouette: 'silhouette',
  gap: 'gap',
  fk: 'fk',
  'cross-validation': 'crossValidation',
  'calinski-harabasz': 'calinskiHarabasz',
  'davies-bouldin': 'daviesBouldin',
  bic: 'bic',
  stability: 'stability',
};

function report(path: string, points: number, chosen: ChosenK): string {
  const { k, clear, explanation, scores, votes } = chosen;
  const voters = Object.keys(votes) as Criterion[];
  const rows = scores.map((score) => [
    String(score.k),
    digits(score.inertia, 5),
    ...voters.map((criterion) => {
      const value = score[SCORES[criterion]];
      const mark = votes[criterion] === score.k ? '*' : ' ';
      return value === undefined ? mark : `${digits(value, 4)}${mark}`;
    }),
  ]);
  return [
    `${nameOf(path)}: ${count(points)} points\n\n`,
    aligned([['k', 'inertia', ...voters.map((name) => `${name} `)], ...rows]),
    '\n* the vote of a criterion\n\n',
    `k = ${k}${clear ? '' : ', and that is not clear'}. ${explanation}\n`,
  ].join('');
}
