/**
 * A lane: an instance of the kernels with a memory of its own, on this thread or in a worker. It is
 * told what to do in steps, and does not know what for.
 */
import { OutOfMemoryError } from '../errors.ts';

export type Step =
  | { readonly call: string; readonly args: readonly number[] }
  | { readonly write: number; readonly bytes: ArrayBufferView; readonly give?: boolean }
  | { readonly read: number; readonly length: number; readonly into?: ArrayBuffer | undefined };

export const call = (name: string, ...args: number[]): Step => ({ call: name, args });
export const write = (address: number, bytes: ArrayBufferView): Step => ({ write: address, bytes });
/**
 * Hands a buffer over, which is the result: whoever sends many pieces fills the same one again, and
 * leaves no garbage of the points' size behind.
 */
export const give = (address: number, bytes: ArrayBufferView): Step => ({
  write: address,
  bytes,
  give: true,
});
/** The bytes, in a buffer that is handed over for them if there is one, at its front. */
export const read = (address: number, length: number, into?: ArrayBuffer): Step => ({
  read: address,
  length,
  into,
});

/** A number for a call, the bytes for a read, the buffer for what was given. */
export type StepResult = number | ArrayBuffer;

export interface Lane {
  /** On this thread: bytes are only read where they stand, and need no copy to be handed over. */
  readonly near: boolean;
  /** Runs the steps in order. Calls do not overlap. */
  run(steps: readonly Step[]): Promise<StepResult[]>;
  /** Frees the lane's memory. */
  close(): void;
}

/** Instances that are done, kept for the next problem where their memory is small. */
const idle: { module: WebAssembly.Module; instance: WebAssembly.Instance }[] = [];
const MOST_IDLE = 4;
const IDLE_BYTES = 2 ** 22;

/**
 * A lane on the calling thread. `pause` is offered between calls, so that a page stays alive.
 * @internal not every program knows WebAssembly's types
 */
export async function inlineLane(
  module: WebAssembly.Module,
  pause: () => Promise<void> | undefined,
): Promise<Lane> {
  const place = idle.findIndex((one) => one.module === module);
  const instance = place >= 0 ? idle.splice(place, 1)[0].instance : await instantiate(module);
  const { exports } = instance;
  let state: 'open' | 'failed' | 'closed' = 'open';
  const memory = exports['memory'] as WebAssembly.Memory;
  const one = (step: Step): StepResult => {
    if ('call' in step)
      return (exports[step.call] as (...args: number[]) => number | undefined)(...step.args) ?? 0;
    if ('read' in step) {
      const { read, length, into = new ArrayBuffer(length) } = step;
      new Uint8Array(into).set(new Uint8Array(memory.buffer, read, length));
      return into;
    }
    const { buffer, byteOffset, byteLength } = step.bytes;
    new Uint8Array(memory.buffer, step.write, byteLength).set(
      new Uint8Array(buffer, byteOffset, byteLength),
    );
    return step.give ? (buffer as ArrayBuffer) : 0;
  };
  return {
    near: true,
    async run(steps) {
      const results: StepResult[] = [];
      for (const step of steps) {
        try {
          results.push(one(step));
        } catch (error) {
          state = 'failed';
          throw outOfMemory(isMemory(error), error);
        }
        const waiting = pause();
        if (waiting) await waiting;
        // given up in the meantime: the instance may be another's by now
        if (state === 'closed') throw new Error('the lane is closed');
      }
      return results;
    },
    close() {
      const reusable = state === 'open' && memory.buffer.byteLength <= IDLE_BYTES;
      state = 'closed';
      if (!reusable || idle.length >= MOST_IDLE) return;
      (exports['dropTree'] as () => void)();
      (exports['clear'] as () => void)();
      idle.push({ module, instance });
    },
  };
}

/** At once where that is allowed: waiting for another thread takes longer than a small problem. */
function instantiate(
  module: WebAssembly.Module,
): WebAssembly.Instance | Promise<WebAssembly.Instance> {
  const imports = {
    env: {
      abort: () => {
        throw new RangeError('abort');
      },
    },
  };
  try {
    return new WebAssembly.Instance(module, imports);
  } catch {
    // some browsers refuse on a page's main thread
    return WebAssembly.instantiate(module, imports);
  }
}

/** An unreachable instruction is how the kernels say that memory is at its end. */
function isMemory(error: unknown): boolean {
  return (
    error instanceof RangeError ||
    (error instanceof WebAssembly.RuntimeError && /unreachable/i.test(error.message))
  );
}

/** What a lane failed with, as the library says it. */
export function outOfMemory(isMemory: boolean, error: unknown): unknown {
  if (!isMemory) return error;
  return new OutOfMemoryError(
    `the points do not fit in WebAssembly memory (${String(error)}). Pass fewer points, or more threads: each has 4 GiB.`,
    { cause: error },
  );
}
