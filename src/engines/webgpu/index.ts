import type { Engine } from '../../engine.ts';
import { EngineUnavailableError } from '../../errors.ts';
export function openWebGpu(_: unknown): Promise<Engine> {
  return Promise.reject(new EngineUnavailableError('webgpu', 'being built'));
}
