/**
 * Parquet, with hyparquet: a row group at a time, only the columns that are asked for. Lists of numbers
 * that have one length throughout are columns of vectors. What the footer says is held against the file
 * and a ceiling before it is believed (parquet-guard.ts).
 */
import type {
  ColumnDecoder,
  CompressionCodec,
  DecodedArray,
  FileMetaData,
  ParquetParsers,
  RowGroup,
  SchemaTree,
} from 'hyparquet/src/types.js';
import { breather } from '../breathe.ts';
import { NotSupportedError } from '../errors.ts';
import { inOne, type Bytes } from './bytes.ts';
import { blamed, damaged, judgeMemory, unsupported } from './damaged.ts';
import { judgeHeader, judgePage, judgeThrift, type ChunkShape } from './parquet-guard.ts';
import {
  arrayOf,
  distinct,
  isNumberType,
  part,
  placesOf,
  rowsOfChunk,
  type Cell,
  type Column,
  type ColumnInfo,
  type ColumnType,
  type NumberType,
  type Table,
  type Values,
} from './table.ts';
import { inflate } from './zip.ts';

const SMALLER_GROUPS = 'read fewer columns, or write smaller row groups';

interface Leaf {
  path: readonly SchemaTree[];
  key: string;
}

interface Source {
  bytes: Bytes;
  size: number;
  metadata: FileMetaData;
  maxMemory: number;
}

interface ParquetColumn {
  info: ColumnInfo;
  tree: SchemaTree;
  leaves: Leaf[];
}

/** @throws InvalidFileError for a footer that is damaged or lies; OutOfMemoryError past the ceiling */
export async function openParquet(
  bytes: Bytes,
  { maxMemory, signal }: { maxMemory: number; signal?: AbortSignal | undefined },
): Promise<Table> {
  const { name: file, size = 0 } = bytes;
  const footer = await footerOf(bytes, size, maxMemory, signal);
  const { parquetMetadata, parquetSchema } = await import('hyparquet');
  let metadata: FileMetaData;
  let columns: ParquetColumn[];
  try {
    metadata = parquetMetadata(footer, { geoparquet: false });
    columns = columnsOf(parquetSchema(metadata), metadata.row_groups);
  } catch (error) {
    return blamed(file, 'Parquet', error, signal);
  }
  const counts = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (
    !counts.every((count) => count >= 0) ||
    !Number.isSafeInteger(rows) ||
    rows !== Number(metadata.num_rows)
  )
    damaged(file, `has ${metadata.num_rows} rows by its footer`, `${rows}, as its row groups have`);

  const infos = columns.map(({ info }) => info);
  const source = { bytes, size, metadata, maxMemory };
  return {
    name: file,
    format: 'parquet',
    columns: infos,
    rows,
    async *chunks({ signal, columns: wanted } = {}) {
      const chosen = placesOf({ columns: infos, name: file }, wanted).map((at) => columns[at]);
      const step = rowsOfChunk(chosen.map(({ info }) => info));
      let first = 0;
      for (const [g, count] of counts.entries()) {
        const group = await readGroup(source, g, count, chosen, signal).catch((error: unknown) =>
          blamed(file, 'Parquet', error, signal),
        );
        for (let at = 0; at < count; at += step) {
          signal?.throwIfAborted();
          const end = Math.min(count, at + step);
          const cut = group.map((column) => part(column, at, end));
          yield { start: first + at, rows: end - at, columns: cut };
        }
        first += count;
      }
    },
  };
}

