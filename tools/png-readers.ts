/**
 * Finds the programs that read our PNG files in the tests, each with a decoder that is not ours, and
 * installs those that are missing: pngcheck (structure and checksums), Pillow (libpng's inflating, its
 * own rows) and ImageMagick (libpng).
 */
import { spawnSync } from 'node:child_process';
import { installDebianPackages } from './system.ts';

/** What to run, by name or path. */
export interface PngReaders {
  readonly pngcheck: string;
  /** ImageMagick: `magick` since version 7, `convert` before. */
  readonly magick: string;
  /** A Python that has Pillow. */
  readonly python: string;
}

/** Whether a program runs, and says what it should. */
function says(program: string, args: readonly string[], expected: RegExp): boolean {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 && expected.test(stdout + stderr);
}

const FINDERS: { [name in keyof PngReaders]: () => string | undefined } = {
  pngcheck: () => ['pngcheck'].find((name) => says(name, ['-h'], /PNGcheck/)),
  // Windows has a convert of its own, which converts disks.
  magick: () =>
    ['magick', 'convert', '/usr/bin/convert'].find((name) =>
      says(name, ['-version'], /^Version: ImageMagick/),
    ),
  // Debian's may hide behind another one that has no Pillow.
  python: () =>
    ['python3', '/usr/bin/python3', 'python'].find((name) =>
      says(name, ['-c', 'import PIL; print("Pillow", PIL.__version__)'], /^Pillow/),
    ),
};

/** Debian's names. */
const PACKAGES: Readonly<Record<keyof PngReaders, string>> = {
  pngcheck: 'pngcheck',
  magick: 'imagemagick',
  python: 'python3-pil',
};

const NAMES = Object.keys(PACKAGES) as (keyof PngReaders)[];

/** All of them; throws where one is missing and cannot be installed. */
export function ensurePngReaders(): PngReaders {
  const find = () => NAMES.map((name) => [name, FINDERS[name]()] as const);
  const absent = (found: ReturnType<typeof find>) =>
    found.flatMap(([name, program]) => (program === undefined ? [PACKAGES[name]] : []));
  let found = find();
  if (absent(found).length > 0 && installDebianPackages(absent(found))) found = find();
  if (absent(found).length === 0) return Object.fromEntries(found) as unknown as PngReaders;
  throw new Error(
    `Programs that read PNG files in the tests are missing. Install pngcheck, ImageMagick and Pillow; on Debian: apt-get install ${absent(found).join(' ')}.`,
  );
}
