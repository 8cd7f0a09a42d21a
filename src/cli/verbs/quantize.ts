/** `centroids quantize`: an image in fewer colours, or one palette for many images. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Command } from 'commander';
import { decodeImage } from '../../image/files/decode.ts';
import type { Pixels } from '../../image/pixels.ts';
import { quantizeImage } from '../../image/quantize.ts';
import type { ImageOptions, MinQuality } from '../../image/options.ts';
import { encodeGif } from '../../image/files/gif.ts';
import { hexes } from '../../image/files/palettes.ts';
import type { Quality, QuantizedImage } from '../../image/quantized-image.ts';
import { again, choice, given, list, number } from '../arguments.ts';
import { UsageError } from '../exit.ts';
import { judgePaths, naming, PIPE, read, tell, write } from '../files.ts';
import { engineOptions } from '../options.ts';
import { progressDisplay } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { json } from '../text.ts';

const EXAMPLES = `
Examples:
  $ centroids quantize photo.jpg --colors 8                    prints the palette
  $ centroids quantize photo.jpg --colors 64 -o photo.png
  $ centroids quantize photo.jpg --dither blue-noise -o small.png -o palette.gpl
  $ centroids quantize logo.png --lock '#e4002b,#fff' --min-psnr 38 -o small.png
  $ centroids quantize shots/*.png --out-dir quantized         one palette for all
  $ centroids quantize frame-*.png -o animation.gif --delay 40
  $ curl -s https://example.com/a.png | centroids quantize - -o - > b.png

The kind of an output follows from its name: .png, .gif, or of the palette .css, .json, .gpl (GIMP),
.ase (Adobe); - is a PNG on the standard output.`;

type Flags = Pick<
  ImageOptions,
  | 'colors'
  | 'space'
  | 'dither'
  | 'ditherStrength'
  | 'minDeltaE'
  | 'sort'
  | 'seed'
  | 'refine'
  | 'engine'
  | 'threads'
  | 'maxPixels'
> & {
  lock?: string[];
  palette?: string[];
  minPsnr?: number;
  minSsim?: number;
  maxDeltaE?: number;
  output?: string[];
  outDir?: string;
  delay: number;
  quality?: true;
  json?: true;
  quiet?: true;
};

export function quantizeVerb(terminal: Terminal): Command {
  const command = new Command('quantize')
    .description('Reduce the colours of PNG and JPEG images, by exact k-means on them.')
    .argument('<image...>', 'files; - is the standard input')
    .option('-c, --colors <count>', 'most colours, 1 to 65536 (default: 256)', number)
    .addOption(
      choice(
        '--space <space>',
        ['oklab', 'srgb', 'linear-rgb', 'lab'],
        'where colours are compared (default: oklab)',
      ),
    )
    .addOption(
      choice(
        '-d, --dither <kind>',
        ['none', 'floyd-steinberg', 'atkinson', 'bayer', 'blue-noise'],
        '(default: none)',
      ),
    )
    .option('--dither-strength <share>', '0 to 1 (default: 1)', number)
    .option('--lock <colours>', "kept exactly and first, as '#e4002b,#fff'", list)
    .option('--palette <colours>', 'the whole palette: images are mapped to it', list)
    .option('--min-delta-e <difference>', 'least CIEDE2000 between two colours', number)
    .option('--min-psnr <dB>', 'the fewest colours that reach this quality', number)
    .option('--min-ssim <share>', 'the same for structural similarity, up to 1', number)
    .option('--max-delta-e <difference>', 'the same for the mean CIEDE2000', number)
    .addOption(
      choice('--sort <order>', ['use', 'hue', 'lightness'], 'of the palette (default: use)'),
    )
    .addOption(
      choice(
        '--refine <search>',
        ['auto', 'none', 'breathing'],
        'global search after k-means (default: auto)',
      ),
    )
    .option('--seed <number>', 'same seed, same palette (default: 0)', number);
  return engineOptions(command)
    .option('--max-pixels <count>', 'refuse larger images', number)
    .option('-o, --output <file>', 'where to; may be given more than once', again)
    .option('--out-dir <folder>', 'a PNG for each image, by its name')
    .option('--delay <ms>', 'of a frame, in a GIF of several images', number, 100)
    .option('--quality', 'also tell PSNR, SSIM and CIEDE2000')
    .option('--json', 'tell what was found as JSON')
    .option('--quiet', 'no progress, no report')
    .addHelpText('after', EXAMPLES)
    .action((images: string[], flags: Flags) => quantize(images, flags, terminal));
}

async function quantize(paths: string[], flags: Flags, terminal: Terminal): Promise<void> {
  const outputs = outputsOf(paths, flags);
  await judgePlaces(paths, outputs, flags.outDir);
  const display = progressDisplay(terminal, flags.quiet === true);
  let found: QuantizedImage[];
  try {
    const images: Pixels[] = [];
    for (const path of paths) images.push(await decode(path, flags, terminal));
    found = await quantizeImage(images, {
      ...imageOptions(flags),
      signal: terminal.signal,
      onProgress: ({ phase, fraction }) => display.show({ fraction, text: phase }),
    });
  } finally {
    display.stop();
  }
  if (flags.outDir !== undefined) await mkdir(flags.outDir, { recursive: true });
  for (const output of outputs) await write(output.path, await output.data(found), terminal);
  if (flags.quiet && !flags.json) return;
  const qualities = flags.quality ? await Promise.all(found.map((image) => image.quality())) : [];
  const text = flags.json
    ? json(paths.map((path, i) => summary(path, found[i], qualities[i])))
    : report(paths, found, qualities, terminal.colors);
  const written = outputs.map(({ path }) => path);
  await tell(text, written, terminal);
}

/** @throws an error that names the file */
async function decode(path: string, { maxPixels }: Flags, terminal: Terminal): Promise<Pixels> {
  const bytes = await read(path, terminal);
  const { signal } = terminal;
  return naming(path, () => decodeImage(bytes, given({ maxPixels, signal })));
}

