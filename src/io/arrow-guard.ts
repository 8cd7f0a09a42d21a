/**
 * Looks over the metadata of Arrow's messages (FlatBuffers) before apache-arrow does, which believes the
 * lengths of lists and reads zeros behind the end: a few bytes could make it build lists of billions.
 *
 * Tables: github.com/apache/arrow, format/Message.fbs and Schema.fbs; a slot is a field's place in them.
 */
import { damaged, unsupported } from './damaged.ts';

export type MessageKind = 'schema' | 'dictionary' | 'batch';

const KINDS: Record<number, MessageKind> = { 1: 'schema', 2: 'dictionary', 3: 'batch' };
const MOST_FIELDS = 1 << 16;
const DEEPEST = 64;
const UNION = 14;
const BIG_ENDIAN = 1;

/** Kind and bytes of the body of a message. @throws InvalidFileError */
export function judgeMessage(bytes: Uint8Array, file: string): { kind: MessageKind; body: number } {
  const buffer = new FlatBuffer(bytes, file);
  const message = buffer.follow(0);
  const kind = KINDS[buffer.byte(message, 1)];
  const body = buffer.long(message, 3);
  const header = buffer.table(message, 2);
  if (kind === undefined || header === 0) return buffer.fail('a message of an unknown kind');
  buffer.pairs(message, 4);
  if (kind === 'schema') judgeSchema(buffer, header);
  else if (kind === 'batch') judgeBatch(buffer, header, body);
  else {
    const data = buffer.table(header, 1);
    if (data === 0) buffer.fail('a dictionary without entries');
    judgeBatch(buffer, data, body);
  }
  return { kind, body };
}

/** The footer of a file: its schema. Where it says that batches lie is not asked. */
export function judgeFooter(bytes: Uint8Array, file: string): void {
  const buffer = new FlatBuffer(bytes, file);
  const footer = buffer.follow(0);
  const schema = buffer.table(footer, 1);
  if (schema === 0) buffer.fail('a footer without a schema');
  judgeSchema(buffer, schema);
  buffer.vector(footer, 2, 24);
  buffer.vector(footer, 3, 24);
  buffer.pairs(footer, 4);
}

function judgeSchema(buffer: FlatBuffer, schema: number): void {
  if (buffer.byte(schema, 0) === BIG_ENDIAN)
    unsupported(
      buffer.file,
      'is big-endian',
      'little-endian',
      'Write it on a little-endian machine.',
    );
  buffer.pairs(schema, 2);
  buffer.vector(schema, 3, 8);
  let fields = 0;
  const walk = (parent: number, slot: number, depth: number) => {
    if (depth > DEEPEST) buffer.fail('fields too deep in each other');
    for (const field of buffer.tables(parent, slot)) {
      if (++fields > MOST_FIELDS) buffer.fail(`more than ${MOST_FIELDS} fields`);
      if (buffer.byte(field, 2) === UNION) buffer.vector(buffer.table(field, 3), 1, 4);
      buffer.pairs(field, 6);
      walk(field, 5, depth + 1);
    }
  };
  walk(schema, 1, 0);
}

function judgeBatch(buffer: FlatBuffer, batch: number, body: number): void {
  if (buffer.long(batch, 0) < 0) buffer.fail('a batch of less than no rows');
  if (buffer.table(batch, 3) !== 0)
    unsupported(
      buffer.file,
      'has compressed buffers',
      'plain ones',
      'Write it without compression, or as Parquet.',
    );
  for (const node of buffer.structs(batch, 1, 16))
    if (buffer.longAt(node) < 0 || buffer.longAt(node + 8) < 0) buffer.fail('a negative length');
  for (const place of buffer.structs(batch, 2, 16)) {
    const [offset, length] = [buffer.longAt(place), buffer.longAt(place + 8)];
    if (offset < 0 || length < 0 || offset + length > body)
      buffer.fail(`a buffer of ${length} bytes at ${offset} of ${body}`);
  }
  for (const count of buffer.structs(batch, 4, 8)) {
    const buffers = buffer.longAt(count);
    if (buffers < 0 || buffers > MOST_FIELDS) buffer.fail(`${buffers} buffers`);
  }
}

/** Tables within bytes, every step held against the end. */
class FlatBuffer {
  readonly #view: DataView;

  constructor(
    bytes: Uint8Array,
    readonly file: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(is: string): never {
    return damaged(this.file, `has ${is} in the metadata of a message`, 'an Arrow message');
  }

  #judge(at: number, bytes: number): number {
    if (!(at >= 0 && at + bytes <= this.#view.byteLength)) this.fail('a place outside of it');
    return at;
  }

  /** Where an offset leads. */
  follow(at: number): number {
    return this.#judge(at + this.#view.getUint32(this.#judge(at, 4), true), 4);
  }

  /** Place of a field of a table; 0 where it is left out. */
  #slot(table: number, slot: number, bytes: number): number {
    const vtable = table - this.#view.getInt32(this.#judge(table, 4), true);
    const size = this.#view.getUint16(this.#judge(vtable, 4), true);
    if (4 + 2 * slot + 2 > size) return 0;
    const offset = this.#view.getUint16(this.#judge(vtable + 4 + 2 * slot, 2), true);
    return offset === 0 ? 0 : this.#judge(table + offset, bytes);
  }

  byte(table: number, slot: number): number {
    const at = this.#slot(table, slot, 1);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  long(table: number, slot: number): number {
    const at = this.#slot(table, slot, 8);
    return at === 0 ? 0 : this.longAt(at);
  }

  longAt(at: number): number {
    const value = Number(this.#view.getBigInt64(this.#judge(at, 8), true));
    return Number.isSafeInteger(value) ? value : this.fail(`the number ${value}`);
  }

  table(table: number, slot: number): number {
    const at = this.#slot(table, slot, 4);
    return at === 0 ? 0 : this.follow(at);
  }

  /** First element and length of a vector. */
  vector(table: number, slot: number, bytes: number): [number, number] {
    if (table === 0) return [0, 0];
    const start = this.table(table, slot);
    if (start === 0) return [0, 0];
    const length = this.#view.getUint32(start, true);
    this.#judge(start + 4, length * bytes);
    return [start + 4, length];
  }

  *structs(table: number, slot: number, bytes: number): Generator<number, void> {
    const [start, length] = this.vector(table, slot, bytes);
    for (let i = 0; i < length; i++) yield start + i * bytes;
  }

  *tables(table: number, slot: number): Generator<number, void> {
    for (const at of this.structs(table, slot, 4)) yield this.follow(at);
  }

  /** Custom metadata: their number is bounded by the bytes, their texts are cut at the end anyway. */
  pairs(table: number, slot: number): void {
    this.vector(table, slot, 4);
  }
}
