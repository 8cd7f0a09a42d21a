/** Numbers and tables as people read them. */

/** 1234567 → 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Six digits that matter. */
export function digits(value: number, precision = 6): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(precision)));
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Cells under each other, numbers to the right; the first row has the titles. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  const lines = rows.map((row) => row.map((cell, c) => cell.padStart(widths[c])).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
