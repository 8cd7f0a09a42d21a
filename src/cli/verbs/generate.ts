/** `centroids generate`: seeded test data of any size, made and written chunk by chunk. */
import { Command } from 'commander';
import {
  blobsChunks,
  gaussianBoardChunks,
  moonsChunks,
  ringsChunks,
  uniformBoardChunks,
  type BoardSource,
} from '../../boards/index.ts';
import type { Column, Table } from '../../io/table.ts';
import { placesOf } from '../../io/table.ts';
import type { WriteFormat } from '../../io/write.ts';
import { choice, given, number } from '../arguments.ts';
import { UsageError } from '../exit.ts';
import { judgePaths, PIPE } from '../files.ts';
import { formatOf, save, WRITE_FORMATS, ENDINGS_HELP } from '../outputs.ts';
import { progressDisplay } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids generate blobs -n 1e6 -k 16 -o blobs.parquet
  $ centroids generate blobs -n 5e7 -k 64 --dimensions 8 -o big.npy     in bounded memory
  $ centroids generate moons -n 1000 --groups                           CSV, with the true groups
  $ centroids generate gaussian -n 2000 -k 5 --seed 7 | centroids choose-k -

The same seed gives the same rows everywhere. Formats by the name: ${ENDINGS_HELP}.`;

interface GenerateFlags {
  n: number;
  k?: number;
  dimensions?: number;
  deviation?: number;
  seed?: number;
  groups?: true;
  output?: string;
  format?: WriteFormat;
  quiet?: true;
}

type Option = 'k' | 'dimensions' | 'deviation';

/** The boards, which options they have, and how each is made. */
const BOARDS: Record<
  string,
  { takes: readonly Option[]; open(flags: GenerateFlags): BoardSource }
> = {
  blobs: {
    takes: ['k', 'dimensions', 'deviation'],
    open: ({ n, k, dimensions: columns, deviation, seed }) =>
      blobsChunks(n, k!, given({ columns, deviation, seed })),
  },
  gaussian: {
    takes: ['k'],
    open: ({ n, k, seed }) => gaussianBoardChunks(n, k!, given({ seed })),
  },
  uniform: {
    takes: ['dimensions'],
    open: ({ n, dimensions: columns, seed }) => uniformBoardChunks(n, given({ columns, seed })),
  },
  moons: {
    takes: ['deviation'],
    open: ({ n, deviation, seed }) => moonsChunks(n, given({ deviation, seed })),
  },
  rings: {
    takes: ['k', 'deviation'],
    open: ({ n, k, deviation, seed }) => ringsChunks(n, k!, given({ deviation, seed })),
  },
};

export function generateVerb(terminal: Terminal): Command {
  const command = new Command('generate');
  return command
    .description('Make seeded test data, as large as you like.')
    .addArgument(
      command.createArgument('<board>', 'what it looks like').choices(Object.keys(BOARDS)),
    )
    .requiredOption('-n <rows>', 'number of rows, as 1000 or 1e7', number)
    .option('-k <count>', 'groups of blobs, gaussian and rings (default: 8)', number)
    .option('--dimensions <count>', 'columns of blobs and uniform (default: 2)', number)
    .option('--deviation <number>', 'spread of blobs, moons and rings', number)
    .option('--seed <number>', 'same seed, same rows (default: 0)', number)
    .option('--groups', 'also a column group: where each row was drawn from')
    .option('-o, --output <file>', 'where to (default: -)')
    .addOption(choice('--format <format>', WRITE_FORMATS, '(default: by the name; csv)'))
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action((board: string, flags: GenerateFlags) => generate(board, flags, terminal));
}

async function generate(board: string, flags: GenerateFlags, terminal: Terminal): Promise<void> {
  const { output = PIPE } = flags;
  const { takes, open } = BOARDS[board];
  for (const option of ['k', 'dimensions', 'deviation'] as const)
    if (flags[option] !== undefined && !takes.includes(option))
      throw new UsageError(
        `${option === 'k' ? '-k' : `--${option}`} is ${flags[option]}; expected none with ${board}. Leave it out.`,
      );
  const format = formatOf('--output', output, flags.format);
  await judgePaths([], [['--output', output]]);
  const source = open({ ...flags, k: flags.k ?? 8 });
  const display = progressDisplay(terminal, flags.quiet === true || output === PIPE);
  try {
    const table = tableOfBoard(source, flags.groups === true, (rows) =>
      display.show({ fraction: rows / source.rows, text: `${count(rows)} rows` }),
    );
    await save(output, table, format, terminal);
  } finally {
    display.stop();
  }
}

/** A board as a table that is made as it is read. */
function tableOfBoard(
  source: BoardSource,
  withGroups: boolean,
  onRows: (rows: number) => void,
): Table {
  const { columns, rows } = source;
  const names = columns === 2 ? ['x', 'y'] : Array.from({ length: columns }, (_, t) => `x${t}`);
  const infos = [
    ...names.map((name) => ({ name, type: 'float32', width: 1 }) as const),
    ...(withGroups ? [{ name: 'group', type: 'int32', width: 1 } as const] : []),
  ];
  const name = 'the board';
  return {
    name,
    format: 'memory',
    columns: infos,
    rows,
    async *chunks({ signal, columns: wanted } = {}) {
      const places = placesOf({ columns: infos, name }, wanted);
      let start = 0;
      for await (const { data, labels, rows } of source.chunks(signal)) {
        const column = (t: number): Column => ({
          ...infos[t],
          values:
            t === columns
              ? new Int32Array(labels.buffer)
              : Float32Array.from({ length: rows }, (_, i) => data[i * columns + t]),
        });
        yield { start, rows, columns: places.map(column) };
        start += rows;
        onRows(start);
      }
    },
  };
}
