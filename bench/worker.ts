/**
 * One measurement in a process of its own: the first fit is then truly the first, the peak of memory
 * is this case's, and a driver that crashes takes nothing else with it.
 */
import {
  EngineUnavailableError,
  openEngine,
  type EngineInfo,
  type EngineName,
} from '../src/index.ts';
import type { Case } from './cases.ts';
import { measure, type Measurement, type MeasureOptions } from './measure.ts';

export type Job =
  | { kind: 'look'; engine: EngineName }
  | {
      kind: 'measure';
      case: Case;
      options: Omit<MeasureOptions, 'engine' | 'peakMemory'> & { engine: EngineName };
    };

export type Answer =
  { kind: 'look'; info: EngineInfo } | { kind: 'measure'; measurement: Measurement };

process.once('message', (job: Job) => {
  void answer(job).then((reply) => process.send!(reply, () => process.exit(0)));
});

async function answer(job: Job): Promise<Answer> {
  if (job.kind === 'look') return { kind: 'look', info: await look(job.engine) };
  const peakMemory = () => process.resourceUsage().maxRSS * 1024;
  return {
    kind: 'measure',
    measurement: await measure(job.case, { ...job.options, peakMemory }),
  };
}

/** What `engines()` says of one engine, without opening the others. */
async function look(name: EngineName): Promise<EngineInfo> {
  try {
    const engine = await openEngine(name);
    const { hardware, description } = engine;
    await engine.dispose();
    return { name, available: true, hardware, reason: '', description };
  } catch (error) {
    const reason =
      error instanceof EngineUnavailableError ? error.reason : (error as Error).message;
    return { name, available: false, hardware: false, reason, description: '' };
  }
}
