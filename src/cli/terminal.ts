/**
 * What a verb has of the world: where it reads, writes and speaks, and whether somebody pressed Ctrl-C.
 * Results go to `out`, everything said beside them to `say`: a pipe carries results only.
 */
import { EXIT, Interrupted } from './exit.ts';

export interface Terminal {
  /** The standard input, to be read once. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /** Standard output. */
  readonly out: (data: string | Uint8Array) => Promise<void>;
  /** Standard error: messages and progress. */
  readonly say: (text: string) => void;
  /** Where a progress bar can be drawn; null where the output is no terminal. */
  readonly screen: NodeJS.WriteStream | null;
  /** Whether standard output shows colours of 24 bits. */
  readonly colors: boolean;
  /** Characters of a line of help. */
  readonly columns: number;
  /** Aborted with {@link Interrupted}. */
  readonly signal: AbortSignal;
  /** Lets go of the process's signals. */
  readonly close: () => void;
}

/** Of this process. A second Ctrl-C ends it at once, as without us. */
export function processTerminal(): Terminal {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Interrupted());
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // Whoever reads our output may stop early (`| head`): that is no failure of ours.
  // Other errors reach whoever wrote.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
  });
  return {
    input: () => process.stdin,
    out: (data) =>
      new Promise((resolve, reject) =>
        process.stdout.write(data, (error) => (error ? reject(error) : resolve())),
      ),
    say: (text) => void process.stderr.write(text),
    screen: process.stderr.isTTY ? process.stderr : null,
    colors: process.stdout.isTTY && process.stdout.getColorDepth() === 24,
    columns: Math.min(100, process.stdout.columns ?? 80),
    signal: interruption.signal,
    close: () => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt),
  };
}
