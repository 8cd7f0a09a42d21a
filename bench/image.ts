/**
 * `npm run bench:image`: the colour quantizer beside others on photographs, and a camera's image in a
 * tab. Exits with 1 where a result was wrong or somebody failed, with 2 where it was called wrongly.
 */
import { mkdirSync, mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encode } from 'fast-png';
import { compete, PYTHON_MODULES } from './image/compare.ts';
import { CONTENDERS } from './image/contenders.ts';
import type { Pixels, Task } from './image/exchange.ts';
import { outcomes } from './image/goals.ts';
import type { LargeRun } from './image/large.ts';
import { decodePhoto, PHOTOS, type Photo } from './image/photos.ts';
import type { ImageReport, Row } from './image/results.ts';
import { imageText } from './image/table.ts';
import { commit, machine, quiet } from './machine.ts';
import { PACE } from './peers/clock.ts';
import { findPython } from './peers/python.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const USAGE = `npm run bench:image -- [options]

  --photos china,flower        photographs                        default: both
  --colors 16,64,256           sizes of the palette               default: those
  --only NAME,…                whose name begins so               default: everybody
                               (${CONTENDERS.map(({ name }) => name).join('; ')})
  --repeat 5                   timed runs, at least               default: 5
  --quick                      one run without warm-up: to see that it works
  --seeds 5                    of ours and of scikit-learn        default: 5
  --no-large                   no 24 megapixels in a tab
  --megapixels 24              its size                           default: 24
  --json FILE                  where the JSON goes                default: not written
  --help
`;

class UsageError extends Error {}

process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = readArguments();
  if (wanted === null) return 0;
  const here = machine();
  const date = new Date().toISOString();
  const python = findPython(PYTHON_MODULES);
  const rows: Row[] = [];
  const versions: Record<string, string> = {};
  // files in memory where the system has such a folder: a disk's speed is nobody's
  const place = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = mkdtempSync(path.join(place, 'centroids-image-'));
  try {
    for (const photo of wanted.photos) {
      const original = readPhoto(photo);
      for (const colors of wanted.colors)
        for (const contender of wanted.contenders) {
          const task = prepare(folder, photo, original, colors, wanted);
          const { result, description } = await compete({ contender, python, original, task });
          const { width, height } = original;
          rows.push({ photo, width, height, colors, who: contender.name, result });
          if (description !== null) versions[contender.name] = description;
          console.error(said(rows.at(-1)!));
        }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const missing = new Set(
    rows.flatMap(({ who, result }) =>
      result.outcome === 'missing' ? [`${who} is left out: ${result.reason}`] : [],
    ),
  );
  let large: LargeRun | null = null;
  if (wanted.large) {
    // 3 : 2, as most cameras have it
    const height = Math.round(Math.sqrt((wanted.megapixels * 1e6) / 1.5));
    const task = { photo: wanted.photos[0], width: Math.round(1.5 * height), height };
    // Vite and Playwright take a second to load.
    const { measureLarge } = await import('./image/large.ts');
    large = await measureLarge(task, 256, 1 + wanted.repeats);
    if (large === null) missing.add('no Chromium was found: nothing was measured in a tab');
  }
  const report: ImageReport = {
    ...{ format: 1, kind: 'image', date, commit: commit(ROOT), machine: here, quiet: quiet(here) },
    versions,
    options: { repeats: wanted.repeats, seeds: wanted.seeds },
    ...{ rows, large, goals: outcomes(rows, large), missing: [...missing] },
  };
  console.log(imageText(report));
  if (wanted.json !== undefined) {
    mkdirSync(path.dirname(path.resolve(wanted.json)), { recursive: true });
    writeFileSync(wanted.json, `${JSON.stringify(report, null, 2)}\n`);
    console.error(`written: ${wanted.json}`);
  }
  return rows.some(({ result }) => result.outcome === 'wrong' || result.outcome === 'failed')
    ? 1
    : 0;
}

function readPhoto(photo: Photo): Pixels {
  return decodePhoto(readFileSync(path.join(ROOT, `demo/photos/${photo}.jpg`)));
}

/** Writes the image down for those who take files. */
function prepare(
  folder: string,
  photo: Photo,
  { data, width, height }: Pixels,
  colors: number,
  { repeats, quick, seeds }: { repeats: number; quick: boolean; seeds: number[] },
): Task {
  const [image, png] = ['rgba', 'png'].map((end) => path.join(folder, `${photo}.${end}`));
  if (!existsSync(image)) {
    writeFileSync(image, data);
    const rgb = data.filter((_, at) => at % 4 !== 3);
    writeFileSync(png, encode({ data: rgb, width, height, channels: 3 }));
  }
  const once = quick ? { timeFor: 0, warmBelow: 0 } : {};
  const pace = { ...PACE, ...once, repeats, atLeast: repeats, maxSeconds: Infinity };
  return { ...pace, image, png, width, height, colors, seeds };
}

function said({ photo, colors, who, result }: Row): string {
  const head = `${photo}, ${colors} colours, ${who}:`;
  if (result.outcome !== 'right') return `${head} ${result.outcome}: ${result.reason}`;
  const { memory, file, qualities } = result;
  const times = [memory, file].map((clocked) => clocked?.median.toFixed(1) ?? '–').join(' / ');
  return `${head} ${times} ms, ${qualities.map(({ psnr }) => psnr.toFixed(2)).join(', ')} dB`;
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        photos: { type: 'string', default: PHOTOS.join() },
        colors: { type: 'string', default: '16,64,256' },
        only: { type: 'string', default: '' },
        repeat: { type: 'string', default: '5' },
        quick: { type: 'boolean', default: false },
        seeds: { type: 'string', default: '5' },
        'no-large': { type: 'boolean', default: false },
        megapixels: { type: 'string', default: '24' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      return null;
    }
    const number = (name: string, text: string, least: number) => {
      const value = Number(text);
      if (value >= least && value < Infinity) return value;
      throw new UsageError(`--${name} is '${text}'; expected a number ≥ ${least}.`);
    };
    const photos = values.photos.split(',').map((name) => {
      const photo = PHOTOS.find((one) => one === name);
      if (photo) return photo;
      throw new UsageError(`--photos has '${name}'; expected ${PHOTOS.join(', ')}.`);
    });
    const starts = values.only.split(',').map((text) => text.toLowerCase());
    const contenders = CONTENDERS.filter(({ name }) =>
      starts.some((start) => name.toLowerCase().startsWith(start)),
    );
    if (contenders.length === 0)
      throw new UsageError(`--only is '${values.only}'; expected the beginning of a name.`);
    const seeds = Math.round(number('seeds', values.seeds, 1));
    return {
      photos,
      contenders,
      colors: values.colors.split(',').map((text) => Math.round(number('colors', text, 1))),
      repeats: values.quick ? 1 : Math.round(number('repeat', values.repeat, 1)),
      quick: values.quick,
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
      large: !values['no-large'],
      megapixels: number('megapixels', values.megapixels, 0.01),
      json: values.json,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}
