/** `centroids score`: how well clusters lie apart, and how they agree with a truth. */
import { Command } from 'commander';
import { atOnce, breather } from '../../breathe.ts';
import {
  centroidsOf,
  clusterCosts,
  positionsOf,
  type Positions,
} from '../../estimators/positions.ts';
import { distancesTo } from '../../margins.ts';
import type { Matrix } from '../../matrix.ts';
import {
  adjustedRandIndex,
  homogeneityCompletenessV,
  normalizedMutualInformation,
} from '../../scores/agreement.ts';
import { calinskiHarabasz, daviesBouldin } from '../../scores/dispersion.ts';
import { silhouette, silhouetteSamples, type SilhouetteEstimate } from '../../scores/silhouette.ts';
import { groupSums, sumOf } from '../../sums.ts';
import { given, number } from '../arguments.ts';
import { labelsOnce } from '../assign.ts';
import { labelsOf, loadPoints, numbersOf, sampled, samplePlaces } from '../data.ts';
import { UsageError } from '../exit.ts';
import { judgePaths, nameOf, tell } from '../files.ts';
import { judgeColumns, readModel, type FittedModel } from '../model.ts';
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
import { count, digits, json } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids score labelled.csv --labels label                 labels that are a column of the file
  $ centroids score plants.csv --model plants.json              labels that a model gives
  $ centroids score labelled.csv --labels label --truth species --json
  $ centroids score big.parquet --model m.json --sample 5000    a silhouette with its interval

