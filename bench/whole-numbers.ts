/** Arguments of a benchmark's command that are whole numbers, judged before anything runs. */

/** @param values as the command line has them, by name; ends the process with 2 where one is none */
export function wholeNumber<Name extends string>(
  values: Readonly<Record<Name, string>>,
  name: Name,
): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} is '${values[name]}'; expected a whole number ≥ 1.`);
  process.exit(2);
}