/** The library's options; what was not given is left out. */
function imageOptions(flags: Flags): ImageOptions {
  const { minPsnr, minSsim, maxDeltaE } = flags;
  const quality: MinQuality = given({ psnr: minPsnr, ssim: minSsim, deltaE: maxDeltaE });
  const { colors, space, dither, ditherStrength, minDeltaE, sort, seed, refine } = flags;
  const { engine, threads, lock, palette } = flags;
  return given({
    colors,
    space,
    dither,
    ditherStrength,
    minDeltaE,
    sort,
    seed,
    refine,
    engine,
    threads,
    lock,
    palette,
    minQuality: Object.keys(quality).length > 0 ? quality : undefined,
  });
}

interface Output {
  readonly path: string;
  /** Of --out-dir. */
  readonly inDir?: true;
  readonly data: (images: QuantizedImage[]) => Promise<string | Uint8Array>;
}

/** What is to be written, judged before any work. */
function outputsOf(paths: string[], { output = [], outDir, delay }: Flags): Output[] {
  const named = output.map((path) => {
    const kind = path === PIPE ? '.png' : extname(path).toLowerCase();
    if (!(kind in WRITERS))
      throw new UsageError(
        `--output is '${path}'; expected a name that ends in ${Object.keys(WRITERS).join(', ')}. Rename it.`,
      );
    if (kind === '.png' && paths.length > 1)
      throw new UsageError(
        `--output is '${path}' for ${paths.length} images; expected one PNG for each. ` +
          'Use --out-dir, or a .gif for an animation.',
      );
    return { path, data: (images: QuantizedImage[]) => WRITERS[kind as Kind](images, delay) };
  });
  if (outDir === undefined) return named;
  const inDir = paths.map((path, i) => ({
    inDir: true as const,
    path: join(outDir, `${path === PIPE ? 'stdin' : basename(path, extname(path))}.png`),
    data: (images: QuantizedImage[]) => images[i].toPng(),
  }));
  inDir.forEach(({ path }, i) => {
    const other = inDir.findIndex((output) => output.path === path);
    if (other < i)
      throw new UsageError(
        `${paths[other]} and ${paths[i]} would both become ${path}; expected names that differ. Rename one.`,
      );
  });
  return [...named, ...inDir];
}

/** Where it is to be written, judged before any work; a folder that is not there is made later. */
async function judgePlaces(paths: string[], outputs: Output[], outDir: string | undefined) {
  const folder = outDir === undefined ? null : await stat(outDir).catch(() => null);
  if (folder && !folder.isDirectory())
    throw new UsageError(`--out-dir is '${outDir}'; expected a folder. Name another.`);
  const judged = outputs.filter(({ inDir }) => !inDir || folder);
  await judgePaths(
    paths,
    judged.map(({ path, inDir }) => [inDir ? '--out-dir' : '--output', path] as const),
  );
}

type Kind = '.png' | '.gif' | '.css' | '.json' | '.gpl' | '.ase';

const WRITERS: Record<
  Kind,
  (images: QuantizedImage[], delay: number) => Promise<string | Uint8Array>
> = {
  '.png': ([image]) => image.toPng(),
  '.gif': (images, delay) => encodeGif(images, { delay }),
  '.css': async ([image]) => image.toCss(),
  '.json': async ([image]) => image.toJson(),
  '.gpl': async ([image]) => image.toGpl(),
  '.ase': async ([image]) => image.toAse(),
};

function summary(path: string, image: QuantizedImage, quality: Quality | undefined) {
  const { width, height, colors, counts, lossless, engine, seconds } = image;
  return {
    path,
    width,
    height,
    colors,
    lossless,
    engine,
    seconds,
    palette: hexes(image.palette),
    counts: [...counts],
    quality,
  };
}

/** Of a palette; more would scroll away what was said before. */
const MOST_LINES = 32;

/** A line an image, and the palette they share with the share of each colour. */
function report(
  paths: string[],
  images: QuantizedImage[],
  qualities: Quality[],
  colors: boolean,
): string {
  const lines = images.map(({ width, height, colors, lossless, seconds }, i) =>
    [
      `${paths[i]}: ${width} × ${height}`,
      `${colors} colours${lossless ? ', lossless' : ''}`,
      ...(qualities[i] ? [describe(qualities[i])] : []),
      `${seconds.toFixed(2)} s`,
    ].join(' · '),
  );
  const totals = images[0].counts.map((_, entry) =>
    images.reduce((sum, { counts }) => sum + counts[entry], 0),
  );
  const pixels = totals.reduce((sum, count) => sum + count, 0);
  const colours = hexes(images[0].palette);
  const palette = colours.slice(0, MOST_LINES).map((hex, entry) => {
    const share = ((100 * totals[entry]) / pixels).toFixed(2).padStart(6);
    const [red, green, blue] = images[0].palette.subarray(4 * entry);
    const swatch = colors ? `\x1b[48;2;${red};${green};${blue}m  \x1b[0m ` : '';
    return `${swatch}${hex} ${share} %`;
  });
  if (colours.length > MOST_LINES)
    palette.push(`and ${colours.length - MOST_LINES} more (--json has all)`);
  return `${[...lines, ...palette].join('\n')}\n`;
}

function describe({ psnr, ssim, deltaE }: Quality): string {
  return `PSNR ${psnr.toFixed(2)} dB · SSIM ${ssim.toFixed(4)} · ΔE2000 ${deltaE.mean.toFixed(2)} (at most ${deltaE.max.toFixed(2)})`;
}
