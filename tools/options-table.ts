/**
 * The table of docs/options.md: every option and value, and who has it, out of what options are checked
 * against (src/support.ts). A test says when the file is not what comes out here.
 */
import { markdownTable } from 'markdown-table';
import type { EngineName } from '../src/engine.ts';
import { CHOICES, KNOWN, knownTo } from '../src/options.ts';
import { CALLERS, ENGINES, LIMITS, METRICS, type Caller, type Metric } from '../src/support.ts';

/** An option with one of its values (undefined: any), and who has it. */
export interface OptionRow {
  readonly option: string;
  readonly value: string | boolean | undefined;
  readonly engines: readonly EngineName[];
  readonly metrics: readonly Metric[];
  readonly callers: readonly Caller[];
  /** What to do instead, where somebody does not have it. */
  readonly instead: string;
}

/** Values that come in no list of choices. */
const VALUES: Record<string, readonly (string | boolean)[]> = {
  ...CHOICES,
  engine: ['auto', ...ENGINES],
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
        instead: limit?.instead ?? '',
      };
    });
  });
}

const HEAD = `# Options, and who has them

Every option of \`kmeans\`, and of what takes the same options, on every engine. Where an engine, a metric
or a caller does not have what is asked for, it throws \`NotSupportedError\`, before any work, and says what
to do instead: nothing is ever replaced in silence. Options that an estimator does not know at all throw
\`InvalidInputError\`, as a misspelt one does. Under \`engine: 'auto'\` only engines are tried that have all that
is asked for.

This page is written by \`npm run options\`, out of the table that options are checked against
(\`src/support.ts\`).

`;

/** The text of docs/options.md. */
export function optionsPage(): string {
  const yes = (has: boolean) => (has ? 'yes' : 'no');
  const all = (names: readonly string[], of: readonly string[]) =>
    names.length === of.length ? 'all' : names.map((name) => `\`${name}\``).join(', ');
  const table = optionRows().map(({ option, value, engines, metrics, callers, instead }) => [
    `\`${option}\``,
    value === undefined ? 'any' : `\`${typeof value === 'string' ? `'${value}'` : value}\``,
    ...ENGINES.map((name) => yes(engines.includes(name))),
    engines.length > 0 ? all(metrics, METRICS) : '',
    engines.length > 0 ? all(callers, CALLERS) : '',
    instead,
  ]);
  const head = [
    ...['option', 'value', ...ENGINES.map((name) => `\`${name}\``)],
    ...['metrics', 'taken by', 'otherwise'],
  ];
  return `${HEAD}${markdownTable([head, ...table])}\n`;
}
