/** `centroids fit`: the clusters of a file, and their labels beside its rows. */
import { Command } from 'commander';
import { shown } from '../../io/damaged.ts';
import { matrixTable } from '../../io/labelled.ts';
import { readPoints } from '../../io/read.ts';
import { listsOf } from '../../matrix.ts';
import { CHOICES, type KMeansOptions, type Progress } from '../../options.ts';
import { METRICS } from '../../support.ts';
import { choice, given, number } from '../arguments.ts';
import { labelsOnce } from '../assign.ts';
import { keeping } from '../checkpoint.ts';
import { samplePlaces } from '../data.ts';
import { UsageError } from '../exit.ts';
import { fitFile, type FitFlags, type Fitted } from '../fitted.ts';
import { judgePaths, nameOf, tell, write } from '../files.ts';
import { modelText } from '../model.ts';
import { dataOptions, runOptions, tellOptions } from '../options.ts';
import { addedNames, ENDINGS_HELP, formatOf, save, writeOptions } from '../outputs.ts';
import { gpuHint } from '../gpu-hint.ts';
import { judgePlot, savePlot } from '../plot/save.ts';
import { progressDisplay } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { aligned, count, digits, duration, json, percent } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids fit plants.csv -k 3                               prints sizes and centroids
  $ centroids fit plants.csv -k 3 --id name -o labelled.parquet --model plants.json
  $ centroids fit points.npy -k 64 --refine breathing --plot clusters.svg
  $ centroids fit sales.csv -k 8 --columns price,volume --whiten --missing drop-row -o out.csv
  $ centroids fit huge.csv -k 1000 --max-memory 4GiB --checkpoint huge.state -o out.parquet
  $ cat points.csv | centroids fit - -k 16 -o - --format json-lines | head

