/** How much work dispatches are given after what they took: numbers only, no clock. */
import { describe, expect, test } from 'vitest';
import { leastFor, paced } from '../../src/engines/webgpu/pace.ts';

const WORK = 2 ** 26;
const after = (milliseconds: number, slices: number, passes = 1) =>
  paced(WORK, milliseconds, { slices, passes, dispatchMs: 50 });

describe('dispatches', () => {
  test('of about the right length stay as they are', () => {
    expect(after(8 * 50, 8)).toBe(WORK);
    expect(after(8 * 99, 8)).toBe(WORK);
    expect(after(8 * 26, 8)).toBe(WORK);
  });

  test('that took too long get as much less', () => {
    expect(after(8 * 200, 8)).toBe(WORK / 4);
    expect(after(400, 1)).toBe(WORK / 8);
  });

  test('that took next to nothing get more, step by step', () => {
    expect(after(8 * 12.5, 8)).toBe(4 * WORK);
    expect(after(8 * 0.01, 8)).toBe(8 * WORK);
  });

  test('are judged each, however many passes were timed together', () => {
    expect(after(8 * 5 * 200, 8, 5)).toBe(WORK / 4);
    expect(after(8 * 5 * 50, 8, 5)).toBe(WORK);
  });

  test('of a single slice are never given more: there is no more', () => {
    expect(after(0.01, 1)).toBe(WORK);
  });

  test('of next to no work are not to blame for the time', () => {
    const little = { slices: 1, passes: 1, dispatchMs: 50 };
    expect(paced(1000, 5000, little)).toBe(1000);
    expect(paced(2 ** 20, 5000, little)).toBe(2 ** 20);
  });

  test('are never so many that they cost more than their work', () => {
    expect(leastFor(2 ** 41, 2 ** 20)).toBe(2 ** 27);
    expect(leastFor(2 ** 30, 2 ** 20)).toBe(2 ** 20);
  });

  test('stay within bounds, whatever the clock says', () => {
    expect(after(1e12, 8)).toBe(2 ** 20);
    expect(after(0, 8)).toBe(WORK);
    let work = WORK;
    for (let i = 0; i < 20; i++) work = paced(work, 1, { slices: 99, passes: 1, dispatchMs: 50 });
    expect(work).toBe(2 ** 36);
  });
});
