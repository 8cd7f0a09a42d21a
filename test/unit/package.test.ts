/**
 * The package as its users get it: packed by npm, installed into an empty folder without a network,
 * imported, type-checked and bundled there.
 */
import { exec, execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { build as viteBuild } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeImage } from '../../src/image/files/decode.ts';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { installPacked, type Consumer } from '../support/packed.ts';

const run = promisify(execFile);
const inShell = promisify(exec);

/** Of what is bundled. */
const LICENSES = 'third-party.txt';

let packed: Consumer;
let consumer = '';
const installed = () => join(consumer, 'node_modules', 'centroids');

/** What a user writes: values, types, and the GPU's types. */
const PROGRAM = `
import { gaussianBoard, kmeans, matrix, type KMeansOptions, type KMeansResult } from 'centroids';
import { readPoints, writeTable, labelled, type ReadPoints } from 'centroids/io';
import { vq, type VqResult } from 'centroids/vq';
import { quantizeImage, type Pixels, type QuantizedImage } from 'centroids/image';
import { openWebGl, type WebGlOptions } from 'centroids/webgl';
const device: GPUDevice | undefined = undefined;
const options: KMeansOptions = { engine: 'reference', seed: 1, device };
const board = gaussianBoard(1000, 4, { seed: 1 });
const result: KMeansResult = await kmeans(board, 4, options);
const { hash: automatic } = await kmeans(board, 4, { seed: 1 });
export const hashes: string[] = [result.hash, automatic];
export const points = matrix(result.centroids.data, 2);
const { code }: VqResult = await vq(board, points);
const image: Pixels = { data: new Uint8Array(64).fill(255), width: 4, height: 4 };
const { palette }: QuantizedImage = await quantizeImage(image, { colors: 2 });
export const white = palette.join();
const hardware: WebGlOptions = { onlyHardware: true };
export const webgl: string = await openWebGl(hardware).then(String, (error: Error) => error.message);
export const agree: boolean = code.every((label, i) => label === result.labels[i]);
const read: ReadPoints = await readPoints(new TextEncoder().encode('id,x\\na,1\\nb,2\\nc,9\\n'));
const labels = (await kmeans(read.points, 2, { engine: 'reference' })).labels;
export const readBack: number[] = [];
for (const format of ['csv', 'json-lines', 'parquet', 'arrow'] as const) {
  const file = await new Response(writeTable(labelled(read, { label: labels }), format)).arrayBuffer();
  const { points } = await readPoints(file, { columns: ['x', 'label'] });
  readBack.push(points.data[4], points.data[5] - labels[2]);
}
`;

/** In Node, where nobody knows images and GPUs: no type is an error, and none becomes any. Node has the first four. */
const WITHOUT_DOM = `
declare global {
  interface AbortSignal {}
  interface Blob { readonly size: number }
  interface ReadableStream<R> { readonly read?: R }
  interface URL {}
}
import { kmeans } from 'centroids';
import { quantizeImage } from 'centroids/image';
import { readPoints } from 'centroids/io';
import { vq } from 'centroids/vq';
import { openWebGl } from 'centroids/webgl';
export const entries = [readPoints, vq, openWebGl];
const rows: (number[] | Float32Array)[] = [[1, 2], Float32Array.of(3, 4)];
export const { labels } = await kmeans(rows, 2);
const pixels = { data: new Uint8ClampedArray(16), width: 2, height: 2 };
const image = (await quantizeImage(pixels)).toImageData();
export const { centroids } = await kmeans(image, 1);
// @ts-expect-error: no points
await kmeans('nonsense', 2);
// @ts-expect-error: no image
await quantizeImage('photo.png');
`;

/** A coordinate, and a label less itself, through every format. */
const READ_BACK = [9, 0, 9, 0, 9, 0, 9, 0];

/** JavaScript is the same text without types. */
const SCRIPT = PROGRAM.replace(/, type \w+/g, '')
  .replace(/const (\w+|{ \w+ }): [\w |[\]]+ =/g, 'const $1 =')
  .replace(' as const', '')
  .replace('(error: Error)', '(error)');

beforeAll(async () => {
  packed = await installPacked();
  consumer = packed.folder;
  await writeFile(join(consumer, 'program.ts'), PROGRAM);
  await writeFile(join(consumer, 'script.js'), SCRIPT);
  await writeFile(join(consumer, 'no-dom.ts'), WITHOUT_DOM);
}, 120_000);

afterAll(() => packed?.remove());

test('holds what it should and nothing else', async () => {
  const allowed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'];
  expect(allowed).toEqual(expect.arrayContaining(await readdir(installed())));
  const files = await readdir(join(installed(), 'dist'), { recursive: true, withFileTypes: true });
  const strange = files.filter(
    (file) => file.isFile() && !/\.(js|d\.ts)$/.test(file.name) && file.name !== LICENSES,
  );
  expect(strange.map(({ name }) => name)).toEqual([]);
});

