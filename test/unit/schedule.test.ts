/** The scheduler with a session that only counts. */
import { describe, expect, test } from 'vitest';
import type { Status } from '../../src/engine.ts';
import { schedule, type ScheduleOptions } from '../../src/schedule.ts';

/** Stops by itself after `end` iterations; a step takes no time, so that batches may grow. */
function counting(end: number) {
  let iteration = 0;
  const steps: number[] = [];
  return {
    steps,
    async step(iterations: number): Promise<Status> {
      steps.push(iterations);
      iteration = Math.min(end, iteration + iterations);
      return {
        iteration,
        stop: iteration === end ? 'labels' : null,
        last: null,
        empty: 0,
        restorePoint: null,
      };
    },
  };
}

const options = (given: Partial<ScheduleOptions>): ScheduleOptions => ({
  maxIter: 300,
  signal: undefined,
  onBatch: () => {},
  everyIteration: false,
  ...given,
});

describe('batches', () => {
  test('begin with one iteration and at most double', async () => {
    const session = counting(Infinity);
    const status = await schedule(session, options({ maxIter: 300 }));
    expect(status).toMatchObject({ iteration: 300, stop: null });
    expect(session.steps[0]).toBe(1);
    session.steps.forEach((batch, i) => {
      if (i > 0) expect(batch).toBeLessThanOrEqual(2 * session.steps[i - 1]);
    });
    expect(session.steps.reduce((a, b) => a + b)).toBe(300);
  });

  test('never go past maxIter', async () => {
    for (let maxIter = 1; maxIter <= 40; maxIter++) {
      const session = counting(Infinity);
      expect((await schedule(session, options({ maxIter }))).iteration).toBe(maxIter);
      expect(session.steps.reduce((a, b) => a + b)).toBe(maxIter);
    }
  });

  test('end where the session stops by itself', async () => {
    for (let end = 1; end <= 20; end++) {
      const session = counting(end);
      expect(await schedule(session, options({}))).toMatchObject({
        iteration: end,
        stop: 'labels',
      });
      // No step after the one that stopped.
      const before = session.steps.slice(0, -1).reduce((a, b) => a + b, 0);
      expect(before).toBeLessThan(end);
    }
  });

  test('are told one by one, in order', async () => {
    const told: number[] = [];
    await schedule(
      counting(50),
      options({ onBatch: ({ iteration }) => void told.push(iteration) }),
    );
    expect(told.at(-1)).toBe(50);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('a callback that is waited for', () => {
  test('sees every iteration from its first promise on', async () => {
    const session = counting(30);
    const told: number[] = [];
    await schedule(
      session,
      options({ onBatch: async ({ iteration }) => void told.push(iteration) }),
    );
    expect(told).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(new Set(session.steps)).toEqual(new Set([1]));
  });

  test('holds the next step back', async () => {
    const order: string[] = [];
    const inner = counting(3);
    await schedule(
      {
        step: (n) => {
          order.push('step');
          return inner.step(n);
        },
      },
      options({
        onBatch: async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          order.push('waited');
        },
      }),
    );
    expect(order).toEqual(['step', 'waited', 'step', 'waited', 'step', 'waited']);
  });

  test('makes single steps from the start where it is known to want them', async () => {
    const session = counting(10);
    await schedule(session, options({ everyIteration: true }));
    expect(session.steps).toEqual(new Array<number>(10).fill(1));
  });

  test('ends the run with its rejection', async () => {
    const mine = new Error('enough');
    await expect(
      schedule(counting(9), options({ onBatch: () => Promise.reject(mine) })),
    ).rejects.toBe(mine);
    await expect(
      schedule(
        counting(9),
        options({
          onBatch: () => {
            throw mine;
          },
        }),
      ),
    ).rejects.toBe(mine);
  });
});

describe('abort', () => {
  test('before the first step', async () => {
    const session = counting(9);
    await expect(schedule(session, options({ signal: AbortSignal.abort('no') }))).rejects.toBe(
      'no',
    );
    expect(session.steps).toEqual([]);
  });

  test('during a step: its status is not told', async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const inner = counting(9);
    const session = {
      step: (n: number) => {
        if (inner.steps.length === 1) controller.abort('now');
        return inner.step(n);
      },
    };
    await expect(
      schedule(
        session,
        options({
          signal: controller.signal,
          onBatch: ({ iteration }) => void told.push(iteration),
        }),
      ),
    ).rejects.toBe('now');
    expect(told).toEqual([1]);
  });

  test('in the callback: no step after it', async () => {
    const controller = new AbortController();
    const session = counting(9);
    await expect(
      schedule(
        session,
        options({ signal: controller.signal, onBatch: () => controller.abort('there') }),
      ),
    ).rejects.toBe('there');
    expect(session.steps).toEqual([1]);
  });
});

test('a step that fails ends the run', async () => {
  const mine = new Error('broken');
  await expect(schedule({ step: () => Promise.reject(mine) }, options({}))).rejects.toBe(mine);
});
