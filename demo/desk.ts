/**
 * Questions to a worker and their answers, over a channel beside what it does of its own accord: so
 * that what a page asks now and then (open this file, which point is here) needs no part in its main
 * messages. Where the worker ends, whoever still waits is told.
 */
import { plainMessage } from './worker-port.ts';

/** What a service knows of the call beside the question. */
export interface Call {
  /** Aborted when the page no longer wants the answer. */
  readonly signal: AbortSignal;
  /** How far it is, 0 to 1. */
  progress(share: number): void;
}

export type Services = Record<string, (question: never, call: Call) => unknown>;

interface AskOptions {
  signal?: AbortSignal;
  onProgress?: (share: number) => void;
}

type ToServices = { ask: number; name: string; question: unknown } | { cancel: number };

type FromServices =
  | { ask: number; share: number }
  | { ask: number; answer: unknown }
  | { ask: number; refusal: string };

/** The page's end. */
export class Desk<S extends Services> {
  /** The other end of the channel, to be sent to the worker. */
  readonly port: MessagePort;
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (message: FromServices) => void>();
  #asked = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    [this.#port, this.port] = [port1, port2];
    port1.onmessage = ({ data }: MessageEvent<FromServices>) => this.#waiting.get(data.ask)?.(data);
  }

  /** @throws Error with what the service says; the signal's reason where that is aborted */
  ask<N extends keyof S & string>(
    name: N,
    question: Parameters<S[N]>[0],
    { signal, onProgress }: AskOptions = {},
  ): Promise<Awaited<ReturnType<S[N]>>> {
    const ask = ++this.#asked;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const end = (act: () => void) => {
        this.#waiting.delete(ask);
        signal?.removeEventListener('abort', cancel);
        act();
      };
      const cancel = () => {
        this.#send({ cancel: ask });
        end(() => reject(signal!.reason as Error));
      };
      this.#waiting.set(ask, (message) => {
        if ('share' in message) onProgress?.(message.share);
        else if ('refusal' in message) end(() => reject(new Error(message.refusal)));
        else end(() => resolve(message.answer as Awaited<ReturnType<S[N]>>));
      });
      signal?.addEventListener('abort', cancel);
      this.#send({ ask, name, question });
    });
  }

  /** The worker is gone. */
  close(): void {
    for (const [ask, settle] of [...this.#waiting])
      settle({ ask, refusal: 'The worker stopped. Try again, with less at once.' });
    this.#port.close();
  }

  #send(message: ToServices): void {
    this.#port.postMessage(message);
  }
}

/** The worker's end. */
export function serve(port: MessagePort, services: Services): void {
  const aborts = new Map<number, AbortController>();
  const reply = (message: FromServices) => port.postMessage(message);
  const attend = async (ask: number, name: string, question: unknown) => {
    const abort = new AbortController();
    aborts.set(ask, abort);
    try {
      const answer = await services[name](question as never, {
        signal: abort.signal,
        progress: (share) => reply({ ask, share }),
      });
      reply({ ask, answer });
    } catch (error) {
      reply({ ask, refusal: plainMessage(error) });
    }
    aborts.delete(ask);
  };
  port.onmessage = ({ data }: MessageEvent<ToServices>) => {
    if ('cancel' in data) aborts.get(data.cancel)?.abort();
    else void attend(data.ask, data.name, data.question);
  };
}