Silhouette −1 to 1, higher is better; Davies–Bouldin: lower; Caliński–Harabasz: higher. Against a truth:
1 is the same partition, 0 one by chance.`;

/** Rows up to which the silhouette of all of them is taken; of more a sample. */
const EXACT = 5000;
const SAMPLE = 1000;
/** Rows that a picture shows. */
const MOST_DRAWN = 1000;

interface ScoreFlags extends DataFlags, RunFlags, TellFlags {
  labels?: string;
  model?: string;
  truth?: string;
  weights?: string;
  sample?: number;
  plot?: string;
}

export function scoreVerb(terminal: Terminal): Command {
  const command = new Command('score')
    .description('Tell how good a clustering is: by itself, and against a truth.')
    .argument('<data>', 'as for fit; - is the standard input')
    .option('--labels <column>', 'the column of labels')
    .option('--model <file>', 'what fit --model wrote: its labels of these rows')
    .option('--truth <column>', 'the column of the true groups: ARI, NMI, V')
    .option('--weights <column>', 'a column that says how much a row counts')
    .option(
      '--sample <rows>',
      `of the silhouette (default: all up to ${EXACT}, else ${SAMPLE})`,
      number,
    );
  command.option('--plot <file>', 'draw the silhouettes: .svg or .png');
  return tellOptions(runOptions(dataOptions(command)), true)
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: ScoreFlags) => score(path, flags, terminal));
}

interface Scores {
  path: string;
  points: number;
  clusters: number;
  inertia: number;
  silhouette?: number | SilhouetteEstimate;
  daviesBouldin?: number;
  calinskiHarabasz?: number;
  adjustedRandIndex?: number;
  normalizedMutualInformation?: number;
  homogeneity?: number;
  completeness?: number;
  vMeasure?: number;
}

async function score(path: string, flags: ScoreFlags, terminal: Terminal): Promise<void> {
  const { truth, plot, seed = 0 } = flags;
  if ((flags.labels === undefined) === (flags.model === undefined))
    throw new UsageError(
      'expected either --labels (a column of the file) or --model (a file of fit --model). Pass one of them.',
    );
  await judgePaths([path, ...(flags.model === undefined ? [] : [flags.model])], [['--plot', plot]]);
  if (plot !== undefined) await judgePlot(plot);
  const display = progressDisplay(terminal, flags.quiet === true);
  let scores: Scores;
  try {
    scores = await scoresOf();
  } finally {
    display.stop();
  }
  await tell(flags.json ? json(scores) : report(scores), [plot], terminal);

  async function scoresOf(): Promise<Scores> {
    const { signal } = terminal;
    const step = (fraction: number, text: string) => {
      signal.throwIfAborted();
      display.show({ fraction, text });
    };
    const model = flags.model === undefined ? null : await readModel(flags.model, terminal);
    const beside = [flags.labels, truth, flags.weights].filter((name) => name !== undefined);
    step(0, 'read');
    const columns = flags.columns ?? model?.names;
    const read = await loadPoints(
      path,
      { ...flags, ...given({ columns }) },
      beside,
      beside,
      terminal,
    );
    const { points } = read;
    if (model) judgeColumns(points.columns, model.names);
    step(0.1, 'labels');
    const labels = model
      ? await labelsOnce(model.model, points, flags, signal)
      : await labelsOf(read, flags.labels!, signal);
    const weights =
      flags.weights === undefined ? undefined : await numbersOf(read, flags.weights, signal);
    const options = weights ? { weights } : {};
    const found: Scores = {
      path,
      points: points.rows,
      clusters: new Set(labels).size,
      inertia: await inertiaOf(points, labels, weights, model, signal),
    };
    if (truth !== undefined) {
      step(0.2, 'truth');
      const groups = await labelsOf(read, truth, signal);
      found.adjustedRandIndex = adjustedRandIndex(groups, labels, options);
      found.normalizedMutualInformation = normalizedMutualInformation(groups, labels, options);
      Object.assign(found, homogeneityCompletenessV(groups, labels, options));
    }
    // There is nothing to tell of one cluster, or of rows that are all alone.
    if (found.clusters < 2 || found.clusters >= points.rows) return found;
    step(0.3, 'Davies–Bouldin');
    found.daviesBouldin = daviesBouldin(points, labels, options);
    step(0.4, 'Caliński–Harabasz');
    found.calinskiHarabasz = calinskiHarabasz(points, labels, options);
    step(0.5, 'silhouette');
    const sample = flags.sample ?? (points.rows > EXACT ? SAMPLE : undefined);
    found.silhouette =
      sample === undefined
        ? await silhouette(points, labels, { ...options, signal })
        : await silhouette(points, labels, { ...options, sample, seed, signal });
    if (plot !== undefined) await draw(plot, points, labels);
    return found;
  }

  /** Of some of the rows, among themselves. */
  async function draw(plot: string, points: Matrix, labels: Uint32Array): Promise<void> {
    const { signal } = terminal;
    const places = samplePlaces(points.rows, MOST_DRAWN, seed);
    const shown = await sampled([points], places, points.columns);
    const own = places.map((place) => labels[place]);
    const values = await silhouetteSamples(shown, own, { signal });
    await savePlot(
      plot,
      ({ silhouetteChart }) => silhouetteChart(nameOf(path), values, own, points.rows),
      terminal,
    );
  }
}

/** By the model's centroids and metric; without one by the means of the clusters. */
async function inertiaOf(
  points: Matrix,
  labels: Uint32Array,
  weights: Float64Array | undefined,
  fitted: FittedModel | null,
  signal: AbortSignal,
): Promise<number> {
  const pause = breather(signal);
  const { metric = 'euclidean' } = fitted?.model ?? {};
  if (fitted && metric !== 'euclidean') {
    const { data } = centroidsOf(fitted.model);
    const { scale } = fitted.model.frame;
    const found = { metric, points, centroids: data, labels, scale };
    const distances = await distancesTo(found, pause);
    return sumOf(Float64Array.from(distances), weights ?? null);
  }
  const to = fitted ? positionsOf(fitted.model) : means(points, labels, weights);
  return sumOf(await clusterCosts(points, weights, labels, to, pause));
}

function means(points: Matrix, labels: Uint32Array, weights: Float64Array | undefined): Positions {
  const { columns } = points;
  const k = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const totals = new Float64Array(k);
  labels.forEach((label, i) => (totals[label] += weights ? weights[i] : 1));
  const sums = atOnce(groupSums(points, labels, k, weights ?? null));
  return {
    data: sums.map((sum, at) => sum / totals[Math.floor(at / columns)]),
    columns,
    scale: null,
  };
}

const NAMES: readonly [keyof Scores, string][] = [
  ['inertia', 'inertia'],
  ['silhouette', 'silhouette'],
  ['daviesBouldin', 'Davies–Bouldin'],
  ['calinskiHarabasz', 'Caliński–Harabasz'],
  ['adjustedRandIndex', 'adjusted Rand index'],
  ['normalizedMutualInformation', 'normalised mutual information'],
  ['homogeneity', 'homogeneity'],
  ['completeness', 'completeness'],
  ['vMeasure', 'V'],
];

function report(scores: Scores): string {
  const lines = NAMES.flatMap(([key, name]) => {
    const value = scores[key];
    if (value === undefined) return [];
    return [[name, typeof value === 'object' ? estimate(value) : digits(value as number)]];
  });
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    `${nameOf(scores.path)}: ${count(scores.points)} points in ${scores.clusters} clusters\n`,
    ...lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`),
  ].join('');
}

function estimate({ score, low, high, rows }: SilhouetteEstimate): string {
  return `${digits(score, 4)} (95 %: ${digits(low, 4)} to ${digits(high, 4)}, of ${count(rows)} rows)`;
}