The format of an output follows from its name: ${ENDINGS_HELP}.
Ctrl-C keeps the state of the run, in --checkpoint or beside the first output; --resume goes on from it, to the
same bits. A file larger than a quarter of --max-memory, or of the memory there is, is read chunk by chunk.
The clusters are the same on every engine and machine, to the bit: compare hashes (--json).`;

const INITS = ['auto', 'k-means++', 'k-means||', 'random'] as const;

export function fitVerb(terminal: Terminal): Command {
  const command = new Command('fit')
    .description('Cluster the rows of a file by exact k-means, and label them.')
    .argument(
      '<data>',
      'CSV, TSV, JSON lines, NPY, NPZ, Parquet or Arrow; a URL; - is the standard input',
    )
    .requiredOption('-k <count>', 'number of clusters', number);
  writeOptions(command)
    .option('--model <file>', 'the model as JSON, for predict and score')
    .option('--centroids <file>', 'the centroids, in a format by its name')
    .option('--plot <file>', 'draw the clusters: .svg or .png')
    .option(
      '--init <how>',
      `first centroids: ${INITS.join(', ')}, or a file of them (default: auto)`,
    )
    .option('--n-init <count>', 'restarts; the best wins (default: 1)', number)
    .addOption(choice('--refine <search>', CHOICES.refine!, 'global search (default: none)'))
    .option('--max-iter <count>', 'most iterations (default: 300)', number)
    .option(
      '--tol <number>',
      'stop below this shift; 0: until no label changes (default: 0.0001)',
      number,
    )
    .addOption(choice('--metric <metric>', METRICS, '(default: euclidean)'))
    .option('--whiten', 'scale columns to unit variance')
    .option('--weights <column>', 'a column that says how much a row counts')
    .addOption(choice('--empty-cluster <what>', CHOICES.emptyCluster!, '(default: relocate)'))
    .addOption(choice('--algorithm <algorithm>', CHOICES.algorithm!, '(default: auto)'))
    .option('--checkpoint <file>', 'keep the state of the run in it as it goes on')
    .option('--every <iterations>', 'how often (default: 10)', number)
    .option('--resume', 'go on from the checkpoint');
  return tellOptions(runOptions(dataOptions(command)))
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: FitFlags) => fit(path, flags, terminal));
}

async function fit(path: string, flags: FitFlags, terminal: Terminal): Promise<void> {
  const { output, model, centroids, plot, k } = flags;
  await judgePaths(
    [path],
    [
      ['--output', output],
      ['--model', model],
      ['--centroids', centroids],
      ['--plot', plot],
      ['--checkpoint', flags.checkpoint],
    ],
  );
  const format = output === undefined ? undefined : formatOf('--output', output, flags.format);
  const centroidsFormat =
    centroids === undefined ? undefined : formatOf('--centroids', centroids, undefined);
  if (plot !== undefined) await judgePlot(plot);

  const kept = await keeping(flags, [output, model, centroids, plot], terminal);

  let fitted: Fitted | undefined;
  try {
    const options = await optionsOf(flags, terminal);
    fitted = await fitWatched({ ...options, ...kept.options });
    await writeAll(fitted, options);
    await kept.done();
  } catch (error) {
    if (terminal.signal.aborted) await kept.interrupted();
    throw error;
  } finally {
    await fitted?.dispose();
  }

  async function fitWatched(options: KMeansOptions): Promise<Fitted> {
    const display = progressDisplay(terminal, flags.quiet === true);
    const onProgress = (progress: Progress) => display.show(stepOf(progress));
    try {
      const watched = flags.quiet ? options : { ...options, onProgress };
      return await fitFile(path, flags, watched, format, terminal);
    } finally {
      display.stop();
    }
  }

  async function writeAll(fitted: Fitted, options: KMeansOptions): Promise<void> {
    const { result, names } = fitted;
    if (output !== undefined)
      await save(output, await fitted.table(addedNames(flags)), format!, terminal);
    if (model !== undefined)
      await write(model, modelText({ ...fitted, ...result }, options, k), terminal);
    if (centroids !== undefined)
      await save(centroids, matrixTable(result.centroids, names), centroidsFormat!, terminal);
    if (plot !== undefined) await draw(plot, path, fitted, flags, terminal);
    if (flags.quiet && !flags.json) return;
    const text = flags.json ? json(summary(path, fitted)) : report(path, fitted);
    await tell(text, [output, model, centroids, plot], terminal);
    if (!flags.quiet) terminal.say(gpuHint(result, flags));
  }
}

/** Points that a picture shows. */
const MOST_DRAWN = 4000;

async function draw(
  plot: string,
  path: string,
  { names, result, model, points: all, sample }: Fitted,
  flags: FitFlags,
  terminal: Terminal,
): Promise<void> {
  const { centroids } = result;
  const points = await sample(samplePlaces(all, MOST_DRAWN, flags.seed ?? 0));
  const labels = await labelsOnce(model, points, flags, terminal.signal);
  const title = `${nameOf(path)}: ${count(centroids.rows)} clusters of ${count(all)} points`;
  const whiten = flags.whiten === true;
  await savePlot(
    plot,
    ({ clustersChart }) =>
      clustersChart({ title, points, labels, centroids, names: names.map(shown), whiten, all }),
    terminal,
  );
}

async function optionsOf(flags: FitFlags, terminal: Terminal): Promise<KMeansOptions> {
  const { nInit, refine, maxIter, tol, metric, whiten, emptyCluster, algorithm } = flags;
  const { engine, threads, seed, maxMemory } = flags;
  return {
    ...given({ nInit, refine, maxIter, tol, metric, whiten, emptyCluster, algorithm }),
    ...given({ engine, threads, seed, maxMemory, init: await initOf(flags, terminal) }),
    signal: terminal.signal,
  };
}

async function initOf(
  { init, columns }: FitFlags,
  { signal }: Terminal,
): Promise<KMeansOptions['init']> {
  if (init === undefined || (INITS as readonly string[]).includes(init))
    return init as (typeof INITS)[number] | undefined;
  if (!/[./\\]/.test(init))
    throw new UsageError(
      `--init is '${init}'; expected ${INITS.join(', ')} or a file of centroids. Check the spelling.`,
    );
  return (await readPoints(init, { ...given({ columns }), except: ['cluster'], signal })).points;
}

function stepOf({ phase, iteration, inertia, fraction, secondsLeft }: Progress) {
  const parts = [
    iteration > 0 ? `${phase} ${iteration}` : phase,
    ...(Number.isNaN(inertia) ? [] : [`inertia ${digits(inertia)}`]),
    ...(Number.isNaN(secondsLeft) ? [] : [`at most ${duration(secondsLeft)} left`]),
  ];
  return { fraction, text: parts.join(' · ') };
}

function summary(path: string, { names, result, points, rows }: Fitted) {
  const { centroids, sizes, inertia, iterations, converged, stopReason } = result;
  const { engine, algorithm, hash, seconds } = result;
  return {
    path,
    rows,
    points,
    columns: names,
    k: centroids.rows,
    ...{ inertia, iterations, converged, stopReason, engine, algorithm, hash, seconds },
    sizes: [...sizes],
    centroids: listsOf(centroids),
  };
}

/** More would scroll away what was said before. */
const MOST_LINES = 32;
const MOST_COLUMNS = 8;

function report(path: string, { names, result, points, rows = points }: Fitted): string {
  const { centroids, sizes, inertia, iterations, stopReason, engine, hash, seconds } = result;
  const { data, columns } = centroids;
  const titles = names.slice(0, MOST_COLUMNS).map(shown);
  const lines = Array.from({ length: Math.min(MOST_LINES, centroids.rows) }, (_, j) => [
    String(j),
    count(sizes[j]),
    percent(sizes[j] / points),
    ...titles.map((_, t) => digits(data[j * columns + t])),
  ]);
  const total = seconds.open + seconds.seed + seconds.iterate + seconds.read;
  const left = rows - points;
  return [
    `${nameOf(path)}: ${count(points)} points × ${columns} columns${left > 0 ? `, ${count(left)} rows left out` : ''}\n`,
    `${centroids.rows} clusters · inertia ${digits(inertia)} · ${iterations} iteration${iterations === 1 ? '' : 's'} (${stopReason}) · `,
    `${engine} · ${duration(total)} · hash ${hash}\n\n`,
    aligned([['cluster', 'rows', 'share', ...titles], ...lines]),
    ...(centroids.rows > MOST_LINES || names.length > MOST_COLUMNS
      ? [`of ${centroids.rows} clusters and ${names.length} columns (all: --json or --centroids)\n`]
      : []),
  ].join('');
}
