/**
 * Files on a server, by range requests: only what is asked for is fetched. Where the server ignores
 * ranges, or does not tell the size, the whole answer is a stream.
 */
import { piecesOf } from '../pieces.ts';
import type { Bytes } from './bytes.ts';
import { damaged } from './damaged.ts';

/** What formats look at first, so that most need no request of their own for it. */
const HEAD = 1 << 16;

export async function openUrl(
  url: string,
  name: string,
  signal?: AbortSignal,
): Promise<Bytes | { name: string; rest: ReadableStream<Uint8Array> }> {
  const first = await asked(url, name, `bytes=0-${HEAD - 1}`, signal);
  if (first.status === 416) {
    await first.body?.cancel();
    if (/^bytes \*\/0$/.test(first.headers.get('content-range') ?? '')) return empty(name);
    return whole(url, name, signal);
  }
  if (first.status !== 206) return { name, rest: body(first, name) };
  const size = Number(/^bytes 0-\d+\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1]);
  // Of another origin the header may be hidden (Access-Control-Expose-Headers).
  if (!Number.isSafeInteger(size)) {
    await first.body?.cancel();
    return whole(url, name, signal);
  }
  const head = new Uint8Array(await first.arrayBuffer());
  const version = versionOf(first);
  return new RangedBytes(url, name, size, head, version);
}

/** A file that answers range requests, as long as it stays the same. */
class RangedBytes implements Bytes {
  constructor(
    private readonly url: string,
    readonly name: string,
    readonly size: number,
    private readonly head: Uint8Array,
    private readonly version: string | null,
  ) {}

  async slice(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array> {
    const end = Math.min(to, this.size);
    if (end <= from) return new Uint8Array(0);
    if (end <= this.head.length) return this.head.subarray(from, end);
    const response = await this.#range(from, end, signal);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length !== end - from)
      damaged(this.name, `answers ${bytes.length} bytes`, `the ${end - from} that were asked for`);
    return bytes;
  }

  async *stream(signal?: AbortSignal, from = 0): AsyncGenerator<Uint8Array, void> {
    if (from >= this.size) return;
    const response = await this.#range(from, this.size, signal);
    yield* piecesOf(body(response, this.name));
  }

  async #range(from: number, to: number, signal?: AbortSignal): Promise<Response> {
    const response = await asked(this.url, this.name, `bytes=${from}-${to - 1}`, signal);
    const changed = this.version !== null && versionOf(response) !== this.version;
    if (response.status === 206 && !changed) return response;
    await response.body?.cancel();
    return damaged(
      this.name,
      changed ? 'has changed on its server' : `answers ${response.status} to a range request`,
      'the file that was opened',
      { remedy: 'Open it again, or download it first.' },
    );
  }
}

function versionOf({ headers }: Response): string | null {
  return headers.get('etag') ?? headers.get('last-modified');
}

async function whole(
  url: string,
  name: string,
  signal?: AbortSignal,
): Promise<{ name: string; rest: ReadableStream<Uint8Array> }> {
  return { name, rest: body(await asked(url, name, undefined, signal), name) };
}

function body(response: Response, name: string): ReadableStream<Uint8Array> {
  return response.body ?? damaged(name, 'answers without a body', 'a file');
}

async function asked(
  url: string,
  name: string,
  range: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const options = {
    ...(range ? { headers: { Range: range } } : {}),
    ...(signal ? { signal } : {}),
  };
  const response = await fetch(url, options).catch((cause: unknown) => {
    signal?.throwIfAborted();
    return damaged(name, 'cannot be fetched', 'a server that answers', {
      remedy: 'Check the address, the network, and whether the server allows this page to read it.',
      cause,
    });
  });
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  return damaged(name, `answers with status ${response.status}`, 'a file', {
    remedy: 'Check the address.',
  });
}

function empty(name: string): Bytes {
  return {
    name,
    size: 0,
    slice: async () => new Uint8Array(0),
    async *stream() {},
  };
}
