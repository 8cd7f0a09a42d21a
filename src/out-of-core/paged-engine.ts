/** An engine that takes points out of core beside others: page by page, through sessions of its own. */
import type { Engine, Session, Task } from '../engine.ts';
import type { Rung } from '../ladder.ts';
import { PagedPoints } from './paged-points.ts';
import { PagedSession } from './paged-session.ts';

/** The same engines, for points out of core. */
export function paged(rungs: readonly Rung[]): Rung[] {
  return rungs.map((rung) => ({ ...rung, open: async () => pagedEngine(await rung.open()) }));
}

function pagedEngine(engine: Engine): Engine {
  return {
    name: engine.name,
    hardware: engine.hardware,
    description: engine.description,
    async open(task: Task): Promise<Session> {
      if (!(task.points instanceof PagedPoints)) return engine.open(task);
      return new PagedSession(engine, task, task.points);
    },
    dispose: () => engine.dispose(),
    [Symbol.asyncDispose]: () => engine.dispose(),
  };
}
