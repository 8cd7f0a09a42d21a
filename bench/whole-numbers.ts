/** Arguments of a benchmark's command that are whole numbers, judged before anything runs. */

/** @param values as the command line has them, by name; ends the process with 2 where one is none */
function wholeNumber<Name extends string>(
  values: Readonly<Record<Name, string>>,
  name: Name,
): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} is '${values[name]}'; expected a whole number ≥ 1.`);
  process.exit(2);
}

/** What a check of large data clusters, and under which ceiling. */
export function workload(
  values: Readonly<Record<'rows' | 'columns' | 'k' | 'iterations' | 'max-memory', string>>,
) {
  return {
    rows: wholeNumber(values, 'rows'),
    columns: wholeNumber(values, 'columns'),
    k: wholeNumber(values, 'k'),
    iterations: wholeNumber(values, 'iterations'),
    maxMemory: wholeNumber(values, 'max-memory'),
  };
}
