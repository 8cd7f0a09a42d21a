/** `centroids engines`: which engines can run here, and why others cannot. */
import { Command } from 'commander';
import { engines } from '../../ladder.ts';
import type { Terminal } from '../terminal.ts';
import { json } from '../text.ts';

export function enginesVerb(terminal: Terminal): Command {
  return new Command('engines')
    .description('List the engines, and why one cannot run here.')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ centroids engines --json | jq -r .[].name')
    .action(async (flags: { json?: true }) => {
      const found = await engines();
      if (flags.json) return terminal.out(json(found));
      const width = Math.max(...found.map(({ name }) => name.length));
      await terminal.out(
        found
          .map(
            ({ name, available, description, reason }) =>
              `${available ? '✓' : '✗'} ${name.padEnd(width)}  ${available ? description : reason}\n`,
          )
          .join(''),
      );
    });
}
