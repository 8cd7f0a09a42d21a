/**
 * Worker threads, in browsers and in Node alike: started when they are first needed, kept for the
 * next call, given up a while after the last one. An idle worker never keeps a Node process alive.
 */
import { EngineUnavailableError, OutOfMemoryError } from '../errors.ts';
import { outOfMemory, type Lane, type Step, type StepResult } from './lane.ts';
import source from './worker.js?raw';

/** How long workers outlive the last engine that used them, ms. */
const LINGER_MS = 10_000;

interface Reply {
  id: number;
  results?: StepResult[];
  error?: string;
  memory?: boolean;
}

/** What browsers' and Node's workers have in common. */
interface Port {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Whether the process should wait for this worker. */
  hold(busy: boolean): void;
  terminate(): void;
}

let nextMessage = 1;

class PooledWorker {
  readonly #way: number;
  readonly #port: Port;
  readonly #waiting = new Map<
    number,
    { resolve(reply: Reply): void; reject(error: unknown): void }
  >();
  #failure: Error | null = null;

  constructor(way: number) {
    this.#way = way;
    this.#port = WAYS[way](
      (reply) => this.#settle(reply),
      (error) => this.#fail(error),
    );
    this.#port.hold(false);
  }

  ask(
    message: { lane: number; module?: WebAssembly.Module; steps?: readonly Step[] },
    transfer: ArrayBuffer[] = [],
  ): Promise<Reply> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = nextMessage++;
    return new Promise((resolve, reject) => {
      this.#port.post({ id, ...message }, transfer);
      if (this.#waiting.size === 0) this.#port.hold(true);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #settle(reply: Reply): void {
    proven.add(this.#way);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#port.hold(false);
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(outOfMemory(reply.memory === true, new Error(reply.error)));
  }

  /** One that failed stays failed: it leaves the pool, and the next call starts another. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = new EngineUnavailableError('wasm', `a worker failed (${error.message})`, {
      cause: error,
    });
    const place = workers.indexOf(this);
    if (place >= 0) workers.splice(place, 1);
    this.#port.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  terminate(): void {
    this.#fail(new Error('terminated'));
  }
}

type StartWorker = (onReply: (reply: Reply) => void, onError: (error: Error) => void) => Port;

/**
 * Ways to start a worker, in order: from its file, as a strict Content-Security-Policy wants it; from
 * its text, where a bundler has left the file behind. Where neither works there are no workers.
 */
const WAYS: readonly StartWorker[] =
  typeof Worker === 'function'
    ? [
        (onReply, onError) =>
          browserWorker(
            new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
            onReply,
            onError,
          ),
        (onReply, onError) => {
          const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
          try {
            return browserWorker(new Worker(url, { type: 'module' }), onReply, onError);
          } finally {
            // not before the worker had its chance to load
            setTimeout(() => URL.revokeObjectURL(url), 10_000);
          }
        },
      ]
    : [
        (onReply, onError) =>
          nodeWorker(new URL('./worker.js', import.meta.url), false, onReply, onError),
        (onReply, onError) => nodeWorker(source, true, onReply, onError),
      ];

function browserWorker(
  worker: Worker,
  onReply: (reply: Reply) => void,
  onError: (error: Error) => void,
): Port {
  worker.onmessage = ({ data }: MessageEvent<Reply>) => onReply(data);
  worker.onerror = (event) => {
    event.preventDefault(); // it is dealt with here
    onError(new Error(event.message || 'its script could not be loaded'));
  };
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: () => {},
    terminate: () => worker.terminate(),
  };
}

function nodeWorker(
  script: URL | string,
  evaluated: boolean,
  onReply: (reply: Reply) => void,
  onError: (error: Error) => void,
): Port {
  const { Worker: Thread } = node('node:worker_threads');
  const worker = new Thread(script, { eval: evaluated });
  worker.on('message', onReply);
  worker.on('error', onError);
  worker.on('exit', (code) => onError(new Error(`it ended with code ${code}`)));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

/** A module of Node's own, without an import that a bundler for browsers would stumble over. */
function node<Name extends 'node:worker_threads' | 'node:os'>(name: Name) {
  return process.getBuiltinModule(name);
}

/** The way that works here; it only ever moves on. */
let way = 0;
/** Ways by which a worker has ever answered. */
const proven = new Set<number>();
const workers: PooledWorker[] = [];
let users = 0;
let linger: ReturnType<typeof setTimeout> | undefined;
let nextLane = 1;

/** Uses the pool until the returned function is called; `now` does not wait for a next user. */
export function enterPool(): (now?: boolean) => void {
  users++;
  clearTimeout(linger);
  let left = false;
  return (now = false) => {
    if (left) return;
    left = true;
    users--;
    if (users > 0) return;
    if (now) return emptyPool();
    linger = setTimeout(emptyPool, LINGER_MS);
    (linger as { unref?: () => void }).unref?.();
  };
}

function emptyPool(): void {
  for (const worker of workers.splice(0)) worker.terminate();
}

/**
 * Opens a lane in each of so many workers from number `first` on, or in as many as can be had; null where
 * none can.
 */
export async function workerLanes(
  module: WebAssembly.Module,
  count: number,
  first = 0,
): Promise<Lane[] | null> {
  let again = false;
  while (way < WAYS.length) {
    const tried = way;
    try {
      while (workers.length < first + count) workers.push(new PooledWorker(tried));
    } catch {
      // forbidden, or too many: those that are there have to do
    }
    const opened = await Promise.allSettled(
      workers.slice(first, first + count).map((worker) => openLane(worker, module)),
    );
    const lanes = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const short = opened.find(
      (one) => one.status === 'rejected' && one.reason instanceof OutOfMemoryError,
    ) as PromiseRejectedResult | undefined;
    if (short) {
      for (const lane of lanes) lane.close();
      throw short.reason;
    }
    if (lanes.length > 0) return lanes;
    if (!proven.has(tried)) {
      if (way === tried) way++;
    } else if (again) return null;
    else again = true; // all have died since: new ones may live
  }
  return null;
}

/** Whether it has turned out that there can be no workers here. */
export function workersBlocked(): boolean {
  return way === WAYS.length;
}

/** Starts a worker, where none has ever answered, so that {@link workersBlocked} knows. */
export async function tryWorkers(module: WebAssembly.Module): Promise<void> {
  if (proven.size > 0) return;
  for (const lane of (await workerLanes(module, 1)) ?? []) lane.close();
}

async function openLane(worker: PooledWorker, module: WebAssembly.Module): Promise<Lane> {
  const lane = nextLane++;
  await worker.ask({ lane, module });
  let closed = false;
  return {
    near: false,
    async run(steps) {
      // whoever was in the middle of something when the run was given up ends here
      if (closed) throw new Error('the lane is closed');
      return (await worker.ask({ lane, steps }, given(steps))).results!;
    },
    close() {
      closed = true;
      worker.ask({ lane }).catch(() => {});
    },
  };
}

/** Buffers that are handed over instead of being copied. */
function given(steps: readonly Step[]): ArrayBuffer[] {
  return steps.flatMap((step) => {
    if ('write' in step && step.give) return [step.bytes.buffer as ArrayBuffer];
    return 'read' in step && step.into ? [step.into] : [];
  });
}

/** Threads that this machine runs side by side. */
export function hardwareThreads(): number {
  if (typeof navigator !== 'undefined') return navigator.hardwareConcurrency;
  return node('node:os').availableParallelism();
}