/** The footer with its length and magic, walked once. */
async function footerOf(
  bytes: Bytes,
  size: number,
  maxMemory: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { name: file } = bytes;
  if (size < 12) damaged(file, `has ${size} bytes`, 'at least 12');
  const tail = await bytes.slice(size - 8, size, signal);
  const magic = String.fromCharCode(...tail.subarray(4));
  if (magic === 'PARE')
    unsupported(file, 'is encrypted', 'an open file', 'Write it without encryption.');
  if (magic !== 'PAR1') damaged(file, 'does not end as a Parquet file does', "'PAR1'");
  const length = new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true);
  if (length > size - 12) damaged(file, `has a footer of ${length} bytes`, `at most ${size - 12}`);
  // Objects take many times the bytes they are made of.
  judgeMemory(file, 'its footer', 16 * length, maxMemory, 'write larger row groups');
  const footer = await bytes.slice(size - 8 - length, size, signal);
  if (footer.length < length + 8) damaged(file, 'ends in its footer', `${length + 8} bytes`);
  judgeThrift(footer.subarray(0, length), 0, file);
  return footer;
}

// ---- columns -----------------------------------------------------------------------------------

const LEFT_OUT = ['VARIANT', 'GEOMETRY', 'GEOGRAPHY', 'BSON', 'INTERVAL', 'NULL'];

function columnsOf(root: SchemaTree, groups: readonly RowGroup[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  for (const tree of root.children) {
    const leaves = leavesOf(tree, [root]);
    const elements = leaves.flatMap(({ path }) => path.map(({ element }) => element));
    const kinds = elements.flatMap((e) => [e.logical_type?.type, e.converted_type]);
    if (kinds.some((kind) => kind !== undefined && LEFT_OUT.includes(kind))) continue;
    columns.push({
      info: { name: tree.element.name, ...shapeOf(tree, leaves, groups) },
      tree,
      leaves,
    });
  }
  const names = distinct(columns.map(({ info }) => info.name));
  if (names.some((name, i) => name !== columns[i].info.name))
    throw new Error('two columns have one name');
  return columns;
}

function leavesOf(tree: SchemaTree, above: readonly SchemaTree[]): Leaf[] {
  const path = [...above, tree];
  if (tree.children.length === 0) return [{ path, key: tree.path.join('\0') }];
  return tree.children.flatMap((child) => leavesOf(child, path));
}

function shapeOf(
  tree: SchemaTree,
  leaves: readonly Leaf[],
  groups: readonly RowGroup[],
): { type: ColumnType; width: number } {
  const [{ path, key }] = leaves;
  if (path.length === 2 && tree.element.repetition_type !== 'REPEATED')
    return { type: typeOf(tree), width: 1 };
  const type = typeOf(path[path.length - 1]);
  const repeated = path.filter(({ element }) => element.repetition_type === 'REPEATED');
  const other = { type: 'other', width: 1 } as const;
  if (leaves.length > 1 || repeated.length !== 1 || !isNumberType(type)) return other;
  let width: number | undefined;
  for (const group of groups) {
    const rows = Number(group.num_rows);
    if (rows === 0) continue;
    const values = Number(chunkOf(group, key)?.meta_data?.num_values ?? NaN);
    if ((width ??= values / rows) !== values / rows) return other;
  }
  const isWhole = width !== undefined && Number.isSafeInteger(width) && width > 0;
  return isWhole ? { type, width: width! } : other;
}

function typeOf({ element }: SchemaTree): ColumnType {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return 'float64';
  if (logical?.type === 'FLOAT16') return 'float16';
  const integer = logical?.type === 'INTEGER' ? logical : null;
  const named = /^(U?)INT_(\d+)$/.exec(converted ?? '');
  switch (type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'FLOAT':
      return 'float32';
    case 'DOUBLE':
      return 'float64';
    case 'INT32':
    case 'INT64': {
      if (converted === 'DATE' || logical?.type === 'DATE') return 'text';
      if (converted?.startsWith('TIMESTAMP') || logical?.type === 'TIMESTAMP') return 'text';
      const isUnsigned = integer ? !integer.isSigned : named?.[1] === 'U';
      const bits = integer?.bitWidth ?? (Number(named?.[2]) || (type === 'INT32' ? 32 : 64));
      return `${isUnsigned ? 'uint' : 'int'}${bits}` as NumberType;
    }
    default:
      return 'text';
  }
}

function chunkOf(group: RowGroup, key: string) {
  return group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join('\0') === key);
}

