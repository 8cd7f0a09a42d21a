/**
 * A device that computes wrongly is not used: the probe is told to make the mistakes of known drivers, and
 * each time the engine is unavailable, with what was wrong; `auto` takes a CPU engine.
 */
import { describe, expect, test } from 'vitest';
import { EngineUnavailableError, explain, openEngine, uniformBoard } from '../../src/index.ts';
import { link } from '../../src/engines/webgpu/kernels.ts';
import { FaultyDevice } from '../support/faulty-device.ts';
import { outcome, run, undisturbed } from './problem.ts';

const mistakes: [name: string, from: string, to: string, reason: RegExp][] = [
  [
    'workgroup atomics that lose counts', // Mali
    'atomicAdd(&counted, 1u);',
    'if (lane % 16u == 0u) { atomicAdd(&counted, 1u); }',
    /its atomics count 16 of 256 threads/,
  ],
  [
    'a carry that is dropped',
    'atomicAdd(&own[1], x.y + u32(old + x.x < old));',
    'atomicAdd(&own[1], x.y);',
    /carries of 64-bit sums/,
  ],
  [
    'a workgroup that does not come to the global sums',
    'if (lane == 0u) {',
    'if (lane == 0u && group.x != 3u) {',
    /its atomics count 192 of 256 threads/,
  ],
  [
    'whole numbers of 24 bits',
    'multiply(u32(abs(p)), MULTIPLIER)',
    'vec2<u32>(u32(f32(u32(abs(p)) & 0xffffffu)) * MULTIPLIER, 0u)',
    /whole products/,
  ],
  [
    'ties that go to the last',
    'if (distance < best) {',
    'if (distance <= best) {',
    /a nearest centroid is 5 instead of 2/,
  ],
  [
    'arithmetic in half floats',
    'let difference = bitcast',
    'let difference = quantizeToF16(1.001f) * bitcast',
    /a float32 distance is|a nearest centroid is/,
  ],
  [
    'a tile that another thread has not written',
    'if (lane < CENTROIDS) {',
    'if (lane < CENTROIDS && lane != 3u) {',
    /a float32 distance is [.0-9]+ instead of 0/,
  ],
  [
    'distances that are no numbers',
    'var distance = 0.0f;',
    'var distance = 3e38f;',
    /a float32 distance is/,
  ],
];

/** Its probe is another. */
async function mistaken(from: string, to: string): Promise<FaultyDevice> {
  const faulty = await FaultyDevice.open();
  faulty.onCall = ({ call, parameters }) => {
    const { label, code } = (parameters[0] ?? {}) as GPUShaderModuleDescriptor;
    if (call === 'createShaderModule' && label === 'probe')
      parameters[0] = { label, code: code.replace(from, to) };
  };
  return faulty;
}

describe.each(mistakes)('%s', (_, from, to, reason) => {
  test('is found out', async () => {
    expect((await link('probe')).split(from)).toHaveLength(2);
    const faulty = await mistaken(from, to);
    const { device } = faulty;
    const refused = openEngine('webgpu', { device });
    await expect(refused).rejects.toThrow(EngineUnavailableError);
    await expect(refused).rejects.toThrow(/computes wrongly/);
    await expect(refused).rejects.toThrow(reason);
    expect(faulty.live.size).toBe(0);
    const told = await explain(uniformBoard(10), 2, { device });
    expect(told.engine).not.toBe('webgpu');
    expect(told.passedOver).toEqual([
      { engine: 'webgpu', reason: expect.stringMatching(reason) as string },
    ]);
    const result = await run({ device });
    expect(outcome(result)).toEqual(outcome(undisturbed));
    expect(result.engine).not.toBe('webgpu');
    expect(faulty.destroyed).toBe(false);
    device.destroy();
  });
});

test('a device is asked once', async () => {
  const { device, calls } = await FaultyDevice.open();
  await using first = await openEngine('webgpu', { device });
  const asked = calls.length;
  expect(asked).toBeGreaterThan(0);
  await using second = await openEngine('webgpu', { device });
  expect(calls.length).toBe(asked);
  expect(second.name).toBe(first.name);
  device.destroy();
});
