/**
 * Arrow IPC, as a file (Feather 2) or as a stream, with apache-arrow: a record batch at a time. Messages
 * are cut and judged here (arrow-guard.ts), so that it is given none whose lengths lie.
 */
import type * as apacheArrow from 'apache-arrow';
import type { Data, DataType, Field, RecordBatch, Schema, Vector } from 'apache-arrow';
import { breather } from '../breathe.ts';
import { judgeFooter, judgeMessage } from './arrow-guard.ts';
import { inOne, Taker, type Bytes } from './bytes.ts';
import { blamed, damaged, judgeMemory } from './damaged.ts';
import { halfFloat } from './npy.ts';
import {
  arrayOf,
  distinct,
  isNumberType,
  placesOf,
  type Cell,
  type Column,
  type ColumnInfo,
  type ColumnType,
  type NumberType,
  type Table,
  type Values,
} from './table.ts';

const MAGIC = 'ARROW1';
const SMALLER_BATCHES = 'write smaller record batches';

type Arrow = typeof apacheArrow;

/** @throws InvalidFileError where it does not begin with a schema */
export async function openArrow(
  bytes: Bytes,
  { maxMemory, signal }: { maxMemory: number; signal?: AbortSignal | undefined },
): Promise<Table> {
  const { name: file } = bytes;
  const arrow = await import('apache-arrow');
  const head = await bytes.slice(0, 8, signal);
  const isFile = String.fromCharCode(...head.subarray(0, 6)) === MAGIC;
  const { schema, end } = isFile
    ? await schemaOfFile(bytes, signal)
    : { schema: await schemaOfStream(bytes, arrow, signal), end: Infinity };
  let columns: ColumnInfo[];
  let message: Uint8Array;
  try {
    columns = columnsOf(schema, file, maxMemory, arrow);
    message = schemaMessage(schema, arrow);
  } catch (error) {
    return blamed(file, 'Arrow', error, signal);
  }
  const messages = (signal?: AbortSignal) =>
    messagesOf(bytes, isFile ? 8 : 0, end, message, maxMemory, signal);
  return {
    name: file,
    format: 'arrow',
    columns,
    rows: undefined,
    async *chunks({ signal, columns: wanted } = {}) {
      const places = placesOf({ columns, name: file }, wanted);
      const pause = breather(signal);
      let start = 0;
      const reader = await arrow.RecordBatchReader.from(messages(signal));
      try {
        for await (const batch of batchesOf(reader, file, signal)) {
          const rows = batch.numRows;
          judgeMemory(file, 'a record batch', 8 * rows * batch.numCols, maxMemory, SMALLER_BATCHES);
          let read: Column[];
          try {
            read = places.map((at) =>
              columnOf(batch, at, columns[at], start, file, maxMemory, arrow),
            );
          } catch (error) {
            blamed(file, 'Arrow', error, signal);
          }
          if (rows > 0) yield { start, rows, columns: read };
          start += rows;
          await pause();
        }
      } finally {
        await reader.cancel();
      }
    },
  };
}

