/** A worker's end of the line, typed. */

/** Sends a message to the page; `transfer` moves arrays instead of copying them. */
export function poster<Message>(): (message: Message, transfer?: Transferable[]) => void {
  return (message, transfer = []) => self.postMessage(message, { transfer });
}

/** What an error says to a person. */
export function plainMessage(error: unknown): string {
  if (error instanceof RangeError && /allocation|length/i.test(error.message))
    return 'There is not enough memory for that. Choose fewer points, or a smaller picture.';
  return error instanceof Error && error.message ? error.message : String(error);
}
