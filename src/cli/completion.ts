/**
 * Completion for shells, as scripts made of the verbs and their options: pressing the key starts no
 * program, and whatever is no verb, option or choice is completed as a file, as shells do themselves.
 */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(program: Command, shell: Shell): string {
  const verbs = program.commands.map((command) => ({
    name: command.name(),
    text: command.description(),
    options: [...command.options, command.createOption('-h, --help', 'display help')],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }));
  return { bash, zsh, fish }[shell](program.name(), verbs);
}

interface Verb {
  name: string;
  text: string;
  options: readonly Option[];
  /** What its argument may be, if it is no file. */
  choices: readonly string[];
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

const single = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const words = (list: readonly string[]) => single(list.join(' '));

function bash(name: string, verbs: readonly Verb[]): string {
  const reply = (list: readonly string[]) => `COMPREPLY=($(compgen -W ${words(list)} -- "$cur"))`;
  const values = verbs.flatMap((verb) =>
    verb.options.filter(takesValue).map((option) => {
      const patterns = flagsOf(option).map((flag) => single(`${verb.name} ${flag}`));
      return `    ${patterns.join('|')}) ${option.argChoices ? `${reply(option.argChoices)}; ` : ''}return ;;`;
    }),
  );
  const options = verbs.map(
    (verb) =>
      `    ${verb.name}) if [[ $cur == -* ]]; then ${reply(verb.options.flatMap(flagsOf))}` +
      `${verb.choices.length > 0 ? `; else ${reply(verb.choices)}` : ''}; fi ;;`,
  );
  return `# bash completion for ${name}: source it, or put it into ~/.local/share/bash-completion/completions/${name}
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    ${reply(verbs.map((verb) => verb.name))}
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${values.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${options.join('\n')}
  esac
}
complete -o default -o bashdefault -F _${name} ${name}
`;
}

function zsh(name: string, verbs: readonly Verb[]): string {
  const plain = (text: string) => text.replace(/[[\]:\\]/g, '\\$&');
  const specs = ({ options, choices }: Verb) => [
    ...options.flatMap((option) =>
      flagsOf(option).map((flag) => {
        const values = option.argChoices ? `(${option.argChoices.join(' ')})` : '_files';
        const value = takesValue(option) ? `:value:${values}` : '';
        return single(`${flag}[${plain(option.description)}]${value}`);
      }),
    ),
    single(choices.length > 0 ? `*:what:(${choices.join(' ')})` : '*:file:_files'),
  ];
  const cases = verbs.map(
    (verb) => `    ${verb.name})\n      _arguments ${specs(verb).join(' \\\n        ')}\n      ;;`,
  );
  return `#compdef ${name}
_${name}() {
  local -a verbs
  verbs=(
${verbs.map(({ name, text }) => `    ${single(`${name}:${plain(text)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
compdef _${name} ${name}
`;
}

function fish(name: string, verbs: readonly Verb[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = verbs.flatMap(({ name: verb, text, options, choices }) => {
    const within = `complete -c ${name} -n '__fish_seen_subcommand_from ${verb}'`;
    return [
      `complete -c ${name} -n __fish_use_subcommand -f -a ${verb} -d ${quoted(text)}`,
      ...(choices.length > 0 ? [`${within} -f -a ${quoted(choices.join(' '))}`] : []),
      ...options.map((option) => {
        const { short, long, argChoices } = option;
        return [
          within,
          ...(short ? [`-s ${short.slice(1)}`] : []),
          ...(long ? [`-l ${long.slice(2)}`] : []),
          ...(argChoices ? [`-x -a ${quoted(argChoices.join(' '))}`] : []),
          ...(!argChoices && takesValue(option) ? ['-r'] : []),
          `-d ${quoted(option.description)}`,
        ].join(' ');
      }),
    ];
  });
  return `# fish completion for ${name}: put it into ~/.config/fish/completions/${name}.fish\n${lines.join('\n')}\n`;
}
