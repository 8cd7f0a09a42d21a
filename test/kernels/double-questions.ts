/** What the doubles of shaders/shared/double.wgsl are asked, and what JavaScript answers. */
import double from '../../shaders/shared/double.wgsl?raw';
import integers from '../../shaders/shared/integers.wgsl?raw';
import { powerOfTwo } from '../../src/grid.ts';
import { below, pcg32 } from '../../src/rng.ts';
import type { Change } from '../support/workbench.ts';
import type { Probe, Question } from './ask.ts';
import probeDouble from './probe-double.wgsl?raw';
import { word } from './twins.ts';

export const probe = (change: Change = (text) => text): Probe => [
  [change(double), integers, probeDouble],
  'probe_double',
  0,
  {},
];

const random = pcg32(5);
const SMALLEST = 2 ** -126;

const view = new DataView(new ArrayBuffer(8));
/** Lower word first; 0 for −0. */
function wordsOf(x: number): [number, number] {
  view.setFloat64(0, x + 0);
  return [view.getUint32(4), view.getUint32(0)];
}
const bitsOf = (x: number) => new Uint32Array(Float32Array.of(x).buffer)[0];

/** Mantissas of every kind: any bits, few of them, and long rows of ones or zeros before the last. */
function mantissa(): number {
  const cut = 2 ** below(53, random);
  const any = (word(random) * 2 ** 21 + (word(random) >>> 11)) / 2 ** 53;
  const whole = 2 ** 52 + Math.floor(any * 2 ** 52);
  const short = Math.floor(whole / cut) * cut;
  return [
    whole,
    Math.max(2 ** 52, short),
    Math.min(2 ** 53 - 1, short + cut / 2),
    2 ** 53 - 1 - below(3, random),
    2 ** 52 + below(3, random),
  ][below(5, random)];
}

/** Between 2^from and 2^(to + 1), of either sign. */
function number(from: number, to: number): number {
  const exponent = from + below(to - from + 1, random);
  return mantissa() * powerOfTwo(exponent - 52) * (below(2, random) ? 1 : -1);
}

/** Two numbers whose sum is hard to round: as large, next to each other, apart by the length of a mantissa. */
function pair(): [number, number] {
  const a = number(-200, 200);
  const size = Math.floor(Math.log2(Math.abs(a)));
  const near = a * (1 + below(5, random) * 2 ** -52);
  const b = [
    number(-200, 200),
    number(size - 56, size - 50),
    number(size - 2, size + 2),
    near,
    0,
    -near,
    number(size - 120, size - 60),
  ][below(7, random)];
  return below(2, random) ? [a, b] : [b, a];
}

/** As grid.ts has it. */
function single(x: number): number {
  const y = Math.fround(x);
  return y < SMALLEST && y > -SMALLEST ? 0 : y;
}

const two =
  (code: number, operation: (a: number, b: number) => number): Maker =>
  () => {
    const [a, b] = pair();
    const ask = [code, ...wordsOf(a), ...wordsOf(b)];
    return { ask, answer: wordsOf(operation(a, b)) };
  };

const toSingle = (x: number) => ({ ask: [4, ...wordsOf(x)], answer: [bitsOf(single(x) + 0)] });

type Maker = (i: number) => Question;
const MAKERS: Readonly<Record<string, Maker>> = {
  sum: two(0, (a, b) => a + b),
  difference: two(1, (a, b) => a - b),
  product: two(2, (a, b) => a * b),
  'of_single: every float32 is a double': (i) => {
    const up = i % 2 ? 8 + below(24, random) : 0; // subnormal, too
    const [x] = new Float32Array(Uint32Array.of((word(random) << up) >>> up).buffer);
    const finite = Number.isFinite(x) ? x : 0;
    return { ask: [3, bitsOf(finite)], answer: wordsOf(finite) };
  },
  'to_single: to the nearest float32, ties to even': () => toSingle(number(-140, -1)),
  'to_step: halves up, and what a half rounds up': () => {
    const whole = below(2 ** 20, random) >>> below(21, random);
    const next = 2 ** -52 * 2 ** Math.floor(Math.log2(whole + 0.5));
    const x = [
      whole,
      whole + 0.5,
      whole + 0.5 - next,
      whole + 0.5 + next,
      whole + random(),
      Math.abs(number(-300, 19)),
    ][below(6, random)];
    return { ask: [5, ...wordsOf(x)], answer: [Math.floor(x + 0.5)] };
  },
};

/** So many questions of each kind. */
export function questionsOf(times: number): [kind: string, questions: Question[]][] {
  return Object.entries(MAKERS).map(([kind, make]) => [
    kind,
    Array.from({ length: times }, (_, i) => make(i)),
  ]);
}

/** Numbers that become float32 just so: around ties, and around the smallest normal one. */
export function borderline(): Question[] {
  const ends = [0, 1, -1, 2 ** 28, 2 ** 28 - 1, 2 ** 28 + 1, 2 ** 29 - 1];
  const around = [2 ** 24, 2 ** 24 - 1, 2 ** 23, 2 ** 23 + 1, 2 ** 24 - 2].flatMap((upper) =>
    ends.flatMap((end) =>
      [-128, -127, -126, -125, -60, -1].map(
        (top) => (upper * 2 ** 29 + end) * powerOfTwo(top - 52),
      ),
    ),
  );
  const least = [-31, -30, -29, -1, 0, 1, 3].map((away) => SMALLEST - 2 ** -150 + away * 2 ** -179);
  const numbers = [0, 1, ...around, ...least].filter((x) => Math.abs(x) < 2);
  return numbers.flatMap((x) => [toSingle(x), toSingle(-x)]);
}
