/** A terminal for the command that remembers what it was told. */
import type { Terminal } from '../../src/cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  /** What went to the standard output, as text. */
  readonly written: () => string;
  /** The same as bytes. */
  readonly bytes: () => Uint8Array;
  /** What was said on the standard error. */
  readonly said: () => string;
}

export function fakeTerminal(
  input: Uint8Array = new Uint8Array(),
  signal: AbortSignal = new AbortController().signal,
): FakeTerminal {
  const out: Uint8Array[] = [];
  let said = '';
  return {
    async *input() {
      yield input;
    },
    out: (data) => {
      out.push(typeof data === 'string' ? Buffer.from(data) : data);
      return Promise.resolve();
    },
    say: (text) => void (said += text),
    screen: null,
    colors: false,
    columns: 80,
    signal,
    close: () => {},
    written: () => Buffer.concat(out).toString(),
    bytes: () => Buffer.concat(out),
    said: () => said,
  };
}
