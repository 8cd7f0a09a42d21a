/** The file of a codebook: its bytes as documented, and every way in which they can be wrong. */
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { blobs, Codebook, InvalidInputError } from '../../src/index.ts';
import { pack } from '../../src/codebook/format.ts';

const points = blobs(200, 5, { columns: 6, seed: 2 });
const codebook = await Codebook.train(points, 5, { subspaces: 2, whiten: true });
const saved = codebook.save();

/** Offsets in it: three columns a subspace, scaled. */
const EXPONENT = 28;
const CENTRE = 32;
const SCALE = CENTRE + 3 * 8;
const CENTROIDS = SCALE + 3 * 8;
const SUBSPACE = 4 + 3 * 8 + 3 * 8 + 5 * 3 * 4;

/** A changed copy, with the checksum that belongs to it. */
function changed(change: (view: DataView) => void): Uint8Array {
  const bytes = saved.slice();
  const view = new DataView(bytes.buffer);
  change(view);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

function complaint(bytes: unknown): string {
  try {
    Codebook.load(bytes as Uint8Array);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as Error).message;
  }
  return 'none';
}

test('is read back whole, from the middle of a buffer too', async () => {
  expect(saved).toHaveLength(28 + 2 * SUBSPACE + 4);
  const within = new Uint8Array(saved.length + 7);
  within.set(saved, 3);
  for (const bytes of [saved, within.subarray(3, -4), Buffer.from(saved), changed(() => {})]) {
    const loaded = Codebook.load(bytes);
    expect([loaded.k, loaded.columns, loaded.subspaces]).toEqual([5, 6, 2]);
    expect(loaded.centroids).toEqual(codebook.centroids);
    expect(loaded.save()).toEqual(saved);
    expect(await loaded.encode(points)).toEqual(await codebook.encode(points));
  }
});

test('has the bytes that are documented', async () => {
  const rows = [[0, 9], [2, 9], [10, 9], [12, 9]]; // prettier-ignore
  const init = [[0, 9], [12, 9]]; // prettier-ignore
  const bytes = (await Codebook.train(rows, 2, { init })).save();
  // ends 0 and 12, mean 6; 2^3 ≥ 6; centroids 1 and 11, −5/8 and 5/8 from the centre
  const expected = Buffer.concat([
    Buffer.from('centbook'),
    Buffer.from(Uint32Array.of(1, 2, 1, 2, 0).buffer),
    Buffer.from(Int32Array.of(3).buffer),
    Buffer.from(Float64Array.of(6, 9).buffer),
    Buffer.from(Float32Array.of(-0.625, 0, 0.625, 0).buffer),
  ]);
  expect(Buffer.from(bytes).toString('hex')).toBe(
    Buffer.concat([expected, Buffer.from(Uint32Array.of(crc32(expected)).buffer)]).toString('hex'),
  );
});

test('of version 1, saved once, is read for ever', async () => {
  const file =
    '63656e74626f6f6b01000000020000000100000002000000000000000300000000000000000018400000000000002240000020bf000000000000203f00000000';
  const body = Buffer.from(file, 'hex');
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  const loaded = Codebook.load(Buffer.concat([body, sum]));
  expect([...loaded.decode([1, 0]).data]).toEqual([11, 9, 1, 9]);
  const { codes, distances } = await loaded.encode([[6, 9], [6.01, 9], [-1e9, 0]]); // prettier-ignore
  expect([...codes]).toEqual([0, 1, 0]);
  expect(distances[0]).toBe(5);
});

test('codes of a book too large to train here: 32 bits', async () => {
  const k = 2 ** 16 + 1;
  const centroids = Float32Array.from({ length: k }, (_, j) => j / 2 ** 17);
  const frame = { columns: 1, centre: Float64Array.of(0), scale: null, exponent: 17 };
  const loaded = Codebook.load(pack([{ frame, centroids, k }]));
  const { codes } = await loaded.encode([[65535.6], [7.4]]);
  expect(codes).toEqual(Uint32Array.of(65536, 7));
  const smaller = Codebook.load(pack([{ frame, centroids: centroids.slice(1), k: k - 1 }]));
  expect((await smaller.encode([[65535.6]])).codes).toEqual(Uint16Array.of(65535));
});

