/**
 * The page's line to what works for it: in a worker; where a policy or the browser allows none, on the
 * page, where it does the same but the page is less lively. Messages are cloned and transferred alike.
 */
import { READY, type Session } from './worker-port.ts';

export interface Line<To> {
  send(message: To, transfer?: Transferable[]): void;
  /** Ends the worker; what is under way on the page cannot be ended, and its answer is for nobody. */
  close(): void;
}

export interface Ends<To, From> {
  worker(): Worker;
  /** The same for the page, loaded where it is needed. */
  load(): Promise<Session<To, From>>;
  listen(message: From): void;
  /** No worker can be had, and the page itself begins. */
  onPage?(): void;
  /** A worker that had worked broke, or nothing loaded: the line is dead. */
  onBroken(reason: string): void;
}

export function openLine<To, From>(ends: Ends<To, From>): Line<To> {
  let worker: Worker | null = null;
  let end: Worker | MessagePort | null = null;
  /** What was said before anybody was there: what is transferred to a worker that fails is lost. */
  const held: [message: To, transfer: Transferable[]][] = [];
  let isClosed = false;

  const connect = (to: Worker | MessagePort) => {
    end = to;
    for (const [message, transfer] of held.splice(0)) to.postMessage(message, transfer);
  };

  const moveToPage = async () => {
    worker?.terminate();
    worker = null;
    try {
      const open = await ends.load();
      if (isClosed) return;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: MessageEvent<From>) => ends.listen(data);
      const receive = open((message, transfer = []) => port2.postMessage(message, transfer));
      port2.onmessage = ({ data }: MessageEvent<To>) => receive(data);
      ends.onPage?.();
      connect(port1);
    } catch {
      ends.onBroken('its code did not load');
    }
  };

  try {
    worker = ends.worker();
    worker.onmessage = ({ data }: MessageEvent<From | typeof READY>) => {
      if (data === READY) connect(worker!);
      else ends.listen(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (!end) return void moveToPage();
      worker?.terminate();
      ends.onBroken(event.message || 'the browser ended it');
    };
  } catch {
    void moveToPage();
  }

  return {
    send(message, transfer = []) {
      if (end) end.postMessage(message, transfer);
      else held.push([message, transfer]);
    },
    close() {
      isClosed = true;
      worker?.terminate();
    },
  };
}
