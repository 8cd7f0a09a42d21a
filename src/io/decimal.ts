/** Numbers as text that reads back as the same number, and is no longer than it has to be. */
import type { ColumnType } from './table.ts';

/** In float32, 0.1 is 0.1: the shortest text that rounds to it. */
function shortestFloat(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** A finite number of a column of that type. */
export function decimal(value: number | bigint, type: ColumnType): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'number' && (type === 'float32' || type === 'float16'))
    return shortestFloat(value);
  return String(value);
}
