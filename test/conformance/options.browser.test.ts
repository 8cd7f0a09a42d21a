/** What docs/options.md says of the webgpu engine is so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEngine, type Engine } from '../../src/index.ts';
import { optionRows } from '../../tools/options-table.ts';
import { complaintsOf } from '../support/option-rows.ts';
import { openDevice } from '../support/workbench.ts';

let device: GPUDevice;
let engine: Engine;
beforeAll(async () => {
  device = await openDevice();
  engine = await openEngine('webgpu', { device });
});
afterAll(async () => {
  await engine.dispose();
  device.destroy();
});

test('webgpu has what the table says', async () => {
  const complaints = [];
  for (const row of optionRows())
    if (row.option !== 'engine' || row.value === 'webgpu')
      complaints.push(...(await complaintsOf(row, engine, device)));
  expect(complaints).toEqual([]);
});
