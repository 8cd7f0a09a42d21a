/** The reference engine with a window: what a run was asked, where it started and what it read. */
import type { Clustering, Engine, Task } from '../../src/engine.ts';
import { openReference } from '../../src/engines/reference/index.ts';

/** From one `place` to the next. */
export interface WatchedRun {
  task: Task;
  start: Float32Array;
  /** The last one read before the next `place`. */
  clustering: Clustering | null;
  /** Second labels, and the labels that they were asked for. */
  second: { labels: Uint32Array; found: Uint32Array } | null;
}

export function watched(): { engine: Engine; runs: WatchedRun[] } {
  const runs: WatchedRun[] = [];
  const reference = openReference();
  const engine: Engine = {
    ...reference,
    async open(task) {
      const session = await reference.open(task);
      return {
        algorithm: session.algorithm,
        place(centroids) {
          runs.push({ task, start: centroids.slice(), clustering: null, second: null });
          return session.place(centroids);
        },
        step: (iterations) => session.step(iterations),
        assign: () => session.assign(),
        async assignSecond(labels) {
          const assignment = await session.assignSecond(labels);
          runs[runs.length - 1].second = { labels, found: assignment.labels };
          return assignment;
        },
        async read() {
          const clustering = await session.read();
          runs[runs.length - 1].clustering = clustering;
          return clustering;
        },
        dispose: () => session.dispose(),
        [Symbol.asyncDispose]: () => session.dispose(),
      };
    },
  };
  return { engine, runs };
}
