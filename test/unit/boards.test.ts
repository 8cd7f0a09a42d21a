/** The boards: the same numbers everywhere, within their ranges, spread as they promise. */
import { describe, expect, test } from 'vitest';
import {
  blobs,
  gaussianBoard,
  InvalidInputError,
  uniformBoard,
  type Matrix,
} from '../../src/index.ts';
import { fingerprint } from '../../src/hash.ts';

const hash = ({ data }: Matrix) => fingerprint(new Uint32Array(), data);

test('are the same numbers in every engine of JavaScript', () => {
  expect({
    uniform: hash(uniformBoard(1000, { columns: 3, seed: 1 })),
    gaussian: hash(gaussianBoard(1000, 5, { seed: 1 })),
    blobs: hash(blobs(1000, 5, { columns: 3, seed: 1, deviation: 0.2 })),
  }).toEqual({
    uniform: '2daa7d7a0c4f8f7b',
    gaussian: 'c4c13304afe89ff9',
    blobs: 'd69f61aa4f629196',
  });
});

test.each([
  ['uniformBoard', () => uniformBoard(5000, { columns: 3 })],
  ['gaussianBoard', () => gaussianBoard(5000, 16)],
])('%s stays within [−1, 1] and fills it', (_, make) => {
  const { data } = make();
  const [low, high] = [Math.min(...data), Math.max(...data)];
  expect(low).toBeGreaterThanOrEqual(-1);
  expect(high).toBeLessThanOrEqual(1);
  expect(low).toBeLessThan(-0.98);
  expect(high).toBeGreaterThan(0.98);
});

test('blobs lie around as many centres as asked for, as wide as asked for', () => {
  const tight = blobs(600, 4, { columns: 2, deviation: 0, seed: 3 });
  const places = new Set<string>();
  for (let i = 0; i < 600; i++) places.add(`${tight.data[2 * i]},${tight.data[2 * i + 1]}`);
  expect(places.size).toBe(4);
  const one = blobs(20_000, 1, { columns: 1, deviation: 0.3 }).data;
  const mean = one.reduce((a, b) => a + b) / one.length;
  const variance = one.reduce((a, b) => a + (b - mean) ** 2, 0) / one.length;
  expect(Math.abs(Math.sqrt(variance) - 0.3)).toBeLessThan(0.01);
});

describe('shapes', () => {
  test('are as asked for', () => {
    expect(uniformBoard(7)).toMatchObject({ rows: 7, columns: 2 });
    expect(gaussianBoard(7, 2)).toMatchObject({ rows: 7, columns: 2 });
    expect(blobs(7, 2, { columns: 5 })).toMatchObject({ rows: 7, columns: 5 });
    expect(blobs(7, 2, { columns: 5 }).data).toHaveLength(35);
  });

  test('differ between seeds, and between boards of one seed', () => {
    const boards = [0, 1].flatMap((seed) => [
      uniformBoard(50, { seed }),
      gaussianBoard(50, 3, { seed }),
      blobs(50, 3, { seed }),
    ]);
    expect(new Set(boards.map(hash)).size).toBe(6);
  });

  test.each([
    [() => uniformBoard(0), 'n is 0; expected a whole number ≥ 1. Ask for at least one.'],
    [() => uniformBoard(1.5), 'n is 1.5; expected a whole number ≥ 1. Ask for at least one.'],
    [
      () => uniformBoard(5, { columns: 0 }),
      'columns is 0; expected a whole number ≥ 1. Ask for at least one.',
    ],
    [() => gaussianBoard(5, 0), 'k is 0; expected a whole number ≥ 1. Ask for at least one.'],
    [() => blobs(5, NaN), 'k is NaN; expected a whole number ≥ 1. Ask for at least one.'],
  ])('are refused where they are none', (make, message) => {
    expect(make).toThrow(new InvalidInputError(message));
  });
});
