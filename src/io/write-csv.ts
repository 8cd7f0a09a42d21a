/** CSV and TSV as RFC 4180 has them, with \n. What is missing is an empty cell. */
import { decimal } from './decimal.ts';
import type { Chunk, Column, ColumnInfo } from './table.ts';
import type { Rows, WriteOptions } from './write.ts';

export function writeCsv(rows: Rows, options: WriteOptions): AsyncIterable<Uint8Array> {
  return write(rows, ',', options);
}

export function writeTsv(rows: Rows, options: WriteOptions): AsyncIterable<Uint8Array> {
  return write(rows, '\t', options);
}

async function* write(
  { columns, chunks }: Rows,
  delimiter: string,
  { escapeFormulas = false }: WriteOptions,
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const special = delimiter === ',' ? /[",\r\n]|^[ \t]|[ \t]$|^$/ : /["\t\r\n]|^ | $|^$/;
  const text = (cell: string) => {
    const safe = escapeFormulas && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return special.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  yield encoder.encode(`${titles(columns).map(text).join(delimiter)}\n`);
  for await (const chunk of chunks()) yield encoder.encode(linesOf(chunk, delimiter, text));
}

function titles(columns: readonly ColumnInfo[]): string[] {
  return columns.flatMap(({ name, width }) =>
    width === 1 ? [name] : Array.from({ length: width }, (_, t) => `${name}[${t}]`),
  );
}

function linesOf(
  { rows, columns }: Chunk,
  delimiter: string,
  text: (cell: string) => string,
): string {
  const lines: string[] = [];
  for (let i = 0; i < rows; i++) {
    const cells: string[] = [];
    for (const { values, width, type } of columns)
      for (let at = i * width; at < (i + 1) * width; at++)
        cells.push(cellOf(values[at], type, text));
    // One empty cell alone would be an empty line.
    lines.push(cells.length === 1 && cells[0] === '' ? '""' : cells.join(delimiter));
  }
  return rows === 0 ? '' : `${lines.join('\n')}\n`;
}

function cellOf(
  value: Column['values'][number],
  type: Column['type'],
  text: (cell: string) => string,
): string {
  if (value === null || (typeof value === 'number' && Number.isNaN(value))) return '';
  if (typeof value === 'string') return text(value);
  return typeof value === 'boolean' ? String(value) : decimal(value, type);
}