test('names every package that is built into it, and what is built into those', async () => {
  const dist = join(installed(), 'dist');
  const scripts = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(scripts.map((name) => readFile(join(dist, name), 'utf8')));
  // The bundler says above every module where it is from.
  const modules = texts.join('\n').matchAll(/^\/\/ .*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/gm);
  const names = new Set([...modules].map(([, name]) => name));
  expect(names.size).toBeGreaterThan(15);
  const licences = await readFile(join(dist, LICENSES), 'utf8');
  for (const name of [...names, 'delaunator', 'robust-predicates'])
    expect(licences).toMatch(new RegExp(`^# ${name} .*\n\n.`, 'm'));
});

test('has no run-time dependency', async () => {
  const modules = await readdir(join(consumer, 'node_modules'));
  expect(modules.filter((name) => !name.startsWith('.'))).toEqual(['centroids']);
});

test('is described as it is (publint)', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed(), strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg ?? {}, { color: false }))).toEqual(
    [],
  );
});

test('runs in Node and gives the bits of the source', async () => {
  const script = "import('./script.js').then((all) => console.log(JSON.stringify(all)))";
  const { stdout } = await run(process.execPath, ['--eval', script], { cwd: consumer });
  expect(JSON.parse(stdout)).toMatchObject({
    hashes: await hashesOfSource(),
    agree: true,
    readBack: READ_BACK,
    white: '255,255,255,255',
    webgl: expect.stringContaining('WebGL draws on a canvas') as string,
  });
});

test('brings the command, which needs nothing beside it', async () => {
  const bin = join(consumer, 'node_modules', '.bin', 'centroids');
  const centroids = (args: string) => inShell(`"${bin}" ${args}`, { cwd: consumer });
  const { stdout } = await centroids('engines --json');
  expect(JSON.parse(stdout)).toHaveLength(4);
  await writeFile(join(consumer, 'points.csv'), 'name,x,y\na,1,2\nb,1,3\nc,9,9\nd,,7\n');
  await centroids(
    'fit points.csv -k 2 --missing label -o labelled.parquet --model m.json --plot p.svg',
  );
  const { stdout: labelled } = await centroids(
    'predict m.json labelled.parquet --missing label --label-name again',
  );
  expect(labelled).toBe('name,x,y,label,again\na,1,2,1,1\nb,1,3,1,1\nc,9,9,0,0\nd,,7,-1,-1\n');
  expect(await readFile(join(consumer, 'p.svg'), 'utf8')).toMatch(/^<svg/);
  // What is not installed is said in a line, before any work.
  for (const [missing, args] of [
    ['@resvg/resvg-js', 'fit points.csv -k 2 --plot p.png'],
    ['webgpu', 'fit points.csv -k 2 --missing label --engine webgpu'],
  ])
    await expect(centroids(args)).rejects.toMatchObject({
      stderr: expect.stringMatching(new RegExp(`^centroids: .*npm install ${missing}`)) as string,
    });
  const photo = resolve('demo/photos/china.jpg');
  await centroids(`quantize ${photo} --colors 5 -o five.png --quiet`);
  const { data } = await decodeImage(await readFile(join(consumer, 'five.png')));
  expect(new Set(new Uint32Array(data.buffer)).size).toBe(5);
  // A full disk: the error is told, and is no success.
  if (process.platform === 'linux')
    await expect(centroids('engines > /dev/full')).rejects.toMatchObject({ code: 1 });
});

/** By name and by `'auto'`, whatever that is: the same bits. */
async function hashesOfSource(): Promise<string[]> {
  const board = gaussianBoard(1000, 4, { seed: 1 });
  const { hash } = await kmeans(board, 4, { engine: 'reference', seed: 1 });
  return [hash, hash];
}

/** TypeScript's own declarations are the same for everybody. */
const shared = new Map<string, ts.SourceFile | undefined>();

test.each([
  ['bundler', ts.ModuleResolutionKind.Bundler, ts.ModuleKind.ESNext, 'program.ts'],
  ['node16', ts.ModuleResolutionKind.Node16, ts.ModuleKind.Node16, 'program.ts'],
  ['node16, without "dom"', ts.ModuleResolutionKind.Node16, ts.ModuleKind.Node16, 'no-dom.ts'],
])('type-checks under moduleResolution %s', (_, moduleResolution, module, file) => {
  // The declarations themselves are checked too: no skipLibCheck. TypeScript's own are not ours to check.
  const options: ts.CompilerOptions = {
    moduleResolution,
    module,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'].concat(
      file === 'program.ts' ? ['lib.dom.d.ts'] : [],
    ),
    skipDefaultLibCheck: true,
    types: [],
    strict: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...how) => {
    if (!name.includes('/node_modules/typescript/lib/')) return getSourceFile(name, ...how);
    if (!shared.has(name)) shared.set(name, getSourceFile(name, ...how));
    return shared.get(name);
  };
  const program = ts.createProgram([join(consumer, file)], options, host);
  expect(program.getSourceFiles().map(({ fileName }) => fileName)).toContainEqual(
    expect.stringMatching(/node_modules\/centroids\/dist\/index\.d\.ts$/),
  );
  const complaints = ts.getPreEmitDiagnostics(program);
  expect(ts.formatDiagnostics(complaints, host)).toBe('');
});

