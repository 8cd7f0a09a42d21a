/**
 * NPY, version 1: rows × columns in C order, of the type that all columns have, or float64. Its header
 * has the number of rows, so that a table that does not know it is read twice.
 */
import { InvalidInputError, refuse } from '../errors.ts';
import { arrayOf, isNumberType, type ColumnInfo, type NumberType } from './table.ts';
import type { Rows } from './write.ts';

const DTYPES: Record<NumberType, string> = {
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  // Its numbers are held in float32.
  float16: '<f4',
  float32: '<f4',
  float64: '<f8',
};

/** A header that ends at a multiple of this, as NumPy writes it. */
const ALIGNED = 64;

export async function* writeNpy({
  name,
  columns,
  rows,
  chunks,
}: Rows): AsyncGenerator<Uint8Array, void> {
  const type = commonType(columns, name);
  let count = rows ?? 0;
  if (rows === undefined) for await (const chunk of chunks()) count += chunk.rows;
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  yield header(type, columns.length === 1 && width === 1 ? `${count},` : `${count}, ${width}`);
  const isWide = type === 'int64' || type === 'uint64';
  let row = 0;
  for await (const chunk of chunks()) {
    const values = arrayOf(type, chunk.rows * width) as Float64Array;
    let first = 0;
    for (const { name, values: from, width: own } of chunk.columns) {
      for (let i = 0; i < chunk.rows; i++)
        for (let t = 0; t < own; t++) {
          const value = from[i * own + t];
          const missing = value === null || (typeof value === 'number' && Number.isNaN(value));
          if (missing && !type.startsWith('float'))
            refuse(
              `a value of column '${name}' in row ${row + i + 1}`,
              'missing',
              type,
              'Fill it.',
            );
          const number = missing ? NaN : isWide ? BigInt(value!) : Number(value);
          values[i * width + first + t] = number as number;
        }
      first += own;
    }
    row += chunk.rows;
    yield new Uint8Array(values.buffer);
  }
  if (row !== count) refuse('rows', row, `${count}, as the table says`, 'Read the table again.');
}

function commonType(columns: readonly ColumnInfo[], name: string): NumberType {
  const types = new Set<NumberType>();
  for (const { name: column, type } of columns) {
    if (!isNumberType(type))
      throw new InvalidInputError(
        `Column '${column}' of ${name} is ${type}; expected numbers, which is all that NPY holds here. ` +
          'Choose the columns to write (columns).',
      );
    types.add(type);
  }
  const [only] = types;
  return types.size === 1 ? only : 'float64';
}

function header(type: NumberType, shape: string): Uint8Array {
  const text = `{'descr': '${DTYPES[type]}', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNED) * ALIGNED - 10;
  const line = `${text.padEnd(length - 1)}\n`;
  const bytes = new Uint8Array(10 + length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  for (let i = 0; i < length; i++) bytes[10 + i] = line.charCodeAt(i);
  return bytes;
}
