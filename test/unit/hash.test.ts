/** The fingerprint tells results apart and is fixed for ever: it is printed and compared elsewhere. */
import { expect, test } from 'vitest';
import { fingerprint } from '../../src/hash.ts';

const labels = Uint32Array.of(0, 1, 2, 1);
const centroids = Float32Array.of(0.5, -1.25, 3e38, 1e-40);

test('is sixteen hexadecimal digits that do not change between versions', () => {
  expect(fingerprint(labels, centroids)).toBe('729862069d265833');
  expect(fingerprint(new Uint32Array(), new Float32Array())).toMatch(/^[0-9a-f]{16}$/);
});

test('sees every bit of every number, its place and its side', () => {
  const seen = new Set([fingerprint(labels, centroids)]);
  const isNew = (l: Uint32Array, c: Float32Array) => {
    const before = seen.size;
    expect(seen.add(fingerprint(l, c)).size).toBe(before + 1);
  };
  for (let i = 0; i < labels.length; i++)
    for (let bit = 0; bit < 32; bit++) {
      const other = labels.slice();
      other[i] ^= 1 << bit;
      isNew(other, centroids);
    }
  for (let i = 0; i < centroids.length; i++)
    for (let bit = 0; bit < 32; bit++) {
      const other = centroids.slice();
      new Uint32Array(other.buffer)[i] ^= 1 << bit;
      isNew(labels, other);
    }
  isNew(labels.slice().reverse(), centroids);
  isNew(Uint32Array.of(0, 1, 2, 1, 0), centroids);
  isNew(labels, Float32Array.of(...centroids, 0));
  // The same words, divided in another place.
  isNew(labels.slice(0, 3), new Float32Array(Uint32Array.of(1, ...bits(centroids)).buffer));
});

test('tells 0 from −0', () => {
  expect(fingerprint(labels, Float32Array.of(0))).not.toBe(
    fingerprint(labels, Float32Array.of(-0)),
  );
});

test('reads views from where they begin', () => {
  const padded = Float32Array.of(9, ...centroids, 9).subarray(1, 5);
  expect(fingerprint(Uint32Array.of(7, ...labels).subarray(1), padded)).toBe(
    fingerprint(labels, centroids),
  );
});

function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
