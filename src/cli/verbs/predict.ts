/** `centroids predict`: the clusters of rows by a model that was fitted to others, or to the same. */
import { Command } from 'commander';
import type { Table } from '../../io/table.ts';
import { assigned, assigner } from '../assign.ts';
import { carried, openPoints } from '../data.ts';
import { judgePaths, nameOf, PIPE, tell } from '../files.ts';
import { judgeColumns, readModel } from '../model.ts';
import {
  dataOptions,
  runOptions,
  tellOptions,
  type DataFlags,
  type RunFlags,
  type TellFlags,
} from '../options.ts';
import {
  addedNames,
  carriedNames,
  formatOf,
  save,
  writeOptions,
  type WriteFlags,
} from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { count, json } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids fit plants.csv -k 3 --model plants.json
  $ centroids predict plants.json more.csv -o labelled.csv
  $ centroids predict plants.json more.parquet --distances --margins -o labelled.parquet
  $ cat more.csv | centroids predict plants.json - --carry none > labels.csv

Rows are read, labelled and written chunk by chunk: the file may be larger than memory. The rows of the
fit get the labels of the fit.`;

/** Rows of which an engine is chosen where nobody knows how many there are. */
const MANY = 1_000_000;

export function predictVerb(terminal: Terminal): Command {
  const command = new Command('predict')
    .description('Label the rows of a file by a model.')
    .argument('<model>', 'what fit --model wrote')
    .argument('<data>', 'as for fit; - is the standard input');
  return tellOptions(runOptions(dataOptions(writeOptions(command))))
    .addHelpText('after', EXAMPLES)
    .action((model: string, path: string, flags: DataFlags & RunFlags & TellFlags & WriteFlags) =>
      predict(model, path, flags, terminal),
    );
}

async function predict(
  modelPath: string,
  path: string,
  flags: DataFlags & RunFlags & TellFlags & WriteFlags,
  terminal: Terminal,
): Promise<void> {
  const { output = PIPE } = flags;
  await judgePaths([modelPath, path], [['--output', output]]);
  const format = formatOf('--output', output, flags.format);
  const { names, model } = await readModel(modelPath, terminal);
  const source = await openPoints(path, { columns: names, ...flags }, terminal);
  judgeColumns(source.columns, names);
  const table = carried(source.table, carriedNames(flags, format));
  const added = addedNames(flags);
  const labels = assigner(model, source.rows ?? MANY, flags, terminal.signal);
  const sizes = new Float64Array(model.k);
  const whole = assigned({ ...source, table }, added, {
    columns: async (rows, wanted) => {
      const columns = await labels.columns(rows, wanted);
      for (const label of columns[added.label]) sizes[label]++;
      return columns;
    },
  });
  const counted: Table = {
    ...whole,
    chunks: (options) => {
      sizes.fill(0); // a writer may begin again
      return whole.chunks(options);
    },
  };
  try {
    await save(output, counted, format, terminal);
  } finally {
    await labels[Symbol.asyncDispose]();
  }
  if (flags.quiet && !flags.json) return;
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  const used = sizes.filter((size) => size > 0).length;
  const text = flags.json
    ? json({ path, model: modelPath, points: rows, sizes: [...sizes] })
    : `${nameOf(path)}: ${count(rows)} points in ${used} of ${model.k} clusters\n`;
  await tell(text, [output], terminal);
}
