/**
 * NPY, NumPy's own format (numpy.lib.format, versions 1 to 3). The header is a Python literal; it is
 * read by a fixed grammar and held against the size of the file before anything is allocated. An array
 * is one column of vectors, row-major: float32 is handed on as it lies in the file.
 */
import { breather } from '../breathe.ts';
import { inOne, Taker, type Bytes } from './bytes.ts';
import { damaged, judgeMemory, unsupported } from './damaged.ts';
import {
  arrayOf,
  placesOf,
  rowsOfChunk,
  type Chunk,
  type ColumnInfo,
  type NumberType,
  type Table,
  type Values,
} from './table.ts';

export interface NpyHeader {
  type: NumberType | 'boolean';
  /** Bytes of a number. */
  size: number;
  littleEndian: boolean;
  fortran: boolean;
  rows: number;
  /** Numbers a row: of all further axes, laid flat. */
  width: number;
  /** Where the numbers begin. */
  offset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LONGEST_HEADER = 1 << 16;

const TYPES: Record<string, readonly [NumberType | 'boolean', number]> = {
  b1: ['boolean', 1],
  i1: ['int8', 1],
  u1: ['uint8', 1],
  i2: ['int16', 2],
  u2: ['uint16', 2],
  i4: ['int32', 4],
  u4: ['uint32', 4],
  i8: ['int64', 8],
  u8: ['uint64', 8],
  f2: ['float16', 2],
  f4: ['float32', 4],
  f8: ['float64', 8],
};

function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte);
}

/** The header at the beginning of `head`, which has to hold all of it. @throws InvalidFileError */
export function npyHeader(head: Uint8Array, file: string): NpyHeader {
  const [major] = head.subarray(6);
  if (!isNpy(head) || !(major >= 1 && major <= 3))
    damaged(file, 'does not begin as an NPY file does', 'NPY of version 1, 2 or 3');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const start = major === 1 ? 10 : 12;
  if (head.length < start) damaged(file, 'ends in its header', 'a whole header');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER)
    damaged(file, `has a header of ${length} bytes`, `at most ${LONGEST_HEADER}`);
  if (head.length < start + length) damaged(file, 'ends in its header', 'a whole header');
  const text = String.fromCharCode(...head.subarray(start, start + length));
  return { ...parsed(text, file), offset: start + length };
}

/** As many bytes as a header can have. */
export const MOST_HEADER = 12 + LONGEST_HEADER;

function parsed(text: string, file: string): Omit<NpyHeader, 'offset'> {
  const descr = /'descr': *(?:'([^']*)'|(\[))/.exec(text);
  const order = /'fortran_order': *(True|False)/.exec(text);
  const shape = /'shape': *\(([\d, L]*)\)/.exec(text);
  if (!/^\{.*\}\s*$/s.test(text) || !descr || !order || !shape)
    damaged(file, 'has a header that is none of NumPy', 'descr, fortran_order and shape');
  const kind = /^([<>|=])([a-zA-Z]\d*)$/.exec(descr[1] ?? '');
  const [type, size] = (kind && Object.hasOwn(TYPES, kind[2]) && TYPES[kind[2]]) || [];
  if (type === undefined || size === undefined || kind === null)
    return unsupported(
      file,
      `holds ${descr[1] === undefined ? 'records' : `dtype '${descr[1]}'`}`,
      'booleans, integers or floats of up to 64 bits',
      "Convert it: np.save(file, array.astype('float32')).",
    );
  const axes = shape[1].split(',').map((axis) => axis.replace('L', '').trim());
  if (axes.at(-1) === '') axes.pop();
  const sizes = axes.map(Number);
  if (axes.length === 0)
    unsupported(file, 'holds a single number', 'an array of rows', 'Save an array.');
  if (axes.includes('')) damaged(file, `has the shape (${shape[1]})`, 'a number for each axis');
  const [rows, ...rest] = sizes;
  const width = rest.reduce((product, axis) => product * axis, 1);
  if (!Number.isSafeInteger(rows * width * size) || !Number.isSafeInteger(width) || width < 1)
    damaged(file, `has the shape (${shape[1]})`, 'rows of at least one number, as bytes can hold', {
      remedy: 'The header lies, or the array has no columns.',
    });
  return {
    type,
    size,
    // One byte has no order; '=' is that of whoever wrote it, which is little-endian.
    littleEndian: kind[1] !== '>',
    fortran: order[1] === 'True' && width > 1,
    rows,
    width,
  };
}

/** @throws InvalidFileError where the header lies about the size */
export async function openNpy(
  bytes: Bytes,
  { maxMemory, signal }: { maxMemory: number; signal?: AbortSignal | undefined },
): Promise<Table> {
  const { name: file } = bytes;
  const header = npyHeader(await bytes.slice(0, MOST_HEADER, signal), file);
  const { rows, width, size, offset } = header;
  const expected = offset + rows * width * size;
  if (bytes.size !== undefined && bytes.size !== expected)
    damaged(file, `has ${bytes.size} bytes`, `${expected} by its header (${rows} × ${width})`);
  judgeMemory(file, 'one row', 8 * width, maxMemory, 'save fewer columns');
  const column: ColumnInfo = { name: 'values', type: header.type, width };
  return {
    name: file,
    format: 'npy',
    columns: [column],
    rows,
    async *chunks({ signal, columns } = {}) {
      const times = placesOf({ columns: [column], name: file }, columns).length;
      for await (const { start, rows, values } of npyChunks(bytes, header, maxMemory, signal))
        yield {
          start,
          rows,
          columns: Array.from({ length: times }, () => ({ ...column, values })),
        } satisfies Chunk;
    },
  };
}