// ---- row groups --------------------------------------------------------------------------------

async function readGroup(
  source: Source,
  g: number,
  rows: number,
  columns: readonly ParquetColumn[],
  signal: AbortSignal | undefined,
): Promise<Column[]> {
  const { bytes, maxMemory, metadata } = source;
  const group = metadata.row_groups[g];
  const needed = columns.reduce((sum, { info, leaves }) => {
    const unpacked = leaves.map(({ key }) =>
      Number(chunkOf(group, key)?.meta_data?.total_uncompressed_size ?? 0),
    );
    return sum + rows * info.width * 8 + unpacked.reduce((a, b) => a + Math.max(0, b), 0);
  }, 0);
  judgeMemory(bytes.name, `row group ${g + 1}`, needed, maxMemory, SMALLER_GROUPS);
  const { assembleAsync } = await import('hyparquet/src/rowgroup.js');
  const pause = breather(signal);
  const read: Column[] = [];
  for (const { info, tree, leaves } of columns) {
    const asyncColumns = [];
    for (const leaf of leaves) {
      const data = await readLeaf(source, group, rows, leaf, signal);
      const pathInSchema = leaf.path[leaf.path.length - 1].path;
      asyncColumns.push({ pathInSchema, data: Promise.resolve({ data, skipped: 0 }) });
      await pause();
    }
    const assembled = assembleAsync(
      { groupStart: 0, groupRows: rows, asyncColumns },
      { children: [tree], count: 1, element: tree.element, path: [] },
      { ...PARSERS } as ParquetParsers,
    );
    const { data } = await assembled.asyncColumns[0].data;
    read.push({ ...info, values: valuesOf(data, info, rows, bytes.name) });
  }
  return read;
}

async function readLeaf(
  { bytes, size, maxMemory }: Source,
  group: RowGroup,
  rows: number,
  { path, key }: Leaf,
  signal: AbortSignal | undefined,
): Promise<DecodedArray[]> {
  const { name: file } = bytes;
  const chunk = chunkOf(group, key);
  const meta = chunk?.meta_data;
  if (!meta || chunk.file_path)
    return damaged(file, 'has a row group without a column', 'all of them');
  const { element } = path[path.length - 1];
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end > start && end <= size - 8) && rows > 0)
    damaged(file, `has a column at bytes ${start} to ${end}`, `one within its ${size} bytes`);
  const values = Number(meta.num_values);
  const optional = path.slice(1).filter((t) => t.element.repetition_type !== 'REQUIRED').length;
  const repeated = path.filter((t) => t.element.repetition_type === 'REPEATED').length;
  if (!Number.isSafeInteger(values) || (repeated === 0 ? values !== rows : values < rows))
    damaged(file, `has a column of ${values} values`, `${rows}, as its row group has rows`);
  judgeMemory(file, 'a column', 8 * values, maxMemory, SMALLER_GROUPS);
  if (rows === 0) return [];
  const packed = await bytes.slice(start, end, signal);
  if (packed.length < end - start) damaged(file, 'ends in a column', `${end} bytes`);
  // hyparquet reads behind a view's end where its buffer goes on.
  const buffer = packed.slice();
  const shape: ChunkShape = {
    file,
    type: meta.type,
    typeLength: element.type_length ?? 0,
    maxDefinition: optional,
    maxRepetition: repeated,
    values,
  };
  const pages = await judgePages(buffer, meta.codec, shape, maxMemory, signal);
  const { readColumn } = await import('hyparquet/src/column.js');
  const unpacked = (page: Uint8Array) =>
    pages.get(page.byteOffset) ?? damaged(file, 'has a page where none was', 'pages in order');
  const decoder: ColumnDecoder = {
    ...meta,
    pathInSchema: [...meta.path_in_schema],
    element,
    schemaPath: [...path],
    parsers: PARSERS as ParquetParsers,
    compressors: { [meta.codec]: unpacked },
  };
  const view = new DataView(buffer.buffer);
  const select = { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows };
  return readColumn({ view, offset: 0 }, select, decoder).data;
}

