/** Measures one contestant at one size, in a worker or, where there can be none, on the page. */
import { engines } from '../../src/index.ts';
import { plainMessage, type Post } from '../worker-port.ts';
import { CONTESTANTS } from './contestants.ts';
import { runEngine } from './engine-run.ts';
import { runLibrary, type Meet } from './library-run.ts';
import type { FromRaceWorker, RaceMeasurement, ToRaceWorker } from './messages.ts';

async function measured(
  { id, case: given, options }: ToRaceWorker & { type: 'measure' },
  signal: AbortSignal,
): Promise<RaceMeasurement> {
  const contestant = CONTESTANTS.find((each) => each.id === id)!;
  if (contestant.kind === 'engine') return runEngine(contestant, given, options, signal);
  const { library } = contestant;
  let meet: Meet;
  try {
    meet =
      library === 'ml-kmeans'
        ? (await import('./ml-kmeans.ts')).meetMlKmeans
        : await (await import('./gpu-js.ts')).openGpuJs(library);
  } catch (error) {
    const reason =
      error instanceof EvalError
        ? 'it builds functions of text, which the Content-Security-Policy here forbids'
        : plainMessage(error);
    return { outcome: 'unavailable', reason };
  }
  return runLibrary(meet, given, options, signal);
}

export function openSession(post: Post<FromRaceWorker>): (message: ToRaceWorker) => Promise<void> {
  const ended = new AbortController();
  return async (message) => {
    if (message.type === 'stop') return ended.abort();
    if (message.type === 'look')
      return post({
        type: 'engines',
        engines: await engines(['webgpu', 'wasm', 'reference']).catch(() => []),
      });
    const measurement = await measured(message, ended.signal).catch(
      (error: unknown): RaceMeasurement => ({
        outcome: 'failed',
        reason: plainMessage(error),
      }),
    );
    post({ type: 'measured', measurement });
  };
}
