/**
 * A bar on a terminal; elsewhere a line every few seconds, so that a log shows that something happens
 * and does not drown.
 */
import { SingleBar } from 'cli-progress';
import type { Progress } from '../options.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two lines. */
const PACE = 5000;

const STEPS = 1000;

export interface ProgressDisplay {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

/** @param quiet shows nothing */
export function progressDisplay(terminal: Terminal, quiet: boolean): ProgressDisplay {
  if (quiet) return { show: () => {}, stop: () => {} };
  return terminal.screen ? bar(terminal.screen) : lines(terminal);
}

function bar(stream: NodeJS.WriteStream): ProgressDisplay {
  const drawn = new SingleBar({
    stream,
    format: '{bar} {percentage}% · {what}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false, // signals are the terminal's
  });
  drawn.start(STEPS, 0, { what: '' });
  return {
    show: (progress) =>
      drawn.update(Math.floor(progress.fraction * STEPS), { what: describe(progress) }),
    stop: () => drawn.stop(),
  };
}

function lines({ say }: Terminal): ProgressDisplay {
  let next = performance.now() + PACE;
  return {
    show: (progress) => {
      if (performance.now() < next) return;
      next = performance.now() + PACE;
      say(`${Math.floor(progress.fraction * 100)}% · ${describe(progress)}\n`);
    },
    stop: () => {},
  };
}

function describe({ phase, iteration, inertia, secondsLeft }: Progress): string {
  return [
    phase,
    ...(iteration > 0 ? [`iteration ${iteration}`, `inertia ${inertia.toPrecision(6)}`] : []),
    ...(secondsLeft >= 0 ? [`at most ${Math.ceil(secondsLeft)} s`] : []),
  ].join(' · ');
}