export interface NpyChunk {
  start: number;
  rows: number;
  values: Values;
}

/**
 * The rows of an array. One in Fortran order is read column by column, a slice of each a chunk; where
 * the bytes can only be streamed (`bytes.size` undefined) it has to be held as a whole.
 */
export async function* npyChunks(
  bytes: Bytes,
  header: NpyHeader,
  maxMemory: number,
  signal?: AbortSignal,
): AsyncGenerator<NpyChunk, void> {
  const { rows, width, size, offset, fortran } = header;
  const { name: file } = bytes;
  const step = rowsOfChunk([{ name: '', type: 'float64', width }]);
  const pause = breather(signal);
  const short = (row: number) => damaged(file, `ends in row ${row}`, `${rows} rows by its header`);
  if (fortran) {
    const held = bytes.size === undefined ? await whole(bytes, header, maxMemory, signal) : null;
    for (let start = 0; start < rows; start += step) {
      const count = Math.min(step, rows - start);
      const values = numbers(header, count * width);
      for (let t = 0; t < width; t++) {
        const from = offset + (t * rows + start) * size;
        const slice = held
          ? held.subarray(from - offset, from - offset + count * size)
          : await bytes.slice(from, from + count * size, signal);
        if (slice.length < count * size) short(start + Math.floor(slice.length / size) + 1);
        decode(slice, header, values, t, width);
        await pause();
      }
      yield { start, rows: count, values };
    }
    return;
  }
  const taker = new Taker(bytes.stream(signal));
  try {
    await taker.take(offset);
    for (let start = 0; start < rows; start += step) {
      const count = Math.min(step, rows - start);
      const piece = await taker.take(count * width * size);
      if (piece.length < count * width * size)
        short(start + Math.floor(piece.length / (width * size)) + 1);
      yield { start, rows: count, values: rowMajor(piece, header) };
      await pause();
    }
    if ((await taker.take(1)).length > 0)
      damaged(file, 'goes on after its last row', `${rows} rows by its header`);
  } finally {
    await taker.close();
  }
}

/** All numbers of a stream, which ends where the header says or is refused. */
async function whole(
  bytes: Bytes,
  { rows, width, size, offset }: NpyHeader,
  maxMemory: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const expected = rows * width * size;
  judgeMemory(
    bytes.name,
    'an array in Fortran order that is compressed',
    expected,
    maxMemory,
    'save it in C order: np.ascontiguousarray(array)',
  );
  const parts: Uint8Array[] = [];
  let length = -offset;
  for await (const piece of bytes.stream(signal)) {
    parts.push(piece);
    length += piece.length;
    if (length > expected) break;
  }
  if (length !== expected)
    damaged(bytes.name, `has ${length} bytes of numbers`, `${expected} by its header`);
  return inOne(parts).subarray(offset);
}

function numbers({ type }: NpyHeader, length: number): Values {
  return type === 'boolean' ? new Array<boolean>(length).fill(false) : arrayOf(type, length);
}

const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Numbers in the order of the file: the bytes themselves where they are the machine's own. */
function rowMajor(piece: Uint8Array, header: NpyHeader): Values {
  const { type, size, littleEndian } = header;
  const values = numbers(header, piece.length / size);
  if (
    ArrayBuffer.isView(values) &&
    type !== 'float16' &&
    (size === 1 || littleEndian === HOST_IS_LITTLE)
  )
    new Uint8Array(values.buffer).set(piece);
  else decode(piece, header, values, 0, 1);
  return values;
}

/** Writes the numbers of `bytes` to every `stride`-th value from `at` on. */
function decode(
  bytes: Uint8Array,
  { type, size, littleEndian }: NpyHeader,
  values: Values,
  at: number,
  stride: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS[type];
  const out = values as (number | bigint | boolean)[];
  for (let from = 0, to = at; from < bytes.length; from += size, to += stride)
    out[to] = read(view, from, littleEndian);
}

type Reader = (view: DataView, at: number, little: boolean) => number | bigint | boolean;

const READERS: Record<NpyHeader['type'], Reader> = {
  boolean: (view, at) => view.getUint8(at) !== 0,
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  int16: (view, at, little) => view.getInt16(at, little),
  uint16: (view, at, little) => view.getUint16(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  uint32: (view, at, little) => view.getUint32(at, little),
  int64: (view, at, little) => view.getBigInt64(at, little),
  uint64: (view, at, little) => view.getBigUint64(at, little),
  float16: (view, at, little) => halfFloat(view.getUint16(at, little)),
  float32: (view, at, little) => view.getFloat32(at, little),
  float64: (view, at, little) => view.getFloat64(at, little),
};

/** The number of an IEEE 754 binary16. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