async function* batchesOf(
  reader: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<RecordBatch, void> {
  try {
    yield* reader;
  } catch (error) {
    blamed(file, 'Arrow', error, signal);
  }
}

const LONGEST_METADATA = 1 << 26;

/** Messages with their bodies, one after the other, each judged. */
async function* messagesOf(
  bytes: Bytes,
  from: number,
  end: number,
  schema: Uint8Array,
  maxMemory: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { name: file, size = Infinity } = bytes;
  const taker = new Taker(bytes.stream(signal));
  const take = async (length: number) => {
    if (length > size - at)
      damaged(file, `has a message of ${length} bytes`, `${size - at} are left`);
    const taken = await taker.take(length);
    if (taken.length < length) damaged(file, 'ends within a message', 'a whole one');
    at += length;
    return taken;
  };
  let at = 0;
  let isFirst = true;
  try {
    await take(from);
    while (at < end && at < size) {
      const mark = await taker.take(4);
      at += mark.length;
      if (mark.length === 0) break;
      if (mark.length < 4) damaged(file, 'ends within a message', 'a whole one');
      // Before Arrow 0.15 messages began with their length.
      const isMarked = mark.every((byte) => byte === 0xff);
      const word = isMarked ? await take(4) : mark;
      const length = new DataView(word.buffer, word.byteOffset).getInt32(0, true);
      if (length === 0) break;
      if (length < 0 || length > LONGEST_METADATA)
        damaged(file, `has metadata of ${length} bytes`, `1 to ${LONGEST_METADATA}`);
      const metadata = await take(length);
      const { kind, body } = judgeMessage(metadata, file);
      // Files of arrow-js have their schema only in the footer.
      if (isFirst) yield schema;
      else if (kind === 'schema') damaged(file, 'has a second schema', 'one');
      isFirst = false;
      if (kind === 'schema') continue;
      if (body < 0) damaged(file, `has a body of ${body} bytes`, '0 or more');
      judgeMemory(file, 'a message', body, maxMemory, SMALLER_BATCHES);
      const parts = isMarked ? [mark, word, metadata] : [word, metadata];
      yield inOne([...parts, await take(body)]);
    }
    if (isFirst) yield schema;
  } finally {
    await taker.close();
  }
}

// ---- schema ------------------------------------------------------------------------------------

/** Of a file, by its footer; and where its messages end. */
async function schemaOfFile(
  bytes: Bytes,
  signal?: AbortSignal,
): Promise<{ schema: Schema; end: number }> {
  const { name: file, size = 0 } = bytes;
  const tail = await bytes.slice(Math.max(0, size - 10), size, signal);
  if (tail.length < 10 || String.fromCharCode(...tail.subarray(4)) !== MAGIC)
    damaged(file, 'does not end as an Arrow file does', `'${MAGIC}'`);
  const length = new DataView(tail.buffer, tail.byteOffset).getInt32(0, true);
  if (length < 0 || length > Math.min(size - 18, LONGEST_METADATA))
    damaged(file, `has a footer of ${length} bytes`, `at most ${size - 18}`);
  const end = size - 10 - length;
  const footer = await bytes.slice(end, end + length, signal);
  judgeFooter(footer, file);
  const { Footer } = await import('apache-arrow/ipc/metadata/file');
  try {
    return { schema: Footer.decode(footer).schema, end };
  } catch (error) {
    return blamed(file, 'Arrow', error, signal);
  }
}

/** Of a stream, by its first message. Its beginning can be read as often as one likes. */
async function schemaOfStream(bytes: Bytes, arrow: Arrow, signal?: AbortSignal): Promise<Schema> {
  const { name: file } = bytes;
  const head = await bytes.slice(0, 8, signal);
  const isMarked = head.subarray(0, 4).every((byte) => byte === 0xff);
  const word = head.subarray(isMarked ? 4 : 0);
  if (word.length < 4) damaged(file, 'ends in its schema', 'a whole one');
  const length = new DataView(word.buffer, word.byteOffset).getInt32(0, true);
  if (length <= 0 || length > LONGEST_METADATA)
    damaged(file, `has a schema of ${length} bytes`, `1 to ${LONGEST_METADATA}`);
  const start = isMarked ? 8 : 4;
  const metadata = await bytes.slice(start, start + length, signal);
  if (metadata.length < length) damaged(file, 'ends in its schema', `${length} bytes`);
  if (judgeMessage(metadata, file).kind !== 'schema')
    damaged(file, 'does not begin with a schema', 'one');
  try {
    return arrow.Message.decode(metadata).header() as unknown as Schema;
  } catch (error) {
    return blamed(file, 'Arrow', error, signal);
  }
}

/** The mark and the length of the end of a stream. */
const END_BYTES = 8;

function schemaMessage(schema: Schema, arrow: Arrow): Uint8Array {
  return arrow.tableToIPC(new arrow.Table(schema), 'stream').slice(0, -END_BYTES);
}

function columnsOf(
  { fields }: Schema,
  file: string,
  maxMemory: number,
  arrow: Arrow,
): ColumnInfo[] {
  const names = distinct(fields.map(({ name }) => (name as string | null) ?? ''));
  return (fields as Field<DataType>[]).map(({ type }, i) => {
    const shape = shapeOf(type, arrow);
    judgeMemory(file, 'one row', 8 * shape.width, maxMemory, 'write shorter lists');
    return { name: names[i], ...shape };
  });
}

function shapeOf(type: DataType, { DataType: is }: Arrow): { type: ColumnType; width: number } {
  if (is.isFixedSizeList(type) && type.listSize > 0) {
    const inner = typeOf((type.children[0] as Field<DataType>).type, is);
    if (isNumberType(inner)) return { type: inner, width: type.listSize };
  }
  if (!is.isDictionary(type)) return { type: typeOf(type, is), width: 1 };
  const inner = typeOf(type.dictionary as DataType, is);
  return { type: isNumberType(inner) ? 'float64' : inner, width: 1 };
}

function typeOf(type: DataType, is: Arrow['DataType']): ColumnType {
  if (is.isInt(type)) return `${type.isSigned ? 'int' : 'uint'}${type.bitWidth}` as NumberType;
  if (is.isFloat(type))
    return (['float16', 'float32', 'float64'] as const)[type.precision] ?? 'other';
  if (is.isBool(type)) return 'boolean';
  if (is.isUtf8(type) || is.isLargeUtf8(type) || is.isUtf8View(type)) return 'text';
  if (is.isDate(type) || is.isTimestamp(type)) return 'text';
  return 'other';
}

// ---- values ------------------------------------------------------------------------------------

function columnOf(
  batch: RecordBatch,
  place: number,
  info: ColumnInfo,
  start: number,
  file: string,
  maxMemory: number,
  arrow: Arrow,
): Column {
  const { name, type, width } = info;
  const rows = batch.numRows;
  const vector = batch.getChildAt(place);
  if (vector?.length !== rows || vector.data.length > 1)
    return damaged(file, `has ${vector?.length} rows in column '${name}'`, `${rows}, as its batch`);
  const [data] = vector.data as Data<DataType>[];
  if (rows === 0 || data === undefined) return { ...info, values: [] };
  judgeData(data, file, maxMemory, arrow.DataType, new Set());
  if (isNumberType(type) && !arrow.DataType.isDictionary(data.type)) {
    const isList = width > 1 || arrow.DataType.isFixedSizeList(data.type);
    const inner = isList ? (data.children[0] as Data<DataType>) : data;
    const isMissing = (i: number) =>
      !isValid(inner, i) || (inner !== data && !isValid(data, Math.floor(i / width)));
    const hasNulls = data.nullCount > 0 || inner.nullCount > 0;
    const numbers = inner.values as Values;
    if (rows * width > inner.length)
      damaged(file, `has ${inner.length} numbers in '${name}'`, 'more');
    return { ...info, values: numbersOf(numbers, rows * width, type, hasNulls ? isMissing : null) };
  }
  if (!isNumberType(type)) {
    const cells = Array.from({ length: rows }, (_, i) => cellOf(vector, i, arrow));
    return { ...info, values: cells };
  }
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const value: unknown = vector.get(i);
    if (typeof value !== 'number' && typeof value !== 'bigint' && value !== null)
      damaged(file, `has an index out of its dictionary in row ${start + i + 1}`, 'one within');
    values[i] = value === null ? NaN : Number(value);
  }
  return { ...info, values };
}

