/** JSON lines: an object a row. What is missing, and what JSON has no number for, is null. */
import { decimal } from './decimal.ts';
import type { Column, Values } from './table.ts';
import type { Rows } from './write.ts';

export async function* writeJsonLines({ chunks }: Rows): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for await (const { rows, columns } of chunks()) {
    const names = columns.map(({ name }) => JSON.stringify(name));
    const lines: string[] = [];
    for (let i = 0; i < rows; i++)
      lines.push(
        `{${columns.map((column, c) => `${names[c]}:${valueOf(column, i)}`).join(',')}}\n`,
      );
    yield encoder.encode(lines.join(''));
  }
}

function valueOf({ values, width, type }: Column, row: number): string {
  if (width === 1) return json(values[row], type);
  const numbers = Array.from({ length: width }, (_, t) => json(values[row * width + t], type));
  return `[${numbers.join(',')}]`;
}

function json(value: Values[number], type: Column['type']): string {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return 'null';
  return typeof value === 'number' || typeof value === 'bigint'
    ? decimal(value, type)
    : JSON.stringify(value);
}
