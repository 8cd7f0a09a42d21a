/** A link, and the code that the page shows, give the run on the screen: the same address, the same hash. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runnerImport } from 'vite';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { codeOf } from '../../demo/cluster/copy-as.ts';
import type { OwnChoice } from '../../demo/cluster/own-data.ts';
import { openSession } from '../../demo/cluster/session.ts';
import { snippet, type Run } from '../../demo/cluster/snippet.ts';
import { MOST_NUMBERS } from '../../demo/placed-centroids.ts';
import { addressOf, DEFAULTS, readAddress, type Settings } from '../../demo/settings.ts';
import { run as command } from '../../src/cli/program.ts';
import { readPoints } from '../../src/io/index.ts';
import { fakeTerminal } from '../support/fake-terminal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'centroids-code-'));
afterAll(() => rmSync(folder, { recursive: true }));

const numbers = (length: number, scale = 1) =>
  Float32Array.from({ length }, (_, at) => scale * Math.sin(at * at + 1));

describe('the address', () => {
  const changed: Partial<Settings>[] = [
    { board: 'blobs', n: 77, k: 3, seed: 4_294_967_295, engine: 'reference' },
    { init: 'k-means||', whiten: true, metric: 'manhattan', tol: '0' },
    { board: 'uniform', k: 5, centroids: numbers(10) },
    // Every float32, and as many as there is room for.
    { k: 4, centroids: Float32Array.of(-0, 1e-45, 3.4028234663852886e38, 0.1, 1 / 3, -7, 8, 9) },
    { board: 'digits', k: 16, centroids: numbers(MOST_NUMBERS, 16), axes: [63, 0] },
    { board: 'wine', axes: [0, 12], metric: 'cosine', tol: '0.000001', init: 'random' },
  ];
  test.each(changed)('gives back %o', (some) => {
    const settings: Settings = { ...DEFAULTS, ...some };
    const address = addressOf(settings, '');
    expect(address.length).toBeLessThan(6000);
    // A data set has the rows it has.
    expect(readAddress(address)).toEqual({ settings, remarks: [] });
    // Let go, they leave the address.
    expect(addressOf({ ...settings, centroids: null, axes: null }, address)).not.toMatch(
      /centroids|axes/,
    );
  });

  test.each([
    ['?k=2&centroids=AAAA', 'have 3 bytes; expected 2 × 2 float32 in base64url, 16 bytes.'],
    ['?k=1&centroids=AACAfwAAAAA', 'have numbers that are not finite'],
    ['?k=1&centroids=A*', 'are no base64url; expected 1 × 2 float32 in base64url, 8 bytes.'],
    ['?k=1&centroids=A', 'are no base64url'],
    ['?board=iris&k=1&centroids=AAAAAAAAAAA', 'have 8 bytes; expected 1 × 4 float32'],
    [addressOf({ ...DEFAULTS, k: 600, centroids: numbers(1200) }, ''), 'expect another result'],
    [
      addressOf({ ...DEFAULTS, board: 'own', centroids: numbers(32) }, ''),
      'placed by hand are not in the link',
    ],
    ['?axes=1-2', 'axes is 1-2 in the address; expected the numbers of two columns of gaussian'],
    ['?board=iris&axes=2-2', 'axes is 2-2'],
    ['?board=iris&axes=1-5', 'axes is 1-5'],
  ])('%.40s cannot be taken as it is, which is said', (address, words) => {
    const { settings, remarks } = readAddress(address);
    expect([settings.centroids, settings.axes]).toEqual([null, null]);
    expect(remarks.join(' ')).toContain(words);
  });
});

describe('the same in code', () => {
  afterEach(() => vi.restoreAllMocks());
  const own = async (name: string, columns: string[], k: number): Promise<Partial<Run>> => {
    const file = path.join('test/golden/io', name);
    const { points, names } = await readPoints(file, { columns, missing: 'drop-row' });
    const choice: OwnChoice = {
      file: new File([readFileSync(file)], file),
      ...{ number: 1, columns, id: 'id', missing: 'drop-row' },
    };
    const centroids = points.data.slice(0, k * points.columns).map((value) => value + 0.1);
    return { board: 'own', own: choice, names, k, centroids };
  };

  test.each<[string, (() => Promise<Partial<Run>>)?]>([
    ['?board=wine&whiten=1&seed=7&engine=wasm'],
    ['?board=iris&k=5&init=random&engine=reference'],
    ['?board=blobs&n=1000&seed=3&whiten=1&tol=0'],
    ['?board=uniform&n=300&k=4&metric=manhattan&init=k-means%7C%7C'],
    [addressOf({ ...DEFAULTS, n: 500, k: 7, centroids: numbers(14, 0.4) }, '')],
    [addressOf({ ...DEFAULTS, board: 'iris', k: 2, metric: 'cosine', centroids: numbers(8) }, '')],
    ['', () => own('duckdb.csv', ['single', 'whole', 'gaps'], 3)],
    ['', () => own('duckdb.jsonl', ['whole', 'v'], 4)],
  ])('of %s prints the hash of the run, in TypeScript and in a shell', async (address, file) => {
    const { settings, remarks } = readAddress(address);
    expect(remarks).toEqual([]);
    // The page names the address of its own copy.
    const source = pathToFileURL(path.join(ROOT, 'demo/data/wine.csv')).href;
    const run: Run = {
      ...settings,
      ...(await file?.()),
      ...(settings.board === 'wine' && { source }),
    };
    const hash = await hashOf(run);
    expect(await printedBy(snippet(run))).toEqual([hash]);
    expect(await printedByShell(codeOf('shell', run, null).text)).toBe(hash);
  });
});

/** As the page runs it. */
function hashOf({ centroids, own = null, ...run }: Run): Promise<string> {
  const request = { ...run, tol: Number(run.tol), own, axes: null, sample: 1 };
  if (centroids) Object.assign(request, { start: centroids });
  return new Promise((resolve, reject) => {
    const session = openSession((message) => {
      if (message.type === 'done') resolve(message.outcome.hash);
      if (message.type === 'failed') reject(new Error(message.message));
    });
    session({ type: 'start', job: 1, pace: 'run', request });
  });
}

