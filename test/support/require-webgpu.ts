/**
 * Before every test file in the browser: WebGPU is required there. Without an adapter the run fails,
 * rather than pass with nothing tested.
 */
import { beforeAll } from 'vitest';

beforeAll(async () => {
  if (!crossOriginIsolated) throw new Error('The test page is not cross-origin isolated.');
  if (!('gpu' in navigator)) throw new Error('This browser has no WebGPU.');
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('WebGPU is there, but requestAdapter() gives no adapter.');
});
