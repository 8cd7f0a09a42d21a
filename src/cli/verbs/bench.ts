/**
 * `centroids bench`: the engines of this machine on one board, side by side. Every engine gets the same
 * points and the same first centroids and runs the same iterations; a time counts only if the result has
 * the bits of the others.
 */
import { Command } from 'commander';
import { median } from 'simple-statistics';
import { blobs } from '../../boards/index.ts';
import type { EngineName } from '../../engine.ts';
import { EngineUnavailableError, NotSupportedError } from '../../errors.ts';
import { kmeans } from '../../kmeans.ts';
import { openEngine } from '../../ladder.ts';
import { ENGINES } from '../../support.ts';
import { given, list, number } from '../arguments.ts';
import { UsageError } from '../exit.ts';
import { progressDisplay } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { aligned, count, json } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids bench
  $ centroids bench -n 1e6 --dimensions 16 -k 64 --repeats 5
  $ centroids bench --engines wasm,reference --json

An engine stays open for all its fits; the first one is not counted. Times are of whole fits.`;

interface BenchFlags {
  n: number;
  dimensions: number;
  k: number;
  iterations: number;
  repeats: number;
  seed: number;
  engines?: string[];
  threads?: number;
  json?: true;
  quiet?: true;
}

export function benchVerb(terminal: Terminal): Command {
  return new Command('bench')
    .description('Measure the engines of this machine against each other, to the bit.')
    .option('-n <rows>', 'rows', number, 200_000)
    .option('--dimensions <count>', 'columns', number, 2)
    .option('-k <count>', 'clusters', number, 64)
    .option('--iterations <count>', 'of every fit, at most', number, 20)
    .option('--repeats <count>', 'fits that are timed', number, 3)
    .option('--seed <number>', 'of the points', number, 0)
    .option('--engines <names>', `which (default: ${ENGINES.join(',')})`, list)
    .option('--threads <count>', 'most worker threads', number)
    .option('--json', 'as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action((flags: BenchFlags) => bench(flags, terminal));
}

interface Timed {
  engine: EngineName;
  description: string;
  /** Milliseconds of a whole fit. */
  median: number;
  least: number;
  most: number;
  /** Milliseconds of an iteration, median. */
  iteration: number;
  hash: string;
}

type Lane = Timed | { engine: EngineName; reason: string };

async function bench(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const { n, dimensions, k, seed, iterations, repeats } = flags;
  const names = (flags.engines ?? ENGINES) as readonly EngineName[];
  for (const name of names)
    if (!(ENGINES as readonly string[]).includes(name))
      throw new UsageError(
        `--engines has '${name}'; expected some of ${ENGINES.join(', ')}. Check the spelling.`,
      );
  if (!(Number.isInteger(repeats) && repeats >= 1))
    throw new UsageError(
      `--repeats is ${repeats}; expected a whole number ≥ 1. Raise or round it.`,
    );
  const points = blobs(n, k, { columns: dimensions, seed });
  const { signal } = terminal;
  const display = progressDisplay(terminal, flags.quiet === true);
  const lanes: Lane[] = [];
  try {
    for (const [at, name] of names.entries()) {
      const show = (fits: number) =>
        display.show({ fraction: (at + fits / (repeats + 1)) / names.length, text: name });
      lanes.push(await lane(name, show));
    }
  } finally {
    display.stop();
  }
  const hashes = new Set(lanes.flatMap((one) => ('hash' in one ? [one.hash] : [])));
  const board = { rows: n, columns: dimensions, k, iterations, seed };
  await terminal.out(
    flags.json ? json({ board, repeats, equal: hashes.size <= 1, lanes }) : report(),
  );
  if (hashes.size > 1)
    throw new Error(`engines do not agree: hashes ${[...hashes].join(', ')} of the same fit`);

  async function lane(name: EngineName, show: (fits: number) => void): Promise<Lane> {
    try {
      const engine = await openEngine(name, given({ threads: flags.threads }));
      try {
        const options = {
          engine,
          seed,
          init: 'random',
          tol: 0,
          maxIter: iterations,
          signal,
        } as const;
        const walls: number[] = [];
        const steps: number[] = [];
        let hash = '';
        for (let fit = 0; fit <= repeats; fit++) {
          show(fit);
          const since = performance.now();
          const result = await kmeans(points, k, options);
          if (fit > 0) walls.push(performance.now() - since);
          if (fit > 0) steps.push((1000 * result.seconds.iterate) / result.iterations);
          hash = result.hash;
        }
        return {
          engine: name,
          description: engine.description,
          median: median(walls),
          least: Math.min(...walls),
          most: Math.max(...walls),
          iteration: median(steps),
          hash,
        };
      } finally {
        await engine.dispose();
      }
    } catch (error) {
      if (error instanceof EngineUnavailableError) return { engine: name, reason: error.reason };
      if (error instanceof NotSupportedError) return { engine: name, reason: error.message };
      throw error;
    }
  }

  function report(): string {
    const ms = (value: number) => value.toFixed(value < 100 ? 2 : 0);
    const timed = lanes.filter((one) => 'hash' in one);
    const fastest = Math.min(...timed.map(({ median }) => median));
    const rows = timed.map((one) => [
      one.engine,
      ...[one.median, one.least, one.most, one.iteration].map(ms),
      (one.median / fastest).toFixed(1),
      one.hash,
    ]);
    const out = lanes.flatMap((one) =>
      'reason' in one ? [`✗ ${one.engine}: ${one.reason}\n`] : [],
    );
    return [
      `${count(n)} rows × ${dimensions} columns, ${k} clusters, up to ${iterations} iterations; medians of ${repeats} fits\n\n`,
      aligned([
        ['engine', 'fit ms', 'least', 'most', 'iteration ms', '× fastest', 'hash'],
        ...rows,
      ]),
      ...(out.length > 0 ? ['\n', ...out] : []),
      ...timed.map(({ engine, description }) => `${engine}: ${description}\n`),
      hashes.size <= 1 ? 'All results have the same bits.\n' : '',
    ].join('');
  }
}
