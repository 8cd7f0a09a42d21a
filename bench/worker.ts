/**
 * One measurement in a process of its own: the first fit is then truly the first, the peak of memory
 * is this case's, and a driver that crashes takes nothing else with it.
 */
import { engines, type EngineInfo, type EngineName } from '../src/index.ts';
import type { Case } from './cases.ts';
import { measure, type Measurement, type MeasureOptions } from './measure.ts';

export type Job =
  | { kind: 'engines' }
  | {
      kind: 'measure';
      case: Case;
      options: Omit<MeasureOptions, 'engine' | 'peakMemory'> & { engine: EngineName };
    };

export type Answer =
  { kind: 'engines'; engines: EngineInfo[] } | { kind: 'measure'; measurement: Measurement };

process.once('message', (job: Job) => {
  void answer(job).then((reply) => process.send!(reply, () => process.exit(0)));
});

async function answer(job: Job): Promise<Answer> {
  if (job.kind === 'engines') return { kind: 'engines', engines: await engines() };
  const peakMemory = () => process.resourceUsage().maxRSS * 1024;
  return {
    kind: 'measure',
    measurement: await measure(job.case, { ...job.options, peakMemory }),
  };
}