describe('what is no codebook', () => {
  test('a flipped bit, wherever', () => {
    for (let bit = 0; bit < 8 * saved.length; bit++) {
      const bytes = saved.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(complaint(bytes)).not.toBe('none');
    }
    const bytes = saved.slice();
    bytes[CENTROIDS] ^= 1;
    expect(complaint(bytes)).toMatch(
      /^the checksum of bytes is \d+; expected \d+, as noted at its end\. The file is cut short or damaged/,
    );
  });

  test('cut short, anywhere, or with more behind it', () => {
    for (let length = 0; length < saved.length; length++)
      expect(complaint(saved.subarray(0, length))).toMatch(/^bytes\.length is \d+; expected/);
    expect(complaint(saved.subarray(0, 100))).toBe(
      `bytes.length is 100; expected ${saved.length}, by the sizes in its header. ` +
        'The file is cut short or damaged: copy it again, or save the codebook again.',
    );
    expect(complaint(new Uint8Array([...saved, 0]))).toMatch(
      /^bytes\.length is \d+; expected \d+,/,
    );
  });

  test('something else', () => {
    expect(complaint(Buffer.from('%PDF-1.7\n%\u0001 and so on, for as long as it takes'))).toBe(
      "the beginning of bytes is '%PDF-1.7'; expected 'centbook'. Pass the bytes that save() of a codebook returned.",
    );
    expect(complaint(saved.buffer)).toBe(
      'bytes is an ArrayBuffer; expected a Uint8Array. Wrap an ArrayBuffer: new Uint8Array(buffer).',
    );
    expect(complaint(undefined)).toMatch(/^bytes is undefined; expected a Uint8Array/);
  });

  test.each<[string, (view: DataView) => void, string]>([
    [
      'a newer version',
      (v) => v.setUint32(8, 2, true),
      'the version of bytes is 2; expected at most 1. Update centroids: this file was saved by a newer release.',
    ],
    ['no version', (v) => v.setUint32(8, 0, true), 'the version of bytes is 0; expected 1.'],
    ['no columns', (v) => v.setUint32(12, 0, true), 'columns of bytes is 0; expected at least 1.'],
    [
      'no subspaces',
      (v) => v.setUint32(16, 0, true),
      'subspaces of bytes is 0; expected a divisor of 6 (its columns).',
    ],
    [
      'uneven subspaces',
      (v) => v.setUint32(16, 4, true),
      'subspaces of bytes is 4; expected a divisor of 6 (its columns).',
    ],
    ['no codes', (v) => v.setUint32(20, 0, true), 'k of bytes is 0; expected at least 1.'],
    [
      'an unknown flag',
      (v) => v.setUint32(24, 2, true),
      'the scaled flag of bytes is 2; expected 0 or 1.',
    ],
    [
      'fewer subspaces than there are',
      (v) => v.setUint32(16, 1, true),
      `bytes.length is ${saved.length}; expected ${saved.length - 4}, by the sizes in its header.`,
    ],
    [
      'more codes than there are',
      (v) => v.setUint32(20, 6, true),
      `bytes.length is ${saved.length}; expected ${saved.length + 24}, by the sizes in its header.`,
    ],
    [
      'the most that can be claimed',
      (v) => [12, 16, 20].forEach((at) => v.setUint32(at, 2 ** 32 - 1, true)),
      `bytes.length is ${saved.length}; expected 7378`,
    ],
    [
      'a wild exponent',
      (v) => v.setInt32(EXPONENT, -1001, true),
      'exponent of bytes (subspace 0) is -1001; expected a whole number from −1000 to 1000.',
    ],
    [
      'a centre that is NaN',
      (v) => v.setFloat64(CENTRE + 8, NaN, true),
      'centre of column 1 of bytes (subspace 0) is NaN; expected a finite number.',
    ],
    [
      'a scale of 0',
      (v) => v.setFloat64(SUBSPACE + SCALE, 0, true),
      'scale of column 0 of bytes (subspace 1) is 0; expected a finite number above 0.',
    ],
    [
      'an infinite scale',
      (v) => v.setFloat64(SCALE, Infinity, true),
      'scale of column 0 of bytes (subspace 0) is Infinity; expected a finite number above 0.',
    ],
    [
      'a centroid that is NaN',
      (v) => v.setFloat32(SUBSPACE + CENTROIDS + 28, NaN, true),
      'centroid value 7 of bytes (subspace 1) is NaN; expected a number from −1 to 1.',
    ],
    [
      'a centroid off the grid',
      (v) => v.setFloat32(CENTROIDS, 1.5, true),
      'centroid value 0 of bytes (subspace 0) is 1.5; expected a number from −1 to 1.',
    ],
  ])('%s', (_, change, message) => {
    // prettier-ignore
    expect(complaint(changed(change)).slice(0, message.length)).toBe(message);
  });
});