async function printedBy(code: string): Promise<unknown[]> {
  const file = path.join(ROOT, 'snippet-of-the-page.ts');
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await runnerImport(file, {
    root: ROOT,
    resolve: {
      alias: {
        'centroids/io': path.join(ROOT, 'src/io/index.ts'),
        centroids: path.join(ROOT, 'src/index.ts'),
      },
    },
    plugins: [
      {
        name: 'snippet',
        enforce: 'pre',
        resolveId: (id) => (id === file ? file : undefined),
        load: (id) => (id === file ? code : undefined),
      },
    ],
    logLevel: 'error',
  });
  return log.mock.calls.map(([text]: unknown[]) => text);
}

/** A shell takes the text apart, and the command runs here with what it is given. */
async function printedByShell(code: string): Promise<string> {
  const npx = `npx() { printf '%s\\0' "$@"; case "$*" in *' fit - '*) cat;; esac; }\n`;
  const { stdout, stderr } = spawnSync('sh', ['-c', npx + code], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toBe('');
  const words = stdout.split('\0').slice(0, -1);
  const from = words.lastIndexOf('centroids');
  const [fit, generate] = from === 0 ? [words] : [words.slice(0, from), words.slice(from)];
  const made = fakeTerminal();
  if (generate) expect(await command(generate.slice(1), made), made.said()).toBe(0);
  const terminal = fakeTerminal(made.bytes());
  const written = (word: string) => path.join(folder, word);
  const args = fit.slice(1).map((word) => (existsSync(written(word)) ? written(word) : word));
  expect(await command([...args, '--json'], terminal), terminal.said()).toBe(0);
  return (JSON.parse(terminal.written()) as { hash: string }).hash;
}
