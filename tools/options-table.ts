/**
 * The table of docs/options.md: every option and value, and who has it, out of what options are checked
 * against (src/support.ts). A test says when the file is not what comes out here.
 */
import { markdownTable } from 'markdown-table';
import type { EngineName } from '../src/engine.ts';
import { CHOICES, KNOWN, knownTo } from '../src/options.ts';
import {
  CALLERS,
  ENGINES,
  LIMITS,
  METRICS,
  type Caller,
  type Limit,
  type Metric,
} from '../src/support.ts';

/** An option with one of its values (undefined: any), and who has it. */
export interface OptionRow {
  readonly option: string;
  readonly value: string | boolean | undefined;
  readonly engines: readonly EngineName[];
  readonly metrics: readonly Metric[];
  readonly callers: readonly Caller[];
  /** Whether points may be a PointSource. */
  readonly sources: boolean;
  /** What to do instead, where somebody does not have it. */
  readonly instead: string;
}

/** Values that come in no list of choices. */
const VALUES: Record<string, readonly (string | boolean)[]> = {
  ...CHOICES,
  engine: ['auto', ...ENGINES],
  init: ['auto', 'k-means++', 'k-means||', 'random'],
  whiten: [true],
  margins: [true],
};

export function optionRows(): OptionRow[] {
  return ['points', ...KNOWN].flatMap((option) => {
    const limited = LIMITS.filter((limit) => limit.option === option);
    const values = VALUES[option] ?? limited.map(({ value }) => value);
    return (values.length > 0 ? values : [undefined]).map((value): OptionRow => {
      const limit = limited.find((one) => one.value === value);
      const named = option === 'engine' && value !== 'auto';
      return {
        option,
        value,
        engines: named ? [value as EngineName] : (limit?.engines ?? ENGINES),
        metrics: option === 'metric' ? [value as Metric] : (limit?.metrics ?? METRICS),
        callers: (limit?.callers ?? CALLERS).filter(
          (caller) => option === 'points' || knownTo(caller).includes(option),
        ),
        sources: sourcesHave(option, value, limit),
        instead: limit?.instead ?? '',
      };
    });
  });
}

/** Of a source what its own row says, and of an option what its own says beside. */
function sourcesHave(option: string, value: unknown, limit: Limit | undefined): boolean {
  if (option === 'points') return value === 'PointSource';
  const { metrics = METRICS } = LIMITS.find((one) => one.value === 'PointSource')!;
  if (option === 'metric' && !metrics.includes(value as Metric)) return false;
  return limit?.sources !== false && limit?.engines?.length !== 0;
}

const HEAD = `# Options by engine

Which engine, metric and caller supports which option of \`kmeans\`, and of everything that takes the same options.
An option that is not supported throws \`NotSupportedError\` before any work, and the error says what to do instead:
nothing is silently replaced. An option that an estimator does not have at all throws \`InvalidInputError\`, like a
misspelt one. \`engine: 'auto'\` only tries engines that support everything you ask for. "With a source" says whether
points may be a \`PointSource\` ([points larger than memory](out-of-core.md)).

\`npm run options\` writes this page from the table that options are checked against (\`src/support.ts\`).

`;

/** The text of docs/options.md. */
export function optionsPage(): string {
  const yes = (has: boolean) => (has ? 'yes' : 'no');
  const all = (names: readonly string[], of: readonly string[]) =>
    names.length === of.length ? 'all' : names.map((name) => `\`${name}\``).join(', ');
  const table = optionRows().map(
    ({ option, value, engines, metrics, callers, sources, instead }) => [
      `\`${option}\``,
      value === undefined ? 'any' : `\`${typeof value === 'string' ? `'${value}'` : value}\``,
      ...ENGINES.map((name) => yes(engines.includes(name))),
      engines.length > 0 ? all(metrics, METRICS) : '',
      engines.length > 0 ? all(callers, CALLERS) : '',
      yes(sources),
      instead,
    ],
  );
  const head = [
    ...['option', 'value', ...ENGINES.map((name) => `\`${name}\``)],
    ...['metrics', 'supported by', 'with a source', 'otherwise'],
  ];
  return `${HEAD}${markdownTable([head, ...table])}\n`;
}
