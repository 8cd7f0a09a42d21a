/**
 * The device is lost in the middle of a run: at every phase, and at every single call that the run
 * makes. `webgpu` rejects, never with a result; `auto` finishes on the CPU and nothing tells.
 */
import { describe, expect, test } from 'vitest';
import { DeviceLostError, type Progress } from '../../src/index.ts';
import { FaultyDevice } from '../support/faulty-device.ts';
import { LONG_RUN, someOf } from '../support/long-run.ts';
import { callsOf, moments, outcome, run, settled, undisturbed } from './problem.ts';

test('the run that is disturbed relocates and takes several iterations', async () => {
  const { device, live } = await FaultyDevice.open();
  const result = await run({ engine: 'webgpu', device });
  expect(result.engine).toBe('webgpu');
  expect(outcome(result)).toEqual(outcome(undisturbed));
  expect(result.iterations).toBeGreaterThan(4);
  await settled();
  expect(live.size).toBe(0);
  device.destroy();
});

describe('lost while a result is refined', () => {
  test.each(someOf([6, 7, 8, 5], 2))('when %i tenths are done', async (tenths) => {
    const options = { refine: 'breathing' } as const;
    const whole = await run({ ...options, engine: 'reference' });
    for (const engine of ['webgpu', 'auto'] as const) {
      const faulty = await FaultyDevice.open();
      const onProgress = async ({ phase, fraction }: Progress) => {
        if (phase === 'refine' && fraction * 10 >= tenths) faulty.device.destroy();
      };
      const result = run({ ...options, engine, device: faulty.device, onProgress });
      if (engine === 'webgpu') await expect(result).rejects.toThrow(DeviceLostError);
      else {
        expect(outcome(await result)).toEqual(outcome(whole));
        expect((await result).engine).not.toBe('webgpu');
      }
      await settled();
      expect(faulty.live.size).toBe(0);
    }
  });
});

describe('lost when a phase begins', () => {
  const phases: [name: string, when: (progress: Progress) => boolean][] = [
    ['open', ({ phase }) => phase === 'open'],
    ['seed', ({ phase }) => phase === 'seed'],
    ['iterate', ({ phase }) => phase === 'iterate'],
    ['iteration 1', ({ iteration }) => iteration === 1],
    ['iteration 4', ({ iteration }) => iteration >= 4],
    ['read', ({ phase }) => phase === 'read'],
  ];
  describe.each(phases)('%s', (_, when) => {
    test.each([true, false])('every iteration looked at: %s', async (awaited) => {
      for (const engine of someOf(['webgpu', 'auto'] as const, 2, awaited ? 0 : 1)) {
        const faulty = await FaultyDevice.open();
        const onProgress = (progress: Progress) => {
          if (when(progress)) faulty.device.destroy();
          return awaited ? Promise.resolve() : undefined;
        };
        const result = run({ engine, device: faulty.device, onProgress });
        if (engine === 'webgpu') await expect(result).rejects.toThrow(DeviceLostError);
        else {
          expect(outcome(await result)).toEqual(outcome(undisturbed));
          expect((await result).engine).not.toBe('webgpu');
        }
        await settled();
        expect(faulty.live.size).toBe(0);
      }
    });
  });
});

describe('lost at each call', async () => {
  const { first } = await callsOf('webgpu');
  const all = moments(first);
  const firstOf = ({ call }: (typeof all)[number]) => all.find((met) => met.call === call);
  const some = all.filter((met, i) => LONG_RUN || i % 2 === 0 || firstOf(met) === met);

  test('calls of all kinds are among them', () => {
    expect(new Set(some.map(({ call }) => call)).size).toBeGreaterThan(6);
  });

  test.each(some)('$nth, $call', async ({ nth }) => {
    const engine = nth % 3 === 0 ? 'auto' : 'webgpu';
    const faulty = await FaultyDevice.open();
    faulty.onCall = (met) => {
      if (met.nth === nth) faulty.device.destroy();
      return undefined;
    };
    const result = run({ engine, device: faulty.device });
    if (engine === 'webgpu') await expect(result).rejects.toThrow(DeviceLostError);
    else {
      expect(outcome(await result)).toEqual(outcome(undisturbed));
      expect((await result).engine).not.toBe('webgpu');
    }
    await settled();
    expect(faulty.live.size).toBe(0);
  });
});
