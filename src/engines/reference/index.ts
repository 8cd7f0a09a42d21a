/** The reference engine: plain TypeScript on the calling thread, everywhere available. */
import { breather } from '../../breathe.ts';
import type { Engine, Session, Task } from '../../engine.ts';
import { LloydSession } from '../../lloyd-session.ts';
import { accumulate, assign, manhattan } from './lloyd.ts';

export function openReference(): Engine {
  return {
    name: 'reference',
    hardware: false,
    description: 'plain TypeScript, one thread',
    async open(task: Task): Promise<Session> {
      const grid = { ...task.points.grid, values: await task.points.values() };
      const pause = breather(task.signal);
      const nearest = task.distance === 'manhattan' ? manhattan : assign;
      return new LloydSession(task, grid, {
        assign: (centroids, labels, second) => nearest(grid, centroids, labels, pause, second),
        accumulate: (labels, k) => accumulate(grid, labels, k, pause),
        dispose: () => {},
      });
    },
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
