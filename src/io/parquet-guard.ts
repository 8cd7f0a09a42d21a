/**
 * Looks over the bytes of a Parquet file before hyparquet does, which trusts them: counts of a header
 * would be allocated, runs be written past their end, numbers of any length be read. What passes here
 * takes no more memory and time than its own sizes, which are held against a ceiling.
 *
 * Grammar: Thrift's compact protocol; Parquet's encodings (github.com/apache/parquet-format).
 */
import type { PageHeader, ParquetType } from 'hyparquet/src/types.js';
import { damaged, unsupported } from './damaged.ts';

const DEEPEST = 64;

/**
 * Walks a struct of Thrift's compact protocol, from `at` to its end.
 *
 * @returns where it ends
 * @throws InvalidFileError where it does not, or where a list has more elements than bytes are left
 */
export function judgeThrift(bytes: Uint8Array, at: number, file: string): number {
  const walk = new Walk(bytes, at, file);
  walk.struct(0);
  return walk.at;
}

/** A place in bytes that only moves on, and never past the end. */
class Walk {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly file: string,
    readonly end = bytes.length,
  ) {}

  fail(is: string): never {
    return damaged(this.file, `has ${is} at byte ${this.at} of a header or page`, 'Parquet');
  }

  byte(): number {
    if (this.at >= this.end) this.fail('an early end');
    return this.bytes[this.at++];
  }

  skip(bytes: number): void {
    if (!(bytes >= 0) || bytes > this.end - this.at) this.fail(`${bytes} bytes that are not there`);
    this.at += bytes;
  }

  /** Seven bits a byte; up to 64 bits, of which the lower 53 are right. */
  varint(mostBytes = 10): number {
    let value = 0;
    for (let i = 0; i < mostBytes; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.fail('a number without an end');
  }

  struct(depth: number): void {
    if (depth > DEEPEST) this.fail('structs too deep in each other');
    for (;;) {
      const head = this.byte();
      if ((head & 0x0f) === 0) return;
      if (head >> 4 === 0) this.varint(5);
      this.element(head & 0x0f, depth, false);
    }
  }

  element(type: number, depth: number, inList: boolean): void {
    switch (type) {
      case 1:
      case 2:
        if (inList) this.skip(1);
        return;
      case 3:
        return this.skip(1);
      case 4:
      case 5:
        return void this.varint(5);
      case 6:
        return void this.varint();
      case 7:
        return this.skip(8);
      case 8:
        return this.skip(this.varint(5));
      case 9: {
        const head = this.byte();
        const size = head >> 4 === 15 ? this.varint(5) : head >> 4;
        if (size > this.end - this.at) this.fail(`a list of ${size}`);
        if (depth > DEEPEST) this.fail('lists too deep in each other');
        for (let i = 0; i < size; i++) this.element(head & 0x0f, depth + 1, true);
        return;
      }
      case 12:
        return this.struct(depth + 1);
      default:
        this.fail(`a field of type ${type}`);
    }
  }
}

/** What is known of a column before its pages are read. */
export interface ChunkShape {
  file: string;
  type: ParquetType;
  /** Bytes of FIXED_LEN_BYTE_ARRAY. */
  typeLength: number;
  maxDefinition: number;
  maxRepetition: number;
  /** Values of all pages, nulls counted. */
  values: number;
}

