/** The reference engine: plain TypeScript on the calling thread, everywhere available. */
import type { Engine, Session, Task } from '../../engine.ts';
import { ReferenceSession } from './session.ts';

export function openReference(): Engine {
  return {
    name: 'reference',
    hardware: false,
    description: 'plain TypeScript, one thread',
    open: async (task: Task): Promise<Session> => new ReferenceSession(task),
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
