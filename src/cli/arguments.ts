/** Arguments as values. What they may be is the library's to judge; here they only have to be numbers. */
import { InvalidArgumentError, Option } from 'commander';

/** A number; the library says which. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError('Expected a number.');
  return value;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Bytes, as 512MB or 2GiB. */
export function bytes(text: string): number {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (amount === undefined || factor === undefined)
    throw new InvalidArgumentError('Expected bytes, as 512MB or 2GiB.');
  return Math.floor(Number(amount) * factor);
}

/** An option that may be given more than once, or with commas. */
export function list(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(',').filter((part) => part !== '')];
}

/** An option that may be given more than once. */
export function again(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** An option that takes one of some words. */
export function choice(flags: string, choices: readonly string[], text: string): Option {
  return new Option(flags, text).choices(choices);
}

/** Without what is undefined. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
