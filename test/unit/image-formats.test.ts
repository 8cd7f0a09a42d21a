/** GIF, read back by the specification; palettes as others read them. */
import { describe, expect, test } from 'vitest';
import { encodeGif, type GifFrame } from '../../src/image/files/gif.ts';
import { toAse, toCss, toGpl, toJson } from '../../src/image/files/palettes.ts';
import { pcg32 } from '../../src/rng.ts';
import { readGif } from '../support/read-gif.ts';

describe('a GIF', () => {
  test.each([1, 2, 3, 4, 5, 16, 200, 256])(
    'of %i entries gives its pixels back',
    async (entries) => {
      for (const transparent of [false, true]) {
        const frame = pictureOf(entries, transparent, entries);
        const { frames, repeats } = readGif(await encodeGif([frame]));
        expect(frames).toHaveLength(1);
        expect(repeats).toBe(null);
        expect([...frames[0].data]).toEqual(seen(frame));
      }
    },
  );

  test('moves: palettes, delays, repetitions and what is left of a frame', async () => {
    const moving = [pictureOf(4, false, 1), pictureOf(200, true, 2), pictureOf(2, false, 3)];
    const gif = readGif(await encodeGif(moving, { delay: [100, 40, 655_350], loop: 3 }));
    expect(gif.frames.map(({ data }) => [...data])).toEqual(moving.map(seen));
    expect(gif.frames.map(({ delay }) => delay)).toEqual([10, 4, 65_535]);
    expect(gif.frames.map(({ disposal }) => disposal)).toEqual([1, 2, 1]);
    expect(gif.repeats).toBe(2);
    expect(readGif(await encodeGif(moving)).repeats).toBe(0);
    expect(readGif(await encodeGif(moving, { loop: 1 })).repeats).toBe(null);
  });

  test('has codes that fill their table', async () => {
    const random = pcg32(1);
    const indices = Uint8Array.from({ length: 200 * 200 }, () => random.uint32());
    const palette = Uint8Array.from({ length: 1024 }, (_, at) => (at % 4 === 3 ? 255 : at >> 2));
    const frame = { indices, width: 200, height: 200, palette };
    const [{ data }] = readGif(await encodeGif([frame])).frames;
    expect(data.every((value, at) => value === (at % 4 === 3 ? 255 : indices[at >> 2]))).toBe(true);
  });

  test('is refused where GIF has no room', async () => {
    const frame = pictureOf(4, false, 1);
    const many = { ...pictureOf(257, false, 1), indices: new Uint16Array(21 * 13) };
    await expect(encodeGif([many])).rejects.toThrow(
      'entries of frame 0 is 257; expected 1 to 256, which is all that GIF has. Ask for at most 256',
    );
    await expect(encodeGif([])).rejects.toThrow('frames.length is 0');
    await expect(encodeGif([frame, { ...frame, width: 13, height: 21 }])).rejects.toThrow(
      "the size of frame 1 is '13 × 21'",
    );
    await expect(encodeGif([{ ...frame, width: 20 }])).rejects.toThrow('indices.length of frame 0');
    const astray = { ...frame, indices: frame.indices.map(() => 4) };
    await expect(encodeGif([astray])).rejects.toThrow('indices[0] of frame 0 is 4');
    await expect(encodeGif([frame], { loop: -1 })).rejects.toThrow('loop is -1');
    await expect(encodeGif([frame], { delay: [1, 2] })).rejects.toThrow('delay.length is 2');
    await expect(encodeGif([frame], { delay: NaN })).rejects.toThrow('delay is NaN');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(encodeGif([frame], { signal })).rejects.toThrow('enough');
  });
});

describe('a palette', () => {
  const palette = Uint8Array.of(255, 0, 10, 255, 1, 2, 3, 128, 0, 51, 255, 255);

  test('as CSS', () => {
    const lines = ['  --color-0: #ff000a;', '  --color-1: #01020380;', '  --color-2: #0033ff;'];
    expect(toCss(palette)).toBe(`:root {\n${lines.join('\n')}\n}\n`);
    expect(toCss(palette, 'photo')).toContain('--photo-2: #0033ff;');
    expect(() => toCss(palette, 'a; }')).toThrow("prefix is 'a; }'");
  });

  test('as JSON', () => {
    expect(JSON.parse(toJson(palette))).toEqual(['#ff000a', '#01020380', '#0033ff']);
  });

  test('for GIMP', () => {
    expect(toGpl(palette, 'my\nown').split('\n')).toEqual([
      'GIMP Palette',
      'Name: my own',
      'Columns: 16',
      '#',
      '255   0  10\t#ff000a',
      '  1   2   3\t#01020380',
      '  0  51 255\t#0033ff',
      '',
    ]);
  });

  test('for Adobe', () => {
    const bytes = Buffer.from(toAse(palette));
    expect(bytes.toString('latin1', 0, 4)).toBe('ASEF');
    expect([bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt32BE(8)]).toEqual([
      1, 0, 3,
    ]);
    let at = 12;
    const colours: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      expect(bytes.readUInt16BE(at)).toBe(1);
      const end = at + 6 + bytes.readUInt32BE(at + 2);
      const units = bytes.readUInt16BE(at + 6);
      const name = Buffer.from(bytes.subarray(at + 8, at + 8 + 2 * units))
        .swap16()
        .toString('utf16le');
      at += 8 + 2 * units;
      expect(bytes.toString('latin1', at, at + 4)).toBe('RGB ');
      colours.push([name, ...[4, 8, 12].map((offset) => 255 * bytes.readFloatBE(at + offset))]);
      expect(bytes.readUInt16BE(at + 16)).toBe(2);
      at += 18;
      expect(at).toBe(end);
    }
    expect(at).toBe(bytes.length);
    const close = (value: number) => expect.closeTo(value, 4) as number;
    expect(colours).toEqual([
      ['#FF000A\0', close(255), close(0), close(10)],
      ['#010203\0', close(1), close(2), close(3)],
      ['#0033FF\0', close(0), close(51), close(255)],
    ]);
  });
});

function pictureOf(entries: number, transparent: boolean, seed: number): GifFrame {
  const random = pcg32(seed);
  const [width, height] = [21, 13];
  const indices = Uint8Array.from({ length: width * height }, (_, i) =>
    i < entries ? i : Math.floor(random() * entries),
  );
  const palette = Uint8Array.from({ length: 4 * entries }, (_, at) =>
    at % 4 < 3 ? random.uint32() & 255 : transparent ? [200, 127, 128, 0][(at >> 2) % 4] : 255,
  );
  return { indices, width, height, palette };
}

/** What GIF has of it: opaque or not at all. */
function seen({ indices, palette }: GifFrame): number[] {
  return Array.from(indices).flatMap((index) => {
    const [r, g, b, a] = palette.subarray(4 * index, 4 * index + 4);
    return a < 128 ? [0, 0, 0, 0] : [r, g, b, 255];
  });
}
