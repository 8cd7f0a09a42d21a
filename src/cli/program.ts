/** The verbs together: arguments in, an exit code out. */
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { EXIT, EXIT_CODES, verdict } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { completionVerb } from './verbs/completion.ts';
import { benchVerb } from './verbs/bench.ts';
import { chooseKVerb } from './verbs/choose-k.ts';
import { generateVerb } from './verbs/generate.ts';
import { scoreVerb } from './verbs/score.ts';
import { fitVerb } from './verbs/fit.ts';
import { predictVerb } from './verbs/predict.ts';
import { enginesVerb } from './verbs/engines.ts';
import { quantizeVerb } from './verbs/quantize.ts';

/** The package's own; found by its name, wherever this file has been built to. */
const { version } = createRequire(import.meta.url)('centroids/package.json') as { version: string };

const VERBS = [
  fitVerb,
  predictVerb,
  chooseKVerb,
  scoreVerb,
  generateVerb,
  quantizeVerb,
  benchVerb,
  enginesVerb,
  completionVerb,
];

/** Runs the command with the arguments after its name. Never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('centroids')
    .description('Exact k-means on the GPU or on all cores, with the same bits on each.')
    .version(version)
    .addHelpText('after', `\n${EXIT_CODES}`)
    .showHelpAfterError('(add --help for what is possible)');
  for (const verb of VERBS) program.addCommand(verb(terminal));
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: terminal.say,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    const { code, line } = verdict(terminal.signal.aborted ? terminal.signal.reason : error);
    if (line !== null) terminal.say(`centroids: ${line}\n`);
    return code;
  }
}
