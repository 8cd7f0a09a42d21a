/**
 * The README's code works: every `ts` block is type-checked against the sources, and run, but for
 * those marked `ts browser`. A comment `// → text` says what its line prints. `points` stands for
 * anybody's points.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import ts from 'typescript';
import { runnerImport, type Plugin } from 'vite';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { gaussianBoard } from '../../src/index.ts';
import { ENTRIES } from '../../tools/entries.ts';
import { DOCUMENTS, README, withBenchmarks } from '../../tools/readme-bench.ts';
import { drawPicture, PICTURE } from '../../tools/readme-picture.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(README, 'utf8');

interface Block {
  /** Where it would be as a file: beside the README. */
  file: string;
  line: number;
  code: string;
  runs: boolean;
  prints: string[];
}

const blocks = [...readme.matchAll(/^```ts( browser)?\n([^]*?)^```$/gm)].map((match): Block => {
  const line = readme.slice(0, match.index).split('\n').length + 1;
  const code = match[2];
  return {
    file: path.join(ROOT, `readme-line-${line}.ts`),
    line,
    code,
    runs: match[1] === undefined,
    prints: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text),
  };
});

const AMBIENT = path.join(ROOT, 'readme-points.d.ts');
const ambient = "declare const points: import('centroids').Matrix;";

afterEach(() => vi.restoreAllMocks());

describe('code of the README', () => {
  it('is there', () => {
    expect(blocks.filter(({ runs }) => runs).length).toBeGreaterThanOrEqual(4);
    expect(blocks.filter(({ runs }) => !runs).length).toBeGreaterThanOrEqual(1);
    expect(readme.match(/^```ts\b/gm)).toHaveLength(blocks.length);
  });

  describe('has the right types', () => {
    let problems: readonly ts.Diagnostic[] = [];
    beforeAll(() => (problems = typeProblems()));

    it.each(blocks)('line $line', ({ file }) => {
      const own = problems.filter((problem) => problem.file?.fileName === file);
      expect(
        own.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      ).toEqual([]);
    });
  });

  it.each(blocks.filter(({ runs }) => runs))(
    'runs and prints what it says: line $line',
    async (block) => {
      vi.stubGlobal('points', gaussianBoard(2_000, 5, { seed: 1 }));
      const printed: string[] = [];
      vi.spyOn(console, 'log').mockImplementation((...words) => printed.push(format(...words)));
      await runnerImport(block.file, {
        root: ROOT,
        resolve: { alias: ENTRIES },
        plugins: [serving(block)],
        logLevel: 'error',
      });
      expect(printed).toEqual(block.prints);
      vi.unstubAllGlobals();
    },
  );
});

describe('what scripts write into the README', () => {
  it.each(DOCUMENTS)('benchmark tables are those of their files: %s', (file) => {
    const text = readFileSync(file, 'utf8');
    expect(withBenchmarks(text)).toBe(text);
    expect(text).toMatch(/<!-- benchmarks: \S+( in full)? -->\n[^]*\| /);
  });

  it('there is a table of iterations', () => {
    expect(readme).toMatch(/<!-- benchmarks: \S+ -->\n[^]*ms an iteration/);
  });

  it('the picture is what its script draws', async () => {
    expect(readFileSync(PICTURE, 'utf8')).toBe(await drawPicture());
  });

  it('what it links to is there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, target]) => target);
    expect(links.length).toBeGreaterThan(3);
    for (const target of links)
      expect([target, existsSync(path.join(ROOT, target))]).toEqual([target, true]);
  });
});

/** Gives a block out as if it were a file. */
function serving({ file, code }: Block): Plugin {
  return {
    name: 'readme-block',
    enforce: 'pre',
    resolveId: (id) => (id === file ? file : undefined),
    load: (id) => (id === file ? code : undefined),
  };
}

/** What TypeScript says of all blocks together, with the project's own settings. */
function typeProblems(): readonly ts.Diagnostic[] {
  const read = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (name) => ts.sys.readFile(name));
  const config = read.config as Record<string, unknown>;
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [] },
    ts.sys,
    ROOT,
  );
  options.noUnusedLocals = false; // a manual shows results it does not use
  const files = new Map(blocks.map(({ file, code }) => [file, code]));
  files.set(AMBIENT, ambient);
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (name) => files.has(name) || disk.fileExists(name);
  host.getSourceFile = (name, version) => {
    const code = files.get(name);
    return code === undefined
      ? disk.getSourceFile(name, version)
      : ts.createSourceFile(name, code, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  // Of the blocks alone: the sources are checked by lint.
  return blocks.flatMap(({ file }) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)),
  );
}
