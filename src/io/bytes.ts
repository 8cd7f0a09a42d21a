/**
 * Bytes from anywhere, in one shape: slices of a file and streams of it, whatever it lies in. What comes
 * as a stream can be read once; for formats that jump, and for a second pass, it is kept in a Blob.
 */
import { refuse } from '../errors.ts';
import { joined } from '../matrix.ts';
import { piecesOf } from '../pieces.ts';
import { damaged, judgeMemory } from './damaged.ts';
import { openPath, openStdin } from './path-bytes.ts';
import { openUrl } from './url-bytes.ts';

/**
 * What files are read from: a Blob or File, a URL, bytes, a stream of bytes. A string is a URL, or in Node a
 * path, or `'-'` for standard input.
 */
export type Input =
  | Blob
  | URL
  | string
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export interface Bytes {
  /** How errors call it. */
  readonly name: string;
  /** Undefined where only reading tells. */
  readonly size: number | undefined;
  /** Bytes `from` up to and without `to`; fewer where the file ends before. */
  slice(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** All bytes from `from` on, in pieces. */
  stream(signal?: AbortSignal, from?: number): AsyncIterable<Uint8Array>;
}

/** Larger pieces of what lies in memory would make larger ones of all that is made of them. */
const PIECE = 1 << 20;

/** @throws InvalidInputError for what is none of {@link Input}; InvalidFileError where it cannot be opened */
export async function openBytes(input: Input, name?: string, signal?: AbortSignal): Promise<Bytes> {
  if (typeof input === 'string' || input instanceof URL) return openAddress(input, name, signal);
  if (input instanceof Uint8Array) return bytesIn(input, name ?? 'the bytes');
  if (input instanceof ArrayBuffer) return bytesIn(new Uint8Array(input), name ?? 'the bytes');
  if (input instanceof Blob) return bytesOfBlob(input, name ?? nameOf(input));
  if (typeof input === 'object' && input !== null) {
    if (input instanceof ReadableStream)
      return new OnceBytes(name ?? 'the stream', piecesOf(input));
    if (Symbol.asyncIterator in input) return new OnceBytes(name ?? 'the stream', input);
  }
  return refuse(
    'input',
    input,
    'a Blob, URL, path, Uint8Array, ArrayBuffer or stream of bytes',
    'Pass where the data lies, or its bytes.',
  );
}

async function openAddress(
  address: string | URL,
  name: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const text = String(address);
  if (text === '-') return new OnceBytes(name ?? 'standard input', openStdin());
  const inNode = typeof process === 'object' && 'getBuiltinModule' in process;
  if (/^(https?|blob|data):/i.test(text) || (!inNode && !/^file:/i.test(text))) {
    const url = await openUrl(text, name ?? withoutSecrets(text), signal);
    return 'rest' in url ? new OnceBytes(url.name, piecesOf(url.rest)) : url;
  }
  const file = await openPath(address, name ?? text);
  return 'rest' in file ? new OnceBytes(file.name, file.rest) : file;
}

/** An address as messages may show it: what follows the path, and who asks, are often secrets. */
function withoutSecrets(address: string): string {
  return address
    .replace(/[?#].*$/s, '')
    .replace(/^(\w+:\/\/)[^/]*@/, '$1')
    .slice(0, 200);
}

function nameOf(blob: Blob): string {
  return typeof File === 'function' && blob instanceof File && blob.name ? blob.name : 'the blob';
}

/** Bytes that lie in memory: slices of them are views. */
function bytesIn(bytes: Uint8Array, name: string): Bytes {
  return {
    name,
    size: bytes.length,
    slice: async (from, to) => bytes.subarray(from, Math.min(to, bytes.length)),
    async *stream(signal, from = 0) {
      for (let at = from; at < bytes.length; at += PIECE) {
        signal?.throwIfAborted();
        yield bytes.subarray(at, at + PIECE);
      }
    },
  };
}

function bytesOfBlob(blob: Blob, name: string): Bytes {
  const slice = async (from: number, to: number) =>
    new Uint8Array(await blob.slice(from, to).arrayBuffer());
  return {
    name,
    size: blob.size,
    slice,
    async *stream(signal, from = 0) {
      for (let at = from; at < blob.size; at += PIECE) {
        signal?.throwIfAborted();
        yield await slice(at, at + PIECE);
      }
    },
  };
}

/** The same bytes; `share` says how much of the last stream of them has been read, 0 to 1. */
export function counted(bytes: Bytes): Bytes & { share(): number | undefined } {
  const { name, size } = bytes;
  let read = 0;
  return {
    name,
    size,
    slice: (...range) => bytes.slice(...range),
    async *stream(signal, from = 0) {
      read = from;
      for await (const piece of bytes.stream(signal, from)) {
        read += piece.length;
        yield piece;
      }
    },
    share: () => (size ? read / size : undefined),
  };
}

/** What can be read once, its beginning as often as one likes. */
export class OnceBytes implements Bytes {
  readonly size = undefined;
  readonly #rest: AsyncIterator<Uint8Array, unknown>;
  #head: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #taken = false;

  constructor(
    readonly name: string,
    stream: AsyncIterable<Uint8Array>,
  ) {
    this.#rest = stream[Symbol.asyncIterator]();
  }

  /** Only of the beginning, which is held until the stream is taken. */
  async slice(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array> {
    while (this.#held < to && !this.#ended) {
      signal?.throwIfAborted();
      const { value, done } = await this.#rest.next();
      if (done) this.#ended = true;
      else this.#hold(value);
    }
    return inOne(this.#head).subarray(from, to);
  }

  #hold(piece: unknown): void {
    if (!(piece instanceof Uint8Array))
      refuse(`a piece of ${this.name}`, piece, 'a Uint8Array', 'Pass a stream of bytes, not text.');
    this.#head.push(piece);
    this.#held += piece.length;
  }

  async *stream(signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
    if (this.#taken)
      damaged(this.name, 'is read a second time', 'one pass over a stream', {
        remedy: 'Open it with openSource or openTable, which keep it, or pass a file.',
      });
    this.#taken = true;
    try {
      for (const piece of this.#head.splice(0)) yield piece;
      while (!this.#ended) {
        signal?.throwIfAborted();
        const { value, done } = await this.#rest.next();
        if (done) return;
        this.#hold(value);
        this.#head = [];
        yield value;
      }
    } finally {
      await this.#rest.return?.();
    }
  }

  /** All of it, kept: in a browser a Blob, which may lie on disk. @throws OutOfMemoryError */
  async kept(maxMemory: number, signal?: AbortSignal): Promise<Bytes> {
    const parts: BlobPart[] = [];
    let size = 0;
    for await (const piece of this.stream(signal)) {
      size += piece.length;
      judgeMemory(this.name, 'a stream that is kept', size, maxMemory, 'save it to a file first');
      parts.push(new Blob([piece.slice()]));
    }
    return bytesOfBlob(new Blob(parts), this.name);
  }
}

/** One piece is not copied. */
export function inOne(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0] : joined(Uint8Array, parts);
}

/** Takes stretches of any length off a stream. */
export class Taker {
  readonly #pieces: AsyncIterator<Uint8Array, unknown>;
  #piece: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** `length` bytes, fewer only at the end. Holds no more than the stream has given. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0;) {
      if (this.#piece.length === 0 && !(await this.#next())) break;
      const part = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(part.length);
      parts.push(part);
      left -= part.length;
    }
    return inOne(parts);
  }

  async #next(): Promise<boolean> {
    while (!this.#ended && this.#piece.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) this.#ended = true;
      else this.#piece = value;
    }
    return !this.#ended;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
