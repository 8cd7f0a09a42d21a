/**
 * The members of a ZIP archive (PKWARE's APPNOTE, with ZIP64), as NPZ needs them: stored or deflated,
 * found by the directory at the end. Inflated as a stream, which ends where the directory says, so that
 * nobody holds what a lying one inflates to.
 */
import { inOne, type Bytes } from './bytes.ts';
import { damaged, unsupported } from './damaged.ts';

export interface Member {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  compressed: number;
  size: number;
  /** Of its local header. */
  offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const LARGEST_DIRECTORY = 1 << 24;
const IN_64 = 0xffffffff;

/** @throws InvalidFileError where the directory is damaged, or says what the file cannot hold */
export async function zipMembers(bytes: Bytes, signal?: AbortSignal): Promise<Member[]> {
  const { name: file, size = 0 } = bytes;
  const tail = await view(bytes, Math.max(0, size - END_BYTES - LONGEST_COMMENT), size, signal);
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) damaged(file, 'has no directory at its end', 'a whole ZIP archive');
  let length = tail.getUint32(at + 12, true);
  let offset = tail.getUint32(at + 16, true);
  if (at >= 20 && tail.getUint32(at - 20, true) === LOCATOR_64) {
    const from = toNumber(tail.getBigUint64(at - 12, true), file);
    const end = await view(bytes, from, from + 56, signal);
    if (end.byteLength < 56 || end.getUint32(0, true) !== END_64)
      damaged(file, 'has no ZIP64 directory where it says', 'a whole ZIP archive');
    length = toNumber(end.getBigUint64(40, true), file);
    offset = toNumber(end.getBigUint64(48, true), file);
  }
  if (length > LARGEST_DIRECTORY || offset + length > size)
    damaged(
      file,
      `has a directory of ${length} bytes at ${offset}`,
      `one within its ${size} bytes`,
    );
  const directory = await view(bytes, offset, offset + length, signal);
  const members: Member[] = [];
  for (let at = 0; at + 46 <= directory.byteLength;) {
    if (directory.getUint32(at, true) !== ENTRY)
      damaged(file, 'has a damaged directory', 'entries');
    const nameBytes = directory.getUint16(at + 28, true);
    const extraBytes = directory.getUint16(at + 30, true);
    const end = at + 46 + nameBytes + extraBytes + directory.getUint16(at + 32, true);
    if (end > directory.byteLength) damaged(file, 'has a directory that ends early', 'entries');
    members.push(memberAt(directory, at, nameBytes, extraBytes, file, size));
    at = end;
  }
  return members;
}

function memberAt(
  directory: DataView,
  at: number,
  nameBytes: number,
  extraBytes: number,
  file: string,
  fileSize: number,
): Member {
  const from = directory.byteOffset + at + 46;
  const name = new TextDecoder().decode(new Uint8Array(directory.buffer, from, nameBytes));
  const fields = [24, 20, 42].map((field) => directory.getUint32(at + field, true));
  // ZIP64: sizes and offset that did not fit come in this order, each only if needed.
  for (let extra = at + 46 + nameBytes, end = extra + extraBytes; extra + 4 <= end;) {
    const bytes = directory.getUint16(extra + 2, true);
    if (directory.getUint16(extra, true) === 1)
      for (let i = 0, value = extra + 4; i < 3; i++)
        if (fields[i] === IN_64 && value + 8 <= Math.min(end, extra + 4 + bytes)) {
          fields[i] = toNumber(directory.getBigUint64(value, true), file);
          value += 8;
        }
    extra += 4 + bytes;
  }
  const [size, compressed, offset] = fields;
  if (offset + compressed > fileSize)
    damaged(
      file,
      `has a member of ${compressed} bytes at ${offset}`,
      `one within ${fileSize} bytes`,
    );
  if (directory.getUint16(at + 8, true) & 1)
    unsupported(file, 'is encrypted', 'an open archive', 'Save it without a password.');
  return { name, method: directory.getUint16(at + 10, true), compressed, size, offset };
}