/** All pages of a column, judged; unpacked by where they begin. */
async function judgePages(
  buffer: Uint8Array<ArrayBuffer>,
  codec: CompressionCodec,
  shape: ChunkShape,
  maxMemory: number,
  signal: AbortSignal | undefined,
): Promise<Map<number, Uint8Array>> {
  const { parquetHeader } = await import('hyparquet/src/column.js');
  const { file } = shape;
  const pages = new Map<number, Uint8Array>();
  const reader = { view: new DataView(buffer.buffer), offset: 0 };
  const pause = breather(signal);
  let left = shape.values;
  let held = 0;
  while (left > 0) {
    if (reader.offset >= buffer.length)
      damaged(file, `has a column that lacks ${left} of its values`, `${shape.values}`);
    judgeThrift(buffer, reader.offset, file);
    const header = parquetHeader(reader);
    const from = reader.offset;
    judgeHeader(header, buffer.length - from, file);
    const end = from + header.compressed_page_size;
    const v2 = header.data_page_header_v2;
    const levelBytes = v2 ? v2.repetition_levels_byte_length + v2.definition_levels_byte_length : 0;
    const repetitionBytes = v2?.repetition_levels_byte_length ?? 0;
    if (!(repetitionBytes >= 0 && levelBytes >= repetitionBytes && levelBytes <= end - from))
      damaged(file, `has a page with ${levelBytes} bytes of levels`, `at most ${end - from}`);
    const size = header.uncompressed_page_size - levelBytes;
    judgeMemory(file, 'the pages of a column', (held += size), maxMemory, SMALLER_GROUPS);
    const body = buffer.subarray(from + levelBytes, end);
    const isPacked = codec !== 'UNCOMPRESSED' && v2?.is_compressed !== false;
    const page = isPacked ? await unpack(body, codec, size, file, signal) : body;
    if (isPacked) pages.set(body.byteOffset, page);
    left -= judgePage(header, page, buffer.subarray(from, from + levelBytes), shape, left);
    reader.offset = end;
    await pause();
  }
  return pages;
}

/** Snappy makes at most 64 bytes of 3; less is left to it than its own header says. */
const MOST_BY_SNAPPY = 22;

async function unpack(
  body: Uint8Array<ArrayBuffer>,
  codec: CompressionCodec,
  size: number,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (size === 0) return new Uint8Array(0);
  if (codec === 'SNAPPY') {
    if (size > MOST_BY_SNAPPY * body.length + 64)
      damaged(file, `has a page of ${body.length} bytes that unpacks to ${size}`, 'less');
    const { snappyUncompress } = await import('hyparquet');
    const page = new Uint8Array(size);
    snappyUncompress(body, page);
    return page;
  }
  const format = { GZIP: 'gzip', ZSTD: 'zstd', BROTLI: 'brotli' }[codec as string];
  const parts: Uint8Array[] = [];
  try {
    if (format === undefined) throw new TypeError(codec);
    // Of these a platform has gzip always, the others lately: the constructor says so.
    const pieces = inflate(once(body), size, file, signal, format as CompressionFormat);
    for await (const piece of pieces) parts.push(piece);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return unpackInNode(body, codec, size, file);
  }
  // A buffer of its own: hyparquet reads numbers in place.
  return parts.length === 1 ? parts[0].slice() : inOne(parts);
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield body;
}

