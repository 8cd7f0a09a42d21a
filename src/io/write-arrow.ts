/** Arrow IPC as a file (Feather 2), with apache-arrow: a record batch of 65 536 rows or more at a time. */
import type * as apacheArrow from 'apache-arrow';
import type { Data, DataType, Field } from 'apache-arrow';
import { regrouped } from './regroup.ts';
import { isNumberType, type Cell, type Column, type ColumnInfo, type NumberType } from './table.ts';
import type { Rows } from './write.ts';

type Arrow = typeof apacheArrow;

export async function* writeArrow({ columns, chunks }: Rows): AsyncGenerator<Uint8Array, void> {
  const arrow = await import('apache-arrow');
  const fields = columns.map((info) => new arrow.Field(info.name, typeOf(info, arrow), true));
  const schema = new arrow.Schema(fields);
  let pieces: Uint8Array[] = [];
  // What the writer makes is taken here, and not held until it is read.
  class Pieces extends arrow.AsyncByteQueue {
    override write(piece: Uint8Array): void {
      pieces.push(piece.slice());
    }
  }
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(new Pieces(), schema);
  const taken = () => {
    const bytes = pieces;
    pieces = [];
    return bytes;
  };
  for await (const { rows, columns: parts } of regrouped(chunks(), columns)) {
    const children = parts.map((column, c) => dataOf(column, rows, fields[c].type, arrow));
    const type = new arrow.Struct(fields);
    writer.write(new arrow.RecordBatch(schema, arrow.makeData({ type, length: rows, children })));
    yield* taken();
  }
  writer.finish();
  yield* taken();
}

function typeOf({ type, width }: ColumnInfo, arrow: Arrow): DataType {
  if (type === 'boolean') return new arrow.Bool();
  if (!isNumberType(type)) return new arrow.Utf8();
  const numbers: Record<NumberType, () => DataType> = {
    int8: () => new arrow.Int8(),
    uint8: () => new arrow.Uint8(),
    int16: () => new arrow.Int16(),
    uint16: () => new arrow.Uint16(),
    int32: () => new arrow.Int32(),
    uint32: () => new arrow.Uint32(),
    int64: () => new arrow.Int64(),
    uint64: () => new arrow.Uint64(),
    // Its numbers are held in float32.
    float16: () => new arrow.Float32(),
    float32: () => new arrow.Float32(),
    float64: () => new arrow.Float64(),
  };
  const number = numbers[type]();
  return width === 1
    ? number
    : new arrow.FixedSizeList(width, new arrow.Field('item', number, true));
}

function dataOf({ values, type, width }: Column, rows: number, own: DataType, arrow: Arrow): Data {
  if (!isNumberType(type)) {
    const cells = Array.from(values as Iterable<Cell>, (cell) =>
      cell === null || type === 'boolean' ? cell : String(cell),
    );
    return arrow.vectorFromArray(cells, own).data[0] ?? arrow.makeData({ type: own, length: 0 });
  }
  const inner = width === 1 ? own : (own.children[0] as Field<DataType>).type;
  const numbers = numbersOf(values, inner, type, arrow);
  if (width === 1) return numbers;
  return arrow.makeData({
    type: own as InstanceType<Arrow['FixedSizeList']>,
    length: rows,
    nullCount: 0,
    child: numbers,
  });
}

/** As they are where nothing is missing: NaN stands for that among integers. */
function numbersOf(values: Column['values'], own: DataType, type: NumberType, arrow: Arrow): Data {
  const isFloat = type.startsWith('float');
  const array = own.ArrayType as new (length: number) => Column['values'];
  if (values instanceof array)
    return arrow.makeData({
      type: own as InstanceType<Arrow['Float64']>,
      length: values.length,
      nullCount: 0,
      data: values as unknown as Float64Array,
    });
  const cells = Array.from(values as Iterable<number | bigint | null>, (value) =>
    typeof value === 'number' && Number.isNaN(value) && !isFloat ? null : value,
  );
  return arrow.vectorFromArray(cells, own).data[0] ?? arrow.makeData({ type: own, length: 0 });
}
