/** The command: arguments in; files, text and an exit code out. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/exit.ts';
import { run } from '../../src/cli/program.ts';
import { decodeImage } from '../../src/image/files/decode.ts';
import { encodePng } from '../../src/image/files/png.ts';
import { quantizeImage } from '../../src/image/quantize.ts';
import { fakeTerminal } from '../support/fake-terminal.ts';

let folder = '';
const at = (name: string) => join(folder, name);

/** 32 × 8 pixels of 256 colours, and the same turned round. */
const WIDTH = 32;
const HEIGHT = 8;
const indices = Uint8Array.from({ length: 256 }, (_, i) => i);
const palette = Uint8Array.from([...indices].flatMap((i) => [i, 255 - i, (i * 7) % 256, 255]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'centroids-cli-'));
  await writeFile(at('a.png'), await encodePng(indices, WIDTH, HEIGHT, palette));
  await writeFile(at('b.png'), await encodePng(indices.slice().reverse(), WIDTH, HEIGHT, palette));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function centroids(...args: string[]) {
  const terminal = fakeTerminal();
  return { code: await run(args, terminal), out: terminal.written(), said: terminal.said() };
}

describe('help and errors', () => {
  test('help lists the verbs, examples and exit codes, and is no failure', async () => {
    const { code, out } = await centroids('--help');
    expect(code).toBe(0);
    for (const text of ['quantize', 'engines', 'Exit codes']) expect(out).toContain(text);
    expect((await centroids('quantize', '--help')).out).toContain('Examples:');
  });

  test('the version is the package’s', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect((await centroids('--version')).out).toBe(`${version}\n`);
  });

  test.each([
    [['cluster']],
    [['quantize']],
    [['quantize', 'a.png', '--colours', '3']],
    [['quantize', 'a.png', '--colors', 'many']],
    [['quantize', 'a.png', '--space', 'cmyk']],
    [['quantize', 'a.png', '-o', 'a.tiff']],
    [['quantize', 'a.png', 'b.png', '-o', 'both.png']],
    [['quantize', 'one/a.png', 'two/a.jpg', '--out-dir', 'out']],
    [['quantize', '-', '-']],
  ])('%j is wrong usage: code 2, a word of what is right, nothing written', async (args) => {
    const { code, out, said } = await centroids(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(said).toMatch(/\S/);
  });

  test('what the library refuses is code 1, in its words', async () => {
    const { code, said } = await centroids('quantize', at('a.png'), '--colors', '0');
    expect(code).toBe(1);
    expect(said).toMatch(/^centroids: colors is 0; expected a whole number from 1 to 65536\. /);
  });

  test('a file that is not there, or is no image, is code 1 and named', async () => {
    const missing = await centroids('quantize', at('missing.png'));
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.said).toContain('missing.png');
    await writeFile(at('text.png'), 'words');
    const text = await centroids('quantize', at('text.png'));
    expect(text).toMatchObject({ code: 1 });
    expect(text.said).toMatch(/text\.png.*expected PNG or JPEG/);
  });
});

describe('engines', () => {
  test('lists all four; JSON has what engines() gives', async () => {
    const { code, out } = await centroids('engines', '--json');
    expect(code).toBe(0);
    const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['webgpu', 'webgl', 'wasm', 'reference']);
    expect((await centroids('engines')).out).toMatch(/^✓ reference/m);
  });
});