function unpackInNode(
  body: Uint8Array,
  codec: CompressionCodec,
  size: number,
  file: string,
): Uint8Array {
  const zlib = typeof process === 'object' && process.getBuiltinModule?.('node:zlib');
  const options = { maxOutputLength: size };
  if (zlib && codec === 'BROTLI') return zlib.brotliDecompressSync(body, options).slice();
  if (zlib && codec === 'ZSTD' && 'zstdDecompressSync' in zlib)
    return zlib.zstdDecompressSync(body, options).slice();
  throw new NotSupportedError(
    `${file} is compressed by ${codec}; expected SNAPPY, GZIP, or what this platform unpacks. ` +
      "Write it with compression 'snappy', or read it in a newer Node.",
  );
}

// ---- values ------------------------------------------------------------------------------------

/** What is no number is carried as text: dates in ISO 8601. */
const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms) => isoOf(Number(ms)),
  timestampFromMicroseconds: (us) => isoOf(Number(us) / 1e3),
  timestampFromNanoseconds: (ns) => isoOf(Number(ns) / 1e6),
  dateFromDays: (days) => isoOf(days * 86_400_000)?.slice(0, 10),
  stringFromBytes: (bytes) => (bytes as Uint8Array | undefined) && new TextDecoder().decode(bytes),
  jsonFromBytes: (bytes) => (bytes as Uint8Array | undefined) && new TextDecoder().decode(bytes),
  uuidFromBytes: (bytes) =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
      .join('')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
};

function isoOf(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}

function valuesOf(
  data: readonly DecodedArray[],
  { name, type, width }: ColumnInfo,
  rows: number,
  file: string,
): Values {
  const count = data.reduce((sum, { length }) => sum + length, 0);
  if (count < rows) damaged(file, `has ${count} values in column '${name}'`, `${rows}`);
  if (!isNumberType(type)) return cellsOf(data, rows, type);
  if (width === 1 && data.length === 1 && data[0].length === rows && isTyped(data[0], type))
    return data[0];
  const length = rows * width;
  const isWide = type === 'int64' || type === 'uint64';
  let values: Values = arrayOf(type, length);
  let at = 0;
  const put = (value: unknown) => {
    const out = values as (number | bigint | null)[];
    if (value === null) {
      // No array of integers has room for what is missing.
      if (isWide && ArrayBuffer.isView(values)) values = Array.from(values as BigInt64Array);
      else if (!isWide && !type.startsWith('float') && !(values instanceof Float64Array))
        values = Float64Array.from(values as Int32Array);
      (values as (number | null)[])[at++] = isWide ? null : NaN;
    } else if (isWide && typeof value === 'bigint')
      out[at++] = type === 'uint64' ? BigInt.asUintN(64, value) : value;
    else if (!isWide && typeof value === 'number') out[at++] = value;
    else
      damaged(file, `has no ${type} in row ${Math.floor(at / width) + 1}, column '${name}'`, 'one');
  };
  for (const piece of data)
    for (const value of piece) {
      if (at === length) return values;
      if (width === 1) put(value);
      else if (Array.isArray(value) && value.length === width) value.forEach(put);
      else
        damaged(
          file,
          `has a list of another length in row ${at / width + 1}, column '${name}'`,
          `${width}`,
          {
            row: at / width + 1,
            column: name,
            remedy: 'Leave the column out (columns).',
          },
        );
    }
  return values;
}

function isTyped(data: DecodedArray, type: NumberType): boolean {
  return ArrayBuffer.isView(data) && data.constructor === arrayOf(type, 0).constructor;
}

function cellsOf(data: readonly DecodedArray[], rows: number, type: ColumnType): Cell[] {
  const cells: Cell[] = [];
  for (const piece of data)
    for (const value of piece as Iterable<unknown>) {
      if (cells.length === rows) return cells;
      if (value === null || value === undefined) cells.push(null);
      else if (type !== 'other' && typeof value !== 'object') cells.push(value as Cell);
      else cells.push(nested(value));
    }
  return cells;
}

/** What is nested, as JSON; integers of 64 bits as text. */
function nested(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  );
}
