/** Numbers as a reader wants them. */

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });

export const count = (value: number) => whole.format(value);

/** 1 K, 2.5 M. @param digits that count; one behind the point where it is not said */
export const rough = (value: number, digits?: number) =>
  (digits ? compact(digits) : short).format(value).replace(/(\d)([KMB])/, '$1 $2');

const compact = (maximumSignificantDigits: number) =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits });

export const measure = (value: number) =>
  Number.isFinite(value) ? (value === 0 ? '0' : precise.format(value)) : '–';

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 0.001) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 0.1) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${(seconds * 1000).toFixed(0)} ms`;
  if (seconds < 100) return `${seconds.toFixed(2)} s`;
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}

export function share(part: number): string {
  const percent = 100 * part;
  if (percent > 0 && percent < 0.05) return '<0.1 %';
  if (percent > 99.9 && percent < 100) return '>99.9 %';
  return `${percent.toFixed(percent < 9.95 || (percent >= 99.5 && percent < 100) ? 1 : 0)} %`;
}

/** What a column is called, also where it has no name. */
export const columnTitle = (names: readonly string[], columns: number, column: number) =>
  names[column] ?? (columns === 2 ? 'xy'[column] : `column ${column + 1}`);

export const plural = (value: number, one: string, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`;
