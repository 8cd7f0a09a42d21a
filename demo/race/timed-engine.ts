/**
 * An engine that keeps the time of its verbs, and is the same otherwise: what comes before and after them
 * is the host's. So upload, compute and read-back are told apart alike on every engine.
 */
import type { Engine, Session, Task } from '../../src/engine.ts';

/** Milliseconds of one fit. */
export interface Lap {
  upload: number;
  compute: number;
  readBack: number;
}

/** `laps`: one for every fit so far. A GPU may still be taking in what `upload` has handed over. */
export function timedEngine(engine: Engine): { engine: Engine; laps: Lap[] } {
  const laps: Lap[] = [];
  const open = async (task: Task): Promise<Session> => {
    const lap: Lap = { upload: 0, compute: 0, readBack: 0 };
    laps.push(lap);
    const during = async <T>(part: keyof Lap, work: Promise<T>): Promise<T> => {
      const since = performance.now();
      try {
        return await work;
      } finally {
        lap[part] += performance.now() - since;
      }
    };
    const session = await during('upload', engine.open(task));
    return {
      get algorithm() {
        return session.algorithm;
      },
      place: (centroids) => during('upload', session.place(centroids)),
      step: (iterations) => during('compute', session.step(iterations)),
      assign: () => session.assign(),
      assignSecond: (labels) => session.assignSecond(labels),
      read: (without) => during('readBack', session.read(without)),
      dispose: () => session.dispose(),
      [Symbol.asyncDispose]: () => session.dispose(),
    };
  };
  return { engine: { ...engine, open }, laps };
}