/** Values a page has room for, and bytes after which a lie would show. */
export function judgeHeader(header: PageHeader, left: number, file: string): void {
  const { compressed_page_size: packed, uncompressed_page_size: size } = header;
  if (!isCount(packed) || packed > left || !isCount(size))
    damaged(file, `has a page of ${packed} bytes, ${size} unpacked`, `one within ${left} bytes`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Judges one page whose bytes are unpacked, the levels of version 2 apart.
 *
 * @returns its values, nulls counted; 0 for a dictionary
 */
export function judgePage(
  header: PageHeader,
  page: Uint8Array,
  levels: Uint8Array,
  shape: ChunkShape,
  valuesLeft: number,
): number {
  const { file, maxDefinition, maxRepetition } = shape;
  const counts = header.data_page_header ?? header.data_page_header_v2;
  if (header.type === 'DICTIONARY_PAGE') {
    const entries = header.dictionary_page_header?.num_values;
    if (!isCount(entries)) damaged(file, 'has a dictionary without a size', 'one');
    judgePlain(page, 0, entries, shape);
    return 0;
  }
  if ((header.type !== 'DATA_PAGE' && header.type !== 'DATA_PAGE_V2') || !counts)
    return damaged(file, 'has a page of an unknown kind', 'data or a dictionary');
  const { num_values: values, encoding } = counts;
  if (!isCount(values) || values > valuesLeft)
    damaged(file, `has a page of ${values} values`, `at most ${valuesLeft}`);
  const bits = (most: number) => 32 - Math.clz32(most);
  const walk = new Walk(page, 0, file);
  let most = values;
  if (header.type === 'DATA_PAGE_V2') {
    const { num_nulls: nulls, num_rows: rows } = header.data_page_header_v2!;
    if (!isCount(nulls) || nulls > values || !isCount(rows) || rows > values)
      damaged(file, `has a page of ${nulls} nulls and ${rows} rows`, `at most ${values} of both`);
    most = values - nulls;
    const level = new Walk(levels, 0, file);
    if (maxRepetition > 0) judgeRuns(level, bits(maxRepetition), values);
    level.at = header.data_page_header_v2!.repetition_levels_byte_length;
    if (maxDefinition > 0) judgeRuns(level, bits(maxDefinition), values);
  } else {
    for (const level of [maxRepetition, maxDefinition])
      if (level > 0) judgeSizedRuns(walk, bits(level), values);
  }
  switch (encoding) {
    case 'PLAIN':
      // Which of them are null is not counted here: fewer may be there.
      if (maxDefinition === 0) judgePlain(page, walk.at, most, shape);
      break;
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      if (most === 0 || walk.at >= page.length) break;
      const width = walk.byte();
      if (width > 32) walk.fail(`indices of ${width} bits`);
      judgeRuns(walk, width, most, maxDefinition > 0);
      break;
    }
    case 'RLE':
      if (shape.type !== 'BOOLEAN') walk.fail('run lengths of what is no boolean');
      judgeSizedRuns(walk, 1, most, maxDefinition > 0);
      break;
    case 'BYTE_STREAM_SPLIT':
      if (most > page.length) walk.fail(`${most} values`);
      break;
    case 'DELTA_BINARY_PACKED':
      judgeDeltas(walk, most, maxDefinition > 0);
      break;
    case 'DELTA_LENGTH_BYTE_ARRAY':
      judgeDeltas(walk, most, maxDefinition > 0);
      break;
    default:
      unsupported(
        file,
        `has a column in the encoding ${encoding}`,
        'plain, dictionaries, run lengths or deltas of numbers',
        'Leave the column out (columns), or write it in another encoding.',
      );
  }
  return values;
}

const PLAIN_BITS: Partial<Record<ParquetType, number>> = {
  BOOLEAN: 1,
  INT32: 32,
  FLOAT: 32,
  INT64: 64,
  DOUBLE: 64,
  INT96: 96,
  // A length before each.
  BYTE_ARRAY: 32,
};

function judgePlain(page: Uint8Array, from: number, values: number, shape: ChunkShape): void {
  const bits = PLAIN_BITS[shape.type] ?? 8 * shape.typeLength;
  if (!(bits > 0) || values * bits > 8 * (page.length - from))
    damaged(shape.file, `has ${values} values in ${page.length - from} bytes`, 'no more than fit');
}

/** Runs with their length in four bytes before them. */
function judgeSizedRuns(walk: Walk, width: number, values: number, mayEnd = false): void {
  if (mayEnd && walk.at >= walk.end) return;
  const length = walk.byte() + walk.byte() * 2 ** 8 + walk.byte() * 2 ** 16 + walk.byte() * 2 ** 24;
  const start = walk.at;
  walk.skip(length);
  judgeRuns(new Walk(walk.bytes, start, walk.file, start + length), width, values, mayEnd);
}

/** Padding that writers leave in the last run, in values. */
const PADDING = 512;

/**
 * The hybrid of run lengths and bit packing: enough runs for the values, and none that is longer.
 * `mayEnd` where nulls are among them: fewer come then.
 */
function judgeRuns(walk: Walk, width: number, values: number, mayEnd = false): void {
  for (let seen = 0; seen < values;) {
    if (mayEnd && walk.at >= walk.end) return;
    const head = walk.varint(5);
    const left = values - seen;
    if (head % 2 === 1) {
      const groups = (head - 1) / 2;
      if (8 * groups > left + PADDING) walk.fail(`a run of ${8 * groups} values`);
      // The last bytes may be left out.
      walk.at = Math.min(walk.end, walk.at + groups * width);
      seen += 8 * groups;
    } else {
      const count = head / 2;
      if (count > left) walk.fail(`a run of ${count} values`);
      walk.skip((width + 7) >> 3);
      seen += count;
    }
  }
}

const LARGEST_BLOCK = 1 << 16;

/** DELTA_BINARY_PACKED: blocks of a sane size, widths up to 64 bits, numbers that end. */
function judgeDeltas(walk: Walk, values: number, mayEnd: boolean): void {
  const block = walk.varint(5);
  const parts = walk.varint(5);
  const count = walk.varint(5);
  const each = block / parts;
  if (block < 1 || block > LARGEST_BLOCK || !Number.isInteger(each) || each % 8 !== 0)
    walk.fail(`blocks of ${block} in ${parts}`);
  if (count > values || (count < values && !mayEnd)) walk.fail(`${count} values`);
  walk.varint();
  for (let seen = 1; seen < count;) {
    walk.varint();
    const widths = walk.at;
    walk.skip(parts);
    for (let i = 0; i < parts && seen < count; i++, seen += each) {
      const width = walk.bytes[widths + i];
      if (width > 64) walk.fail(`deltas of ${width} bits`);
      walk.at = Math.min(walk.end, walk.at + (each * width) / 8);
    }
  }
}
