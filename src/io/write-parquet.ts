/** Parquet, with hyparquet-writer: a row group of 65 536 rows or more at a time, compressed by Snappy. */
import type { DecodedArray, SchemaElement } from 'hyparquet';
import { regrouped } from './regroup.ts';
import { isNumberType, type Cell, type Column, type ColumnInfo, type NumberType } from './table.ts';
import type { Rows } from './write.ts';

export async function* writeParquet({ columns, chunks }: Rows): AsyncGenerator<Uint8Array, void> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const writer = new ByteWriter() as InstanceType<typeof ByteWriter> & { index: number };
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(elements),
  ];
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'centroids' });
  const taken = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  for await (const group of regrouped(chunks(), columns)) {
    const columnData = group.columns.map((column) => ({
      name: column.name,
      data: dataOf(column, group.rows),
    }));
    await parquet.write({ columnData, rowGroupSize: Math.max(1, group.rows) });
    yield taken();
  }
  await parquet.finish();
  yield taken();
}

const NUMBERS: Record<NumberType, Pick<SchemaElement, 'type' | 'converted_type'>> = {
  int8: { type: 'INT32', converted_type: 'INT_8' },
  uint8: { type: 'INT32', converted_type: 'UINT_8' },
  int16: { type: 'INT32', converted_type: 'INT_16' },
  uint16: { type: 'INT32', converted_type: 'UINT_16' },
  int32: { type: 'INT32' },
  uint32: { type: 'INT32', converted_type: 'UINT_32' },
  int64: { type: 'INT64' },
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
  float16: { type: 'FLOAT' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
};

function elements({ name, type, width }: ColumnInfo): SchemaElement[] {
  const repetition_type = 'OPTIONAL';
  if (isNumberType(type)) {
    if (width === 1) return [{ name, repetition_type, ...NUMBERS[type] }];
    return [
      { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...NUMBERS[type] },
    ];
  }
  if (type === 'boolean') return [{ name, repetition_type, type: 'BOOLEAN' }];
  return [{ name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
}

function dataOf({ values, type, width }: Column, rows: number): DecodedArray {
  if (width > 1)
    return Array.from({ length: rows }, (_, i) =>
      Array.from({ length: width }, (_, t) => values[i * width + t]),
    );
  if (type === 'text' || type === 'other')
    return Array.from(values as Iterable<Cell>, (cell) => (cell === null ? null : String(cell)));
  if (type === 'boolean') return Array.from(values as Iterable<unknown>);
  if (type.startsWith('float') || values instanceof BigInt64Array) return values as DecodedArray;
  // Integers: NaN stands for what is missing.
  return Array.from(values as Iterable<number | bigint | null>, (value) =>
    typeof value === 'number' && Number.isNaN(value) ? null : value,
  );
}
