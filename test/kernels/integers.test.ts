/** The wide integers and the grid roundings of the shaders, called alone, beside BigInt and grid.ts. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import divideKernel from '../../shaders/divide.wgsl?raw';
import gridFile from '../../shaders/shared/grid.wgsl?raw';
import integers from '../../shaders/shared/integers.wgsl?raw';
import params from '../../shaders/shared/params.wgsl?raw';
import state from '../../shaders/shared/state.wgsl?raw';
import { LABEL_BITS, powerOfTwo, SUM_BITS, toLabelGrid, toSumGrid } from '../../src/grid.ts';
import { below, pcg32 } from '../../src/rng.ts';
import { openDevice } from '../support/workbench.ts';
import { expectAnswers, type Probe, type Question } from './ask.ts';
import probeDivide from './probe-divide.wgsl?raw';
import probeIntegers from './probe-integers.wgsl?raw';
import { word, words } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const INTEGERS: Probe = [[integers, gridFile, probeIntegers], 'probe_integers', 0, {}];
const DIVIDE: Probe = [
  [divideKernel, params, integers, gridFile, state, probeDivide],
  'probe_divide',
  1,
  { WORKGROUP: 64 },
];

const TIMES = 20_000;
const random = pcg32(11);

function questions(make: () => Question): Question[] {
  return Array.from({ length: TIMES }, make);
}

const big = (...parts: number[]) =>
  parts.reduceRight((sum, part) => (sum << 32n) | BigInt(part), 0n);
const numbers = (value: bigint, count: number) => [...words(value, count)];

test('square, up to 2^31', () =>
  expectAnswers(
    device,
    INTEGERS,
    questions(() => {
      const a = below(4, random) === 0 ? 2 ** 31 - below(3, random) : word(random) >>> 1;
      return { ask: [0, a], answer: numbers(big(a) * big(a), 2) };
    }),
  ));

test('multiply', () =>
  expectAnswers(
    device,
    INTEGERS,
    questions(() => {
      const [a, b] = [word(random), word(random)];
      return { ask: [1, a, b], answer: numbers(big(a) * big(b), 2) };
    }),
  ));

test('add96, with every carry', () =>
  expectAnswers(
    device,
    INTEGERS,
    questions(() => {
      const [low, middle, high, x, y] = Array.from({ length: 5 }, () => word(random));
      const answer = numbers(big(low, middle, high) + big(x, y), 3);
      return { ask: [2, low, middle, high, x, y], answer };
    }),
  ));

test('less96 and equal96', () =>
  expectAnswers(
    device,
    INTEGERS,
    questions(() => {
      const a = Array.from({ length: 3 }, () => word(random));
      const b = a.map((part) => (below(2, random) === 0 ? part : word(random)));
      const [x, y] = [big(...a), big(...b)];
      return { ask: [3, ...a, ...b], answer: [Number(x < y), Number(x === y)] };
    }),
  ));

test('signed64', () =>
  expectAnswers(
    device,
    INTEGERS,
    questions(() => {
      const [low, high, negative] = [word(random), word(random), below(2, random)];
      const magnitude = big(low, high);
      return {
        ask: [4, low, high, negative],
        answer: numbers(negative ? -magnitude : magnitude, 2),
      };
    }),
  ));

test('weighted', () =>
  expectAnswers(
    device,
    INTEGERS,
    questions(() => {
      const p = (word(random) >>> 2) * (below(2, random) === 0 ? -1 : 1);
      const weight = word(random);
      return {
        ask: [6, p >>> 0, weight],
        answer: numbers(BigInt(p) * BigInt(weight), 2),
      };
    }),
  ));

describe('to_grid', () => {
  const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0];
  /** Mantissas that end in every kind of rounding, after any number of bits. */
  const mantissas = Array.from({ length: 24 }, (_, cut) => {
    const half = cut > 0 ? 2 ** (cut - 1) : 0;
    return [0, half, half - 1, half + 1, 2 ** cut - 1].map((end) => 2 ** 23 + Math.max(0, end));
  }).flat();

  test('onto the label grid: all exponents, all roundings, both signs', () =>
    expectAnswers(
      device,
      INTEGERS,
      mantissas.flatMap((mantissa) =>
        Array.from({ length: 126 + 1 }, (_, e) => e - 126).flatMap((exponent) =>
          [1, -1].map((sign) => {
            const value = Math.min(1, mantissa * powerOfTwo(exponent - 24)) * sign;
            return { ask: [5, bitsOf(value), LABEL_BITS], answer: [toLabelGrid(value) >>> 0] };
          }),
        ),
      ),
    ));

  test('onto the sum grid of every column exponent', () =>
    expectAnswers(
      device,
      INTEGERS,
      Array.from({ length: 97 }, (_, e) => -e).flatMap((columnExponent) =>
        mantissas.flatMap((mantissa) =>
          [0, 1, 2, 7, 29, 30, 31].flatMap((below) => {
            const most = powerOfTwo(columnExponent);
            const value = Math.min(most, mantissa * powerOfTwo(columnExponent - 23 - below));
            if (value < 2 ** -126) return [];
            const answer = [toSumGrid(value, columnExponent) >>> 0];
            return [{ ask: [5, bitsOf(value), SUM_BITS - columnExponent], answer }];
          }),
        ),
      ),
    ));

  test('0 and −0', () =>
    expectAnswers(
      device,
      INTEGERS,
      [0, 0x80000000].map((bits) => ({ ask: [5, bits, LABEL_BITS], answer: [0] })),
    ));
});

describe('inside divide', () => {
  test('divided: quotients below 2^31 by any weight, halves up', () =>
    expectAnswers(
      device,
      DIVIDE,
      questions(() => {
        const weight = Math.max(1, word(random) >>> below(32, random));
        const mean = word(random) >>> (1 + below(31, random));
        // a remainder of nothing, of about a half, or of anything
        const rest = [0, Math.floor(weight / 2), Math.ceil(weight / 2), weight - 1][
          below(4, random)
        ];
        const magnitude = BigInt(mean) * BigInt(weight) + BigInt(Math.min(rest, weight - 1));
        const n = BigInt(weight);
        return {
          ask: [0, ...numbers(magnitude, 2), weight],
          answer: numbers((2n * magnitude + n) / (2n * n), 1),
        };
      }),
    ));

  test('aligned: 22 bits up to all the way down', () =>
    expectAnswers(
      device,
      DIVIDE,
      questions(() => {
        const value = big(word(random), word(random), word(random));
        const bits = below(22 + 2 * 96 + 1, random) - 2 * 96;
        const shifted = bits >= 0 ? value << BigInt(bits) : value >> BigInt(-bits);
        return { ask: [1, ...numbers(value, 3), bits >>> 0], answer: numbers(shifted, 4) };
      }),
    ));
});
