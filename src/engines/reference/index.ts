/** The reference engine: plain TypeScript on the calling thread, everywhere available. */
import type { Engine, Session, Task } from '../../engine.ts';
import { ReferenceSession } from './session.ts';

export function openReference(): Engine {
  return {
    name: 'reference',
    hardware: false,
    description: 'plain TypeScript, one thread',
    async open(task: Task): Promise<Session> {
      return new ReferenceSession(task, await task.points.values());
    },
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