function isValid({ nullBitmap, nullCount, offset }: Data, i: number): boolean {
  if (nullCount === 0 || nullBitmap.length === 0) return true;
  const at = offset + i;
  return ((nullBitmap[at >> 3] >> (at & 7)) & 1) === 1;
}

/** Numbers of a buffer: a view of it where nothing is missing. */
function numbersOf(
  numbers: Values,
  length: number,
  type: NumberType,
  isMissing: ((i: number) => boolean) | null,
): Values {
  if (type === 'float16') {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++)
      values[i] = isMissing?.(i) ? NaN : halfFloat((numbers as Uint16Array)[i]);
    return values;
  }
  const view = (numbers as Float64Array).subarray(0, length);
  if (isMissing === null) return view;
  if (type === 'int64' || type === 'uint64')
    return Array.from(view as unknown as BigInt64Array, (value, i) =>
      isMissing(i) ? null : value,
    );
  const values = type === 'float32' ? arrayOf(type, length) : new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = isMissing(i) ? NaN : view[i];
  return values;
}

/** That buffers are as long as the lengths beside them say, at every depth. */
function judgeData(
  data: Data,
  file: string,
  maxMemory: number,
  is: Arrow['DataType'],
  seen: Set<Data>,
): void {
  if (seen.has(data)) return;
  seen.add(data);
  const { type, length, nullCount, nullBitmap } = data;
  const values: unknown = data.values;
  const valueOffsets: unknown = data.valueOffsets;
  const short = (): never =>
    damaged(file, `has a column of ${length} values whose buffers are shorter`, 'all of them');
  const bits = (array: Uint8Array | undefined) => 8 * (array?.length ?? 0);
  if (nullCount > 0 && !is.isNull(type) && nullBitmap?.length && bits(nullBitmap) < length) short();
  const offsets = valueOffsets as Int32Array | BigInt64Array | undefined;
  if (is.isNull(type))
    judgeMemory(file, 'a column of nulls', 8 * length, maxMemory, SMALLER_BATCHES);
  else if (is.isBool(type)) {
    if (bits(values as Uint8Array) < length) short();
  } else if (is.isUtf8View(type) || is.isBinaryView(type)) {
    // Where they lie differs between releases: the one buffer of 16 bytes a value.
    const { views = values } = data as { views?: ArrayBufferView; values: unknown };
    if (((views as ArrayBufferView | undefined)?.byteLength ?? 0) < 16 * length) short();
  } else if (is.isStruct(type)) {
    for (const child of data.children) if (child.length < length) short();
  } else if (is.isFixedSizeList(type)) {
    if (data.children[0].length < length * type.listSize) short();
  } else if (offsets !== undefined && !is.isUnion(type)) {
    if (length > 0 && offsets.length < length + 1) short();
  } else if (!is.isUnion(type)) {
    const { length: held = 0 } = (values as { length: number } | undefined) ?? {};
    if (held < length * data.stride) short();
  } else
    damaged(file, 'has a column of unions', 'any other type', {
      remedy: 'Leave it out (columns).',
    });
  const inner = [...(data.children ?? []), ...(data.dictionary?.data ?? [])] as Data<DataType>[];
  for (const part of inner) judgeData(part, file, maxMemory, is, seen);
}

/** What is nested, as JSON. */
function cellOf(vector: Vector, i: number, { DataType: is }: Arrow): Cell {
  const value: unknown = vector.get(i);
  if (value === null || value === undefined) return null;
  if (is.isDate(vector.type) || is.isTimestamp(vector.type))
    return Math.abs(Number(value)) <= 8.64e15 ? new Date(Number(value)).toISOString() : null;
  if (typeof value !== 'object') return value as Cell;
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  );
}
