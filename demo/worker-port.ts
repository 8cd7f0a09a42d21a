/** What answers the page at the other end of a line (line.ts): in a worker, or on the page itself. */

export type Post<From> = (message: From, transfer?: Transferable[]) => void;

/** Begins to answer; gives back what takes the page's messages. */
export type Session<To, From> = (post: Post<From>) => (message: To) => void;

/** A worker's first word: its code is there. */
export const READY = 'ready';

/** Answers from this worker. */
export function answer<To, From>(open: Session<To, From>): void {
  self.postMessage(READY);
  const receive = open((message, transfer = []) => self.postMessage(message, { transfer }));
  self.onmessage = ({ data }: MessageEvent<To>) => receive(data);
}

/** What an error says to a person. */
export function plainMessage(error: unknown): string {
  if (error instanceof RangeError && /allocation|length/i.test(error.message))
    return 'There is not enough memory for that. Choose fewer points, or a smaller picture.';
  return error instanceof Error && error.message ? error.message : String(error);
}
