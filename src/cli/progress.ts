/**
 * A bar on a terminal; elsewhere a line every few seconds, so that a log shows that something happens
 * and does not drown.
 */
import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two lines. */
const PACE = 5000;

const STEPS = 1000;

/** How far a verb is. */
export interface Step {
  /** 0 to 1. */
  readonly fraction: number;
  /** What it is doing. */
  readonly text: string;
}

export interface ProgressDisplay {
  readonly show: (step: Step) => void;
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
    show: ({ fraction, text }) => drawn.update(Math.floor(fraction * STEPS), { what: text }),
    stop: () => drawn.stop(),
  };
}

function lines({ say }: Terminal): ProgressDisplay {
  let next = performance.now() + PACE;
  return {
    show: ({ fraction, text }) => {
      if (performance.now() < next) return;
      next = performance.now() + PACE;
      say(`${Math.floor(fraction * 100)}% · ${text}\n`);
    },
    stop: () => {},
  };
}