test.concurrent.each([
  ['vite', bundleWithVite],
  ['esbuild', bundleWithEsbuild],
])('is bundled by %s where no optional peer is installed', async (name, bundle) => {
  const folder = join(consumer, name);
  await mkdir(folder);
  await bundle(folder);
  const files = await readdir(folder, { recursive: true });
  const code = await Promise.all(
    files
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFile(join(folder, file), 'utf8')),
  );
  // An engine that is not used is not loaded: it has a file of its own.
  expect(code.length).toBeGreaterThan(1);
  const { hashes, agree, readBack } = (await import(
    pathToFileURL(join(folder, 'script.js')).href
  )) as { hashes: string[]; agree: boolean; readBack: number[] };
  expect(hashes).toEqual(await hashesOfSource());
  expect(agree).toBe(true);
  expect(readBack).toEqual(READ_BACK);
});

test.concurrent(
  'the webgpu engine, and what a run on it loads, are no larger than they may be',
  async () => {
    const { outputFiles, metafile } = await esbuild({
      stdin: { contents: "export { kmeans } from 'centroids'", resolveDir: consumer },
      absWorkingDir: consumer,
      outdir: 'unwritten',
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      external: ['webgpu', 'gpu.js'],
      write: false,
      metafile: true,
      logLevel: 'error',
    });
    const { outputs } = metafile;
    const sizes = new Map(
      outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents).length]),
    );
    /** Those of an output and of what it imports at once. */
    const closure = (path: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(path)) return seen;
      seen.add(path);
      for (const { path: next, kind, external } of outputs[path].imports)
        if (kind === 'import-statement' && !external) closure(next, seen);
      return seen;
    };
    const entry = (end: string) =>
      Object.keys(outputs).find((path) => outputs[path].entryPoint?.endsWith(end))!;
    const core = closure(entry('<stdin>'));
    const kilobytes = (...names: string[]) => {
      const all = new Set(names.flatMap((name) => [...closure(entry(`/${name}.js`))]));
      return (
        [...all].reduce((sum, path) => sum + (core.has(path) ? 0 : sizes.get(basename(path))!), 0) /
        1000
      );
    };
    expect(kilobytes('webgpu')).toBeLessThan(16);
    const run = ['webgpu', 'self-test', 'probe', 'loop', 'narrow', 'accumulate'];
    expect(kilobytes(...run)).toBeLessThan(24);
    expect(kilobytes(...run, 'plan-blocks', 'block-filter', 'filter')).toBeLessThan(31.5);
  },
);

test.concurrent('a bundle has only what is asked for', async () => {
  const bundle = async (contents: string) => {
    const { outputFiles } = await esbuild({
      stdin: { contents, resolveDir: consumer },
      outdir: join(consumer, 'unwritten'),
      bundle: true,
      splitting: true,
      format: 'esm',
      write: false,
      logLevel: 'warning',
    });
    return outputFiles.map(({ text }) => text).join('');
  };
  const scores = /clusters in labels/;
  const scipy = /kOrGuess/;
  const boards = /function gaussianBoard/;
  const codebooks = /centbook/;
  const images = /Give one weight a pixel/;
  const files = /PAR1|papaparse|ARROW1/;
  const core = await bundle("export { kmeans } from 'centroids'");
  for (const strange of [scores, scipy, boards, codebooks, images, files])
    expect(core).not.toMatch(strange);
  const all = await bundle(`export * from 'centroids'; export * as vq from 'centroids/vq';
    export * as image from 'centroids/image'; export * as io from 'centroids/io'`);
  for (const known of [scores, scipy, boards, codebooks, images, files]) expect(all).toMatch(known);
});

async function bundleWithVite(outDir: string): Promise<void> {
  await viteBuild({
    root: consumer,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir,
      target: 'es2022',
      modulePreload: false, // needs a document
      rolldownOptions: {
        input: resolve(consumer, 'script.js'),
        output: { entryFileNames: '[name].js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
}

async function bundleWithEsbuild(outdir: string): Promise<void> {
  await esbuild({
    absWorkingDir: consumer,
    entryPoints: ['script.js'],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}
