/** One quantizer on one image, in a process of its own: ours, or a JavaScript library. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { applyPalette as applyImageQ, buildPalette, utils } from 'image-q';
import { median } from 'simple-statistics';
import { decodeImage, quantizeImage } from '../../src/image/index.ts';
import { Stopwatch, timed, type Split } from '../peers/clock.ts';
import type { How } from './contenders.ts';
import type { Answer, Clocked, Output, Task } from './exchange.ts';

export interface Job {
  task: Task;
  how: Extract<How, { by: 'centroids' | 'library' }>;
}

export type Reply = { answer: Answer } | { failure: string };

process.once('message', ({ task, how }: Job) => {
  void (how.by === 'centroids' ? ours(task, how) : theirs(task, how.library))
    .then(
      (answer): Reply => ({ answer }),
      (error): Reply => ({ failure: error instanceof Error ? error.message : String(error) }),
    )
    .then((reply) => process.send!(reply, () => process.exit(0)));
});

async function ours(
  task: Task,
  { space, threads }: Extract<How, { by: 'centroids' }>,
): Promise<Answer> {
  const { width, height, colors, seeds } = task;
  const image = { data: new Uint8Array(readFileSync(task.image)), width, height };
  const asked = { colors, space, ...(threads === undefined ? {} : { threads }) };
  const splits: Split[] = [];
  const memory = await clocked(task, async () => {
    const stopwatch = new Stopwatch();
    const result = await quantizeImage(image, {
      ...asked,
      seed: seeds[0],
      onProgress: ({ phase }) => stopwatch.enter(phase),
    });
    splits.push(stopwatch.split(performance.now()));
    return result;
  });
  const png = new Uint8Array(readFileSync(task.png));
  const file = await clocked(task, async () => {
    const pixels = await decodeImage(png);
    return (await quantizeImage(pixels, { ...asked, seed: seeds[0] })).toPng();
  });
  const outputs: Output[] = [];
  for (const seed of seeds) {
    const result = await quantizeImage(image, { ...asked, seed });
    const own = seed === seeds[0] ? file.last.length : (await result.toPng()).length;
    outputs.push(leave(task, result.toImageData().data, `${space}.${threads}`, seed, own));
  }
  const timedSplits = splits.slice(-memory.clocked.times.length);
  const phases = Object.keys(timedSplits[0]).map((phase): [string, number] => [
    phase,
    median(timedSplits.map((split) => split[phase])),
  ]);
  return {
    memory: memory.clocked,
    file: file.clocked,
    outputs,
    description: `engine ${memory.last.engine}`,
    phases: Object.fromEntries(phases.filter(([, spent]) => spent > 0)),
  };
}

async function theirs(
  task: Task,
  library: Extract<How, { by: 'library' }>['library'],
): Promise<Answer> {
  const data = new Uint8Array(readFileSync(task.image));
  const reduce = { 'image-q': imageQ, gifenc, rgbquant: rgbQuant }[library];
  const memory = await clocked(task, () => reduce(data, task));
  return {
    memory: memory.clocked,
    file: null,
    outputs: [leave(task, memory.last(), library, null, null)],
    description: `${library} ${versionOf(library)}`,
  };
}

/** Each resolves when the work is done; what it resolves with only writes it out as RGBA. */
type Quantize = (data: Uint8Array, task: Task) => Promise<() => Uint8Array>;

/** Its own default for the palette; plain distances, and no dithering. */
const imageQ: Quantize = async (data, { width, height, colors }) => {
  const points = utils.PointContainer.fromUint8Array(data, width, height);
  const distances = { colorDistanceFormula: 'euclidean' } as const;
  const palette = await buildPalette([points], {
    ...{ colors, paletteQuantization: 'wuquant' },
    ...distances,
  });
  const out = await applyImageQ(points, palette, { imageQuantization: 'nearest', ...distances });
  return () => out.toUint8Array();
};

/** CommonJS whose names Node does not see, and without types: what is called here. */
const require = createRequire(import.meta.url);
const { quantize, applyPalette } = require('gifenc') as {
  quantize(rgba: Uint8Array, maxColors: number): number[][];
  applyPalette(rgba: Uint8Array, palette: number[][]): Uint8Array;
};
const RgbQuant = require('rgbquant') as new (options: { colors: number }) => {
  sample(image: Uint8Array, width: number): void;
  /** RGBA of every pixel. */
  reduce(image: Uint8Array): Uint8Array;
};

const gifenc: Quantize = async (data, { colors }) => {
  const palette = quantize(data, colors);
  const indices = applyPalette(data, palette);
  return () => {
    const out = new Uint8Array(data.length);
    indices.forEach((index, pixel) => out.set([...palette[index].slice(0, 3), 255], 4 * pixel));
    return out;
  };
};

const rgbQuant: Quantize = async (data, { width, colors }) => {
  const quantizer = new RgbQuant({ colors });
  quantizer.sample(data, width);
  const out = quantizer.reduce(data);
  return () => out;
};

async function clocked<T>(
  pace: Task,
  work: () => Promise<T>,
): Promise<{ last: T; clocked: Clocked }> {
  const { last, first, times, median } = await timed(async () => {
    const since = performance.now();
    const answer = await work();
    return { answer, milliseconds: performance.now() - since };
  }, pace);
  return { last, clocked: { first, times, median } };
}

function leave(
  { image }: Task,
  rgba: Uint8Array | Uint8ClampedArray,
  name: string,
  seed: number | null,
  ownBytes: number | null,
): Output {
  const path = `${image}.${name}.${seed}.rgba`;
  writeFileSync(path, rgba);
  return { path, seed, ownBytes };
}

function versionOf(library: string): string {
  const file = new URL(`../../node_modules/${library}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
