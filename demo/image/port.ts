/**
 * The line to the session: in a worker; where a policy or the browser allows none, on the page, where
 * it does the same but the page is less lively.
 */
import type { FromSession, ToSession } from './messages.ts';

export interface Port {
  send(message: ToSession): void;
}

/** @param onBroken is told when a worker that had worked broke: the port is dead then */
export function openPort(
  listen: (message: FromSession) => void,
  onBroken: (reason: string) => void,
): Port {
  let worker: Worker | null = null;
  let receive: ((message: ToSession) => void) | null = null;
  /** What was sent before the first answer, for a session on the page to begin with. */
  let unanswered: ToSession[] | null = [];

  const onPage = async () => {
    worker?.terminate();
    worker = null;
    try {
      const { openSession } = await import('./session.ts');
      receive = openSession(listen);
    } catch {
      return onBroken('its code did not load');
    }
    for (const message of unanswered ?? []) receive(message);
    unanswered = null;
  };

  try {
    worker = new Worker(new URL('./image-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromSession>) => {
      unanswered = null;
      listen(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (unanswered) return void onPage();
      worker?.terminate();
      onBroken(event.message || 'the browser ended it');
    };
  } catch {
    void onPage();
  }

  return {
    send(message) {
      unanswered?.push(message);
      if (receive) receive(message);
      else worker?.postMessage(message);
    },
  };
}
