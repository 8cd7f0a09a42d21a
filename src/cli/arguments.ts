/** Arguments as values. What they may be is the library's to judge; here they only have to be numbers. */
import { InvalidArgumentError } from 'commander';

/** A number; the library says which. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** An option that may be given more than once, or with commas. */
export function list(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(',').filter((part) => part !== '')];
}

/** An option that may be given more than once. */
export function again(text: string, before: string[] = []): string[] {
  return [...before, text];
}
