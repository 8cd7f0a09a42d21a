/**
 * The manual tells the truth: its examples print what the pages say they print, its pictures are what
 * their scripts draw, its links lead somewhere, and everything the package exports has its place.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { CRITERIA } from '../../src/choose-k/votes.ts';
import { KNOWN } from '../../src/options.ts';
import * as image from '../../src/image/index.ts';
import * as io from '../../src/io/index.ts';
import * as vq from '../../src/vq/index.ts';
import * as webgl from '../../src/engines/webgl/index.ts';
import { DOCS, names, pageOf, pictureOf, read } from '../../tools/docs.ts';

/** Bytes. */
const LARGEST_PICTURE = 60_000;

const pages = names('', '.md');
const text = pages.map((name) => read(`${name}.md`)).join('\n');

describe('pages', () => {
  it.each(pages)('%s: its examples print what it says', async (name) => {
    expect(await pageOf(name)).toBe(read(`${name}.md`));
  });

  it.each(pages)('%s: its links lead somewhere', (name) => {
    const links = [...read(`${name}.md`).matchAll(/\]\((?!https?:)([^)]+)\)/g)];
    for (const [, link] of links) {
      const [file, anchor] = link.split('#');
      expect([link, existsSync(new URL(file || `${name}.md`, DOCS))]).toEqual([link, true]);
      if (anchor !== undefined) expect(anchors(read(file || `${name}.md`))).toContain(anchor);
    }
  });

  it('show every example and every picture', () => {
    expect(text.match(/^<!-- example: \S+ -->$/gm)).toEqual(
      expect.arrayContaining(names('examples/', '.ts').map((name) => `<!-- example: ${name} -->`)),
    );
    for (const name of names('pictures/', '.ts')) expect(text).toContain(`(pictures/${name}.svg)`);
  });

  it('name everything that is exported, every option, every criterion and every code', () => {
    const errors = [...read('../src/errors.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm)];
    expect(errors.length).toBeGreaterThan(5);
    const wanted = [
      ...Object.keys(library),
      ...Object.keys(io),
      ...Object.keys(vq),
      ...Object.keys(image),
      ...Object.keys(webgl),
      ...KNOWN,
      ...CRITERIA.map((criterion) => `'${criterion}'`),
      ...errors.map(([, code]) => code),
    ];
    const words = new Set(text.match(/'[\w-]+'|[\w-]+/g));
    expect(wanted.filter((name) => !words.has(name))).toEqual([]);
  });
});

describe('pictures', () => {
  it.each(names('pictures/', '.ts'))('%s is what its script draws', async (name) => {
    const picture = await pictureOf(name);
    expect(picture).toBe(read(`pictures/${name}.svg`));
    expect(Buffer.byteLength(picture)).toBeLessThan(LARGEST_PICTURE);
    expect(picture).not.toMatch(/NaN|undefined|Infinity/);
  });
});

/** As GitHub makes them of headings. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
