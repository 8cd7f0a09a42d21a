/**
 * What `npm run docs` makes: it draws the pictures of docs/ and runs its examples, whose text and what they
 * print it writes into the pages, between `<!-- example: NAME -->` and `<!-- /example -->`; and the help of
 * the command's verbs, between `<!-- help: VERB -->` and `<!-- /help -->`.
 *
 * Results have the same bits everywhere, so that this makes the same files everywhere; a test compares
 * them with those that are there. Examples print exact or rounded numbers, and no times.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { format } from 'node:util';
import { run } from '../src/cli/program.ts';
import { fakeTerminal } from '../test/support/fake-terminal.ts';

export const DOCS = new URL('../docs/', import.meta.url);

const BLOCK = /^<!-- example: (\S+) -->\n[^]*?^<!-- \/example -->$/gm;

/** Names of the files of a folder of docs/ that end so, without the ending. */
export function names(folder: '' | 'examples/' | 'pictures/', ending: '.md' | '.ts'): string[] {
  const files = readdirSync(new URL(folder, DOCS)).filter((file) => file.endsWith(ending));
  return files.map((file) => file.slice(0, -ending.length)).sort();
}

/** A file of docs/. */
export function read(file: string): string {
  return readFileSync(new URL(file, DOCS), 'utf8');
}

/** What the command says of a verb. */
const HELP = /^<!-- help: (\S+) -->\n[^]*?^<!-- \/help -->$/gm;

/** A page with its examples as they are now. Each is run once in a process. */
export async function pageOf(name: string): Promise<string> {
  const page = read(`${name}.md`);
  const blocks = new Map<string, string>();
  for (const [, example] of page.matchAll(BLOCK)) blocks.set(example, await exampleBlock(example));
  const helps = new Map<string, string>();
  for (const [, verb] of page.matchAll(HELP)) helps.set(verb, await helpBlock(verb));
  return page
    .replace(BLOCK, (_, example: string) => blocks.get(example)!)
    .replace(HELP, (_, verb: string) => helps.get(verb)!);
}

async function helpBlock(verb: string): Promise<string> {
  const terminal = fakeTerminal();
  await run(verb === 'centroids' ? ['--help'] : [verb, '--help'], terminal);
  return `<!-- help: ${verb} -->\n\`\`\`text\n${terminal.written()}\`\`\`\n<!-- /help -->`;
}

async function exampleBlock(name: string): Promise<string> {
  const printed: string[] = [];
  const { log } = console;
  console.log = (...words: unknown[]) => printed.push(format(...words));
  try {
    await load(`examples/${name}.ts`);
  } finally {
    console.log = log;
  }
  return [
    `<!-- example: ${name} -->`,
    `\`\`\`ts\n${read(`examples/${name}.ts`)}\`\`\``,
    `\`\`\`text\n${printed.join('\n')}\n\`\`\``,
    '<!-- /example -->',
  ].join('\n');
}

/** Draws a picture: SVG. */
export async function pictureOf(name: string): Promise<string> {
  const { picture } = (await load(`pictures/${name}.ts`)) as { picture(): Promise<string> };
  return picture();
}

function load(file: string): Promise<unknown> {
  return import(/* @vite-ignore */ new URL(file, DOCS).href);
}
