/** Node's workers, watched: which were started, what they were told; and made to fail on demand. */
import { once } from 'node:events';
import type { Worker, WorkerOptions } from 'node:worker_threads';

// The same object that the pool asks for, not the frozen copy that an import would give.
const threads = process.getBuiltinModule('node:worker_threads') as { Worker: typeof Worker };
const Original = threads.Worker;

export interface Message {
  lane: number;
  module?: unknown;
  steps?: unknown[];
}

export interface Watch {
  readonly started: Worker[];
  readonly messages: Message[];
  /** Those still running. */
  alive(): Worker[];
  /** Resolves once all that were started have ended. */
  ended(): Promise<unknown>;
  stop(): void;
}

export interface WatchOptions {
  /** Called with every message, counted from 1; 'die': its worker ends without having seen it. */
  onMessage?: (nth: number, watch: Watch, message: Message, to: Worker) => 'die' | void;
  /** Instead of the script that was asked for; may throw, as where workers are forbidden. */
  script?: (asked: string | URL) => string | URL;
}

/** Who watches at the moment: workers that were started for one may be told things for the next. */
let current: { watch: Watch; options: WatchOptions; gone: Set<Worker> } | null = null;
const exits = new Map<Worker, Promise<unknown>>();

class Watched extends Original {
  constructor(asked: string | URL, options?: WorkerOptions) {
    super(current?.options.script?.(asked) ?? asked, options);
    current?.watch.started.push(this);
    // a script that is not there: an error first
    exits.set(
      this,
      once(this, 'exit')
        .catch(() => {})
        .then(() => current?.gone.add(this)),
    );
  }
  override postMessage(message: Message, transfer?: never): void {
    current?.watch.messages.push(message);
    const { watch, options } = current ?? {};
    if (watch && options?.onMessage?.(watch.messages.length, watch, message, this) === 'die')
      void this.terminate();
    else super.postMessage(message, transfer);
  }
}
threads.Worker = Watched;

/** From now on, until `stop` or the next one. */
export function watchWorkers(options: WatchOptions = {}): Watch {
  const gone = new Set<Worker>();
  const watch: Watch = {
    started: [],
    messages: [],
    alive: () => watch.started.filter((worker) => !gone.has(worker)),
    ended: () => Promise.all(watch.started.map((worker) => exits.get(worker)!)),
    stop: () => {
      current = null;
    },
  };
  current = { watch, options, gone };
  return watch;
}
