/** `centroids completion`: the script that makes a shell complete verbs, options and their values. */
import { Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
Examples:
  $ source <(centroids completion bash)
  $ centroids completion bash > ~/.local/share/bash-completion/completions/centroids
  $ centroids completion zsh > "\${fpath[1]}/_centroids"
  $ centroids completion fish > ~/.config/fish/completions/centroids.fish`;

export function completionVerb(terminal: Terminal): Command {
  const command = new Command('completion');
  return command
    .description('Print a script that completes verbs and options in a shell.')
    .addArgument(command.createArgument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => terminal.out(completionScript(command.parent!, shell)));
}
