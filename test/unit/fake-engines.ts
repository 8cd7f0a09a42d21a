/** Engines that fail on demand: the reference engine behind a door that can be shut. */
import type { Engine, EngineName, Session } from '../../src/engine.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import type { Rung } from '../../src/ladder.ts';

export type Verb = 'open' | 'place' | 'step' | 'assign' | 'assignSecond' | 'read';

export interface FakeEngine extends Engine {
  /** Sessions opened and not disposed. */
  open_: number;
  disposed: number;
  calls: Verb[];
  /** Iterations asked for, one entry a step. */
  steps: number[];
}

/** `fail` is asked before every call and throws where it wants one to fail; `nth` counts from 1. */
export function fakeEngine(
  fail: (verb: Verb, nth: number) => void = () => {},
  {
    name = 'webgpu',
    hardware = true,
    sends = () => true,
  }: {
    name?: EngineName;
    hardware?: boolean;
    /** Whether a restore point comes after this iteration. */
    sends?: (iteration: number) => boolean;
  } = {},
): FakeEngine {
  const reference = openReference();
  const counts: Partial<Record<Verb, number>> = {};
  const call = (verb: Verb) => {
    engine.calls.push(verb);
    fail(verb, (counts[verb] = (counts[verb] ?? 0) + 1));
  };
  const engine: FakeEngine = {
    name,
    hardware,
    description: 'a fake',
    open_: 0,
    disposed: 0,
    calls: [],
    steps: [],
    async open(task) {
      call('open');
      const inner = await reference.open(task);
      engine.open_++;
      let alive = true;
      const only = () => {
        if (!alive) throw new Error('a session was used after its end');
      };
      const session: Session = {
        algorithm: 'lloyd',
        async place(centroids) {
          only();
          call('place');
          return inner.place(centroids);
        },
        async step(iterations) {
          only();
          call('step');
          engine.steps.push(iterations);
          const status = await inner.step(iterations);
          return sends(status.iteration) ? status : { ...status, restorePoint: null };
        },
        async assign() {
          only();
          call('assign');
          return inner.assign();
        },
        async assignSecond(labels) {
          only();
          call('assignSecond');
          return inner.assignSecond(labels);
        },
        async read() {
          only();
          call('read');
          return inner.read();
        },
        async dispose() {
          if (alive) engine.open_--;
          alive = false;
          await inner.dispose();
        },
        [Symbol.asyncDispose]: () => session.dispose(),
      };
      return session;
    },
    async dispose() {
      engine.disposed++;
    },
    [Symbol.asyncDispose]: () => engine.dispose(),
  };
  return engine;
}

export function rungOf(engine: Engine, options: Partial<Rung> = {}): Rung {
  return {
    name: engine.name,
    open: async () => engine,
    owned: true,
    onlyHardware: false,
    why: 'a test',
    ...options,
  };
}