/** A member as a file of its own: one that is stored can be sliced, another only streamed. */
export async function memberBytes(
  bytes: Bytes,
  member: Member,
  signal?: AbortSignal,
): Promise<Bytes> {
  const { method, compressed, size, offset } = member;
  const name = `${member.name} in ${bytes.name}`;
  const local = await view(bytes, offset, offset + 30, signal);
  if (local.byteLength < 30 || local.getUint32(0, true) !== LOCAL)
    damaged(name, 'is not where the directory says', 'a local header');
  const start = offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  const end = start + compressed;
  if (bytes.size !== undefined && end > bytes.size) damaged(name, 'ends after the archive', 'less');
  if (method === 0) {
    if (size !== compressed)
      damaged(name, `has ${compressed} bytes, stored`, `${size}, as the directory says`);
    return {
      name,
      size,
      slice: (from, to, signal) => bytes.slice(start + from, Math.min(end, start + to), signal),
      stream: (signal, from = 0) => limited(bytes, start + from, end, signal),
    };
  }
  if (method !== 8)
    return unsupported(
      name,
      `is compressed by method ${method}`,
      'deflate',
      'Use np.savez_compressed.',
    );
  const inflated = (signal?: AbortSignal) =>
    inflate(limited(bytes, start, end, signal), size, name, signal);
  return {
    name,
    size: undefined,
    slice: (from, to, signal) => beginning(inflated(signal), from, to),
    stream: inflated,
  };
}

/** Bytes at once. What is taken out of the middle of a file need not hold a stream of all of it open. */
const PIECE = 1 << 18;

async function* limited(
  bytes: Bytes,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for (let at = from; at < to; at += PIECE) {
    signal?.throwIfAborted();
    const piece = await bytes.slice(at, Math.min(to, at + PIECE), signal);
    if (piece.length === 0) damaged(bytes.name, 'ends early', `${to - from} bytes of a member`);
    yield piece;
  }
}

/** Given in small slices, so that a look comes before each: deflate makes up to 1032 bytes of one. */
const SLICE = 1 << 14;

/** What pieces inflate to: `size` bytes, or they are refused, a look after every slice. */
export async function* inflate(
  pieces: AsyncGenerator<Uint8Array, void>,
  size: number,
  name: string,
  signal?: AbortSignal,
  format: CompressionFormat = 'deflate-raw',
): AsyncGenerator<Uint8Array, void> {
  let piece = new Uint8Array(0);
  const source = new ReadableStream<BufferSource>(
    {
      async pull(controller) {
        if (piece.length === 0) {
          const next = await pieces.next();
          if (next.done) return controller.close();
          piece = next.value.slice();
        }
        controller.enqueue(piece.slice(0, SLICE));
        piece = piece.subarray(SLICE);
      },
      cancel: async () => void (await pieces.return(undefined)),
    },
    { highWaterMark: 0 },
  );
  const reader = source.pipeThrough(new DecompressionStream(format)).getReader();
  let length = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((cause: unknown) => {
        signal?.throwIfAborted();
        return damaged(name, 'does not inflate', `a stream of ${format}`, { cause });
      });
      if (done) break;
      length += value.length;
      if (length > size)
        damaged(name, `inflates past ${size} bytes`, 'the size that is noted for it');
      yield value;
    }
    if (length < size) damaged(name, `inflates to ${length} bytes`, `${size}, as is noted for it`);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function beginning(
  pieces: AsyncGenerator<Uint8Array, void>,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    length += piece.length;
    if (length >= to) break;
  }
  return inOne(parts).subarray(from, to);
}

async function view(
  bytes: Bytes,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<DataView> {
  const slice = await bytes.slice(from, to, signal);
  return new DataView(slice.buffer, slice.byteOffset, slice.byteLength);
}

function toNumber(value: bigint, file: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    damaged(file, `says ${value} bytes in its directory`, 'what a file can have');
  return Number(value);
}
