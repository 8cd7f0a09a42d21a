/**
 * Our PNG files elsewhere: pngcheck finds no fault in them, and Pillow and ImageMagick read every pixel
 * as it was meant. Neither may be missing.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/image/files/png.ts';
import { ensurePngReaders } from '../../tools/png-readers.ts';
import { pixelsOf, PNG_CASES, type PngCase } from './png-cases.ts';

// Found and, if need be, installed by `npm run prepare:tests`, before any test.
const { pngcheck, magick, python } = ensurePngReaders();

const folder = mkdtempSync(path.join(os.tmpdir(), 'centroids-png-'));
const fileOf = ({ name }: PngCase) => path.join(folder, `${name.replace(/[^\d\w]+/g, '-')}.png`);
const files = PNG_CASES.map(fileOf);

beforeAll(async () => {
  for (const each of PNG_CASES)
    writeFileSync(
      fileOf(each),
      await encodePng(each.indices, each.width, each.height, each.palette),
    );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** All files in one process. Without converting, the mode says what kind of file it was. */
const PILLOW = `
import sys
from PIL import Image
for name in sys.argv[1:]:
    image = Image.open(name)
    image.load()
    with open(name + ".rgba", "wb") as out:
        out.write(image.convert("RGBA").tobytes())
    print(image.mode, image.width, image.height)
`;

it('pngcheck finds no fault, and palettes of the least depth', () => {
  const lines = execFileSync(pngcheck, files, { encoding: 'utf8' }).trim().split('\n');
  const said = lines.filter((line) => line.startsWith('OK:'));
  expect(said).toHaveLength(PNG_CASES.length);
  PNG_CASES.forEach(({ palette, width, height }, i) => {
    const colors = palette.length / 4;
    const depth = [1, 2, 4, 8].find((bits) => colors <= 2 ** bits);
    expect(said[i]).toContain(`(${width}x${height}, `);
    if (depth === undefined) expect(said[i]).toMatch(/(24-bit RGB|32-bit RGB\+alpha)/);
    else expect(said[i]).toMatch(new RegExp(`, ${depth}-bit (palette|colormap)`));
  });
});

describe('every pixel is the same', () => {
  it('in Pillow', () => {
    const lines = execFileSync(python, ['-c', PILLOW, ...files], { encoding: 'utf8' });
    const sizes = PNG_CASES.map(({ palette, width, height }) => {
      const opaque = palette.every((value, at) => at % 4 !== 3 || value === 255);
      return `${palette.length <= 4 * 256 ? 'P' : opaque ? 'RGB' : 'RGBA'} ${width} ${height}`;
    });
    expect(lines.trim().split('\n')).toEqual(sizes);
    for (const each of PNG_CASES) expectSame(readFileSync(`${fileOf(each)}.rgba`), each);
  });

  it.each(PNG_CASES)('in ImageMagick: $name', (each) => {
    expectSame(execFileSync(magick, [fileOf(each), '-depth', '8', 'rgba:-']), each);
  });
});

function expectSame(decoded: Buffer, each: PngCase): void {
  expect([each.name, [...decoded]]).toEqual([each.name, [...pixelsOf(each)]]);
}
