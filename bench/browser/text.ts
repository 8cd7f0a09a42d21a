/** A browser's run in words. */
import { digits } from '../report.ts';
import { LONGEST_TASK, type BrowserRun, type Fit } from './measure.ts';

export function browserLines(run: BrowserRun): string[] {
  const { name, browser, fits, idle, longestTask, verdict, stretches } = run;
  const [first] = fits;
  const lines = [
    `${name} in ${browser}, no GPU: ${first.engine} (${first.algorithm}), ${first.iterations} iterations, ` +
      `converged after ${fits.map(({ milliseconds }) => digits(milliseconds)).join(' · ')} ms (the first fit is cold)`,
    `longest task on the main thread: ${longestTask === 0 ? `at most ${LONGEST_TASK}` : digits(longestTask)} ms; ` +
      `goal: never above ${LONGEST_TASK} ms: ${verdict === 'missed' ? '**missed**' : 'reached'}`,
    `longest gap between frames: ${gaps(fits, 'frameGap')} ms (idle page: ${digits(idle.frameGap)}); ` +
      `between timers: ${gaps(fits, 'timerGap')} ms (idle page: ${digits(idle.timerGap)})`,
    `split of the last fit, ms: ${splitText(fits.at(-1)!.split)}`,
  ];
  for (const [i, { longTasks }] of fits.entries())
    if (longTasks.length > 0)
      lines.push(
        `long tasks of fit ${i + 1}: ${longTasks.map((task) => `${digits(task.milliseconds)} ms in ${task.phase}`).join(', ')}`,
      );
  for (const { milliseconds, where } of stretches)
    lines.push(
      `main thread busy for ${digits(milliseconds)} ms: ` +
        where.map((one) => `${one.at} ${digits(one.milliseconds)}`).join(', '),
    );
  return lines;
}

export function splitText(split: Readonly<Record<string, number>>): string {
  return Object.entries(split)
    .map(([phase, milliseconds]) => `${phase} ${digits(milliseconds)}`)
    .join(' · ');
}

const gaps = (fits: readonly Fit[], kind: 'frameGap' | 'timerGap') =>
  digits(Math.max(...fits.map((fit) => fit[kind])));
