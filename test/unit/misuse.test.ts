/** What types forbid and JavaScript allows: refused by name, value, rule and remedy, before any work. */
import { describe, expect, test } from 'vitest';
import {
  decodeImage,
  encodeGif,
  psnr,
  quantizeFrames,
  quantizeImage,
} from '../../src/image/index.ts';
import {
  blobsChunks,
  Codebook,
  engines,
  InvalidFileError,
  InvalidInputError,
  KMeans,
  openEngine,
  OutOfMemoryError,
  silhouette,
  silhouetteSamples,
  uniformBoard,
} from '../../src/index.ts';
import { labelled, readPoints, writeTable } from '../../src/io/index.ts';

const rows = [[1], [2], [9]];
const labels = [0, 0, 1];
const file = new TextEncoder().encode('x,y\n1,2\n3,4\n');
const image = { data: new Uint8ClampedArray(16), width: 2, height: 2 };
const codebook = await Codebook.train(rows, 2, { engine: 'reference' });
const noSignal =
  'signal is an object; expected an AbortSignal. Pass the signal of an AbortController.';
const anyEngine = "'webgpu', 'webgl', 'wasm', 'reference'. Choose one of them.";

test.each<[what: string, call: () => unknown, message: string]>([
  // @ts-expect-error: misuse
  ['an engine', () => openEngine('cuda'), `name is 'cuda'; expected ${anyEngine}`],
  // @ts-expect-error: misuse
  ['one of some engines', () => engines(['gpu']), `names[0] is 'gpu'; expected ${anyEngine}`],
  [
    'engines that are no list',
    // @ts-expect-error: misuse
    () => engines('wasm'),
    "names is 'wasm'; expected an array of engines. Leave it out for all of them.",
  ],
  [
    'an option of an engine',
    // @ts-expect-error: misuse
    () => openEngine('wasm', { thread: 2 }),
    'options.thread is 2; expected only options named device, threads, maxMemory, tuning. Check the spelling.',
  ],
  [
    'threads of an engine',
    () => openEngine('wasm', { threads: 0 }),
    'threads is 0; expected a whole number ≥ 1. Leave it out for one a core.',
  ],
  [
    'a device of an engine',
    () => openEngine('webgpu', { device: {} as GPUDevice }),
    'device is an object; expected a GPUDevice. Pass what await adapter.requestDevice() gave.',
  ],
  [
    'an estimator of nothing',
    // @ts-expect-error: misuse
    () => new KMeans(),
    'options is undefined; expected an object with k in it. Pass the number of clusters: { k: 8 }.',
  ],
  [
    'codes',
    () => codebook.decode(null as unknown as number[]),
    'codes is null; expected an array of codes. Pass what encode gave.',
  ],
  [
    'a query',
    () => codebook.distanceTable(null as unknown as number[]),
    'query.length is undefined; expected 1 (the columns). Pass one vector.',
  ],
  // @ts-expect-error: misuse
  ['a signal of a silhouette', () => silhouette(rows, labels, { signal: {} }), noSignal],
  // @ts-expect-error: misuse
  ['of silhouettes', () => silhouetteSamples(rows, labels, { signal: {} }), noSignal],
  // @ts-expect-error: misuse
  ['of a board', () => blobsChunks(9, 2).chunks({})[Symbol.asyncIterator]().next(), noSignal],
  // @ts-expect-error: misuse
  ['of a file', () => readPoints(file, { signal: {} }), noSignal],
  // @ts-expect-error: misuse
  ['of what is written', () => written({ signal: {} }), noSignal],
  // @ts-expect-error: misuse
  ['of an image', () => decodeImage(new Uint8Array(9), { signal: {} }), noSignal],
  [
    'columns of a file',
    // @ts-expect-error: misuse
    () => readPoints(file, { columns: 'x' }),
    "columns is 'x'; expected an array of names. Put the name in brackets.",
  ],
  [
    'columns that are written',
    // @ts-expect-error: misuse
    () => written({ columns: 'x' }),
    "columns is 'x'; expected an array of names. Put the name in brackets.",
  ],
  [
    'columns that are no coordinates',
    // @ts-expect-error: misuse
    () => readPoints(file, { except: 'x' }),
    "except is 'x'; expected an array of names. Put the name in brackets.",
  ],
  [
    'whether there is a header',
    // @ts-expect-error: misuse
    () => readPoints(file, { header: 'no' }),
    "header is 'no'; expected true or false. Leave it out to have it found.",
  ],
  [
    'what is missing',
    // @ts-expect-error: misuse
    () => readPoints(file, { missingCells: '-' }),
    "missingCells is '-'; expected an array of texts. Put it in brackets.",
  ],
  [
    'labels that are a plain array',
    // @ts-expect-error: misuse
    async () => labelled(await readPoints(file), { label: [0, 1] }),
    'added.label is an array of 2; expected a typed array. Convert it: Float64Array.from(values).',
  ],
  [
    'where labels go',
    // @ts-expect-error: misuse
    () => labelled(rows, { label: Uint32Array.of(0, 0, 1) }),
    'from is an array of 3; expected what readPoints or openSource gave. Pass it as it is.',
  ],
  [
    'a quality',
    // @ts-expect-error: misuse
    () => quantizeImage(image, { minQuality: { snr: 3 } }),
    'minQuality.snr is 3; expected only psnr, deltaE, ssim. Check the spelling.',
  ],
  [
    'an option of decoding',
    // @ts-expect-error: misuse
    () => decodeImage(new Uint8Array(9), { maxPixel: 3 }),
    'options.maxPixel is 3; expected only options named maxPixels, signal. Check the spelling.',
  ],
  [
    'an option of a GIF',
    // @ts-expect-error: misuse
    () => encodeGif([], { dely: 3 }),
    'options.dely is 3; expected only options named delay, loop, signal. Check the spelling.',
  ],
  [
    'frames',
    // @ts-expect-error: misuse
    () => encodeGif([image]),
    'frames[0] is an object; expected palette and indices. Quantize the image first.',
  ],
  [
    'frames that are none',
    // @ts-expect-error: misuse
    () => quantizeFrames(null).next(),
    'frames is null; expected an iterable of images. Pass an array or a generator of frames.',
  ],
  [
    'what is compared',
    // @ts-expect-error: misuse
    () => psnr(image, null),
    'b is null; expected pixels: { data, width, height }. Decode a file first: decodeImage.',
  ],
])('%s', async (_, call, message) => {
  await expect((async () => await call())()).rejects.toThrow(new InvalidInputError(message));
});

async function written(options: Parameters<typeof writeTable>[2]): Promise<string> {
  const read = await readPoints(file);
  return new Response(writeTable(read.table, 'csv', options)).text();
}

test('a board that no memory holds', () => {
  expect(() => uniformBoard(2 ** 40)).toThrow(OutOfMemoryError);
});

describe('CSV', () => {
  test.each(['inf', '-Infinity', ' Inf '])('%j is a number, and no coordinate', async (cell) => {
    const text = new TextEncoder().encode(`x,y\n1,2\n3,${cell}\n`);
    await expect(readPoints(text)).rejects.toMatchObject({ row: 2, column: 'y' });
  });

  test('a header alone', async () => {
    await expect(readPoints(new TextEncoder().encode('x,y\n'))).rejects.toThrow(
      new InvalidFileError(
        'the bytes',
        'the bytes has a header and nothing else; expected rows below it. Check the file; header: false takes its first row for numbers.',
      ),
    );
  });
});