describe('quantize', () => {
  test('writes what quantizeImage gives, and tells of it', async () => {
    const options = ['--colors', '7', '--space', 'srgb', '--seed', '3', '--dither', 'bayer'];
    const { code, out } = await centroids('quantize', at('a.png'), ...options, '-o', at('7.png'));
    expect(code).toBe(0);
    const wanted = await quantizeImage(await readFile(at('a.png')), {
      colors: 7,
      space: 'srgb',
      seed: 3,
      dither: 'bayer',
    });
    const { data } = await decodeImage(await readFile(at('7.png')));
    expect([...data]).toEqual([...wanted.toImageData().data]);
    expect(out.split('\n')[0]).toContain('32 × 8 · 7 colours');
    expect(out.match(/^#[\da-f]{6} +[\d.]+ %$/gm)).toHaveLength(7);
  });

  test('JSON: the palette, its counts and the quality', async () => {
    const { out } = await centroids('quantize', at('a.png'), '-c', '300', '--json', '--quality');
    const [image] = JSON.parse(out) as Record<string, never>[];
    expect(image).toMatchObject({ width: 32, height: 8, colors: 256, lossless: true });
    expect(image['palette']).toHaveLength(256);
    expect(image['quality']).toMatchObject({ ssim: 1, deltaE: { mean: 0, max: 0 } });
  });

  test('through pipes: only the PNG on the standard output', async () => {
    const terminal = fakeTerminal(await readFile(at('a.png')));
    expect(await run(['quantize', '-', '-c', '4', '-o', '-'], terminal)).toBe(0);
    const { width, height } = await decodeImage(terminal.bytes());
    expect({ width, height }).toEqual({ width: WIDTH, height: HEIGHT });
    expect(terminal.said()).toContain('4 colours');
    const quiet = fakeTerminal(await readFile(at('a.png')));
    await run(['quantize', '-', '-c', '4', '-o', '-', '--quiet'], quiet);
    expect(quiet.said()).toBe('');
  });

  test('several images share one palette', async () => {
    const args = ['quantize', at('a.png'), at('b.png'), '-c', '5', '--out-dir', at('out')];
    const { code, out } = await centroids(...args, '-o', at('palette.json'), '-o', at('both.gif'));
    expect(code).toBe(0);
    expect(out.match(/32 × 8 · 5 colours/g)).toHaveLength(2);
    expect(await readdir(at('out'))).toEqual(['a.png', 'b.png']);
    const gif = await readFile(at('both.gif'), 'latin1');
    expect(gif.slice(0, 6)).toBe('GIF89a');
    expect(JSON.parse(await readFile(at('palette.json'), 'utf8'))).toBeDefined();
  });

  test('locked colours and a palette come as they are written', async () => {
    const locked = await centroids(
      'quantize',
      at('a.png'),
      '-c',
      '4',
      '--lock',
      '#e4002b,#fff',
      '--json',
    );
    const [{ palette }] = JSON.parse(locked.out) as { palette: string[] }[];
    expect(palette.slice(0, 2)).toEqual(['#e4002b', '#ffffff']);
    const mapped = await centroids(
      'quantize',
      at('a.png'),
      '--palette',
      '#000',
      '--palette',
      '#fff',
      '--json',
    );
    expect(JSON.parse(mapped.out)).toMatchObject([{ palette: ['#000000', '#ffffff'] }]);
  });

  test('Ctrl-C: code 130, and neither a half-written file nor a whole one', async () => {
    const interruption = new AbortController();
    interruption.abort(new Interrupted());
    const terminal = fakeTerminal(undefined, interruption.signal);
    const before = await readdir(folder);
    expect(await run(['quantize', at('a.png'), '-o', at('late.png')], terminal)).toBe(130);
    expect(await readdir(folder)).toEqual(before);
  });

  test('a file that cannot be written leaves nothing behind', async () => {
    const { code, said } = await centroids('quantize', at('a.png'), '-o', at('no/such/folder.png'));
    expect(code).toBe(1);
    expect(said).toMatch(/ENOENT.*no\/such'; expected a path that is there\. /);
    await writeFile(at('file'), '');
    for (const [where, args] of [
      ['--output', ['-o', at('a.png')]],
      ['--out-dir', ['--out-dir', folder]],
      ['--out-dir', ['--out-dir', at('file')]],
    ] as const) {
      const judged = await centroids('quantize', at('a.png'), ...args);
      expect(judged).toMatchObject({ code: 2, out: '' });
      expect(judged.said).toContain(`centroids: ${where} is '${args[1]}`);
    }
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.includes('partial'))).toEqual([]);
  });
});
