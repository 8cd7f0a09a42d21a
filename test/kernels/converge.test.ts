/** `converge`: when to stop, what is written down, and what the next iteration finds cleared. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevice, type Job } from '../support/workbench.ts';
import { convergeDifferences, gridOfExponents, type Ending } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const JOB: Job = { grid: gridOfExponents([0, -2]), k: 70, tuning: { workgroupSize: 32 } };
const ENDING: Ending = {
  moved: 3,
  empty: 0,
  relocated: 0,
  shift: 1000n,
  shiftLimit: 0n,
  explained: (1n << 125n) + 12345678901234567890n,
  iteration: 4,
};

const expectTwin = async (ending: Partial<Ending>, job: Partial<Job> = {}) =>
  expect(await convergeDifferences(device, { ...JOB, ...job }, { ...ENDING, ...ending })).toEqual(
    [],
  );

test.each([32, 64, 128, 256])('workgroups of %i', async (workgroupSize) => {
  for (const moved of [0, 1]) await expectTwin({ moved }, { tuning: { workgroupSize } });
});

describe('the limit of the shift', () => {
  const limits = [1n, 0xffffffffn, 1n << 32n, 1n << 63n, (1n << 64n) - 1n, 1n << 64n, 1n << 95n];
  test.each(limits)('%i, and one above and below', async (limit) => {
    for (const beside of [-1n, 0n, 1n])
      await expectTwin({ shiftLimit: limit, shift: limit + beside });
  });

  test('each word decides where the higher ones are equal', async () => {
    const limit = (5n << 64n) | (5n << 32n) | 5n;
    for (const at of [0n, 32n, 64n])
      for (const by of [-1n, 1n])
        await expectTwin({ shiftLimit: limit, shift: limit + (by << at) });
    // a lower word that says the opposite
    await expectTwin({ shiftLimit: limit, shift: (4n << 64n) | (9n << 32n) | 9n });
    await expectTwin({ shiftLimit: limit, shift: (5n << 64n) | (4n << 32n) | 9n });
  });
});

describe('why it stops', () => {
  const endings: [name: string, ending: Partial<Ending>][] = [
    ['not at all', {}],
    ['no label changed', { moved: 0 }],
    ['no label changed, but rows were relocated', { moved: 0, relocated: 2, empty: 2 }],
    ['no label changed and hardly any shift', { moved: 0, shiftLimit: 2000n }],
    ['hardly any shift', { shiftLimit: 2000n }],
    ['a cluster lost its points', { empty: 1, emptyCluster: 'stop' }],
    ['a cluster lost its points, at the end', { moved: 0, empty: 1, emptyCluster: 'stop' }],
    ['a cluster lost its points, which does not matter', { empty: 65_536, emptyCluster: 'keep' }],
    ['it has stopped before', { stopped: true, moved: 0 }],
  ];
  test.each(endings)('%s', (_, ending) => expectTwin(ending));
});

test.each([0, 1, 1022, 1023, 1024, 1025, 5000])('iteration %i goes into the ring', (iteration) =>
  expectTwin({ iteration }),
);

test('the shift as float32: the leading 24 bits, whatever its length', async () => {
  for (let bits = 0n; bits < 90n; bits += 7n)
    for (const shift of [1n << bits, (1n << bits) - 1n, (0xabcdef123456789n << bits) >> 60n])
      await expectTwin({ shift });
});

test('more slices than a workgroup has threads', async () => {
  const { layOnGrid } = await import('../../src/grid.ts');
  const data = Float64Array.from({ length: 5000 }, (_, i) => i % 17);
  const grid = layOnGrid({ data, rows: 5000, columns: 1 });
  for (const moved of [0, 1])
    await expectTwin({ moved }, { grid, k: 3, tuning: { workgroupSize: 32, dispatchWork: 100 } });
});
