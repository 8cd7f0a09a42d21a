/**
 * Estimators as JSON, and back. A model is saved as the grid knows it, so that a loaded one gives the
 * same labels to the bit: JSON keeps every bit of a double. What is read is judged to the last number:
 * a damaged file is refused with the place of the damage, and never makes a model that is wrong.
 */
import { refuse } from '../errors.ts';
import { powerOfTwo } from '../grid.ts';
import { listsOf, toRows, type Points } from '../matrix.ts';
import { modelOf, type Model } from '../predict.ts';

/** The saved options of an estimator: without those that say where to run or that belong to one fit. */
export type SavedOptions = { k: number } & Record<
  string,
  number | string | boolean | null | number[][]
>;

/** The centroids of a saved estimator, as numbers on the integer grid that all engines share. */
export interface SavedModel {
  /** What is subtracted from each (scaled) column. */
  centre: number[];
  /** Grid values are multiplied by 2 to this power. */
  exponent: number;
  /** k × columns grid values, row-major. */
  centroids: number[];
}

const LEFT_OUT = [
  ...['engine', 'device', 'threads', 'weights'],
  ...['signal', 'onProgress', 'checkpoint', 'resume'],
  ...['maxMemory', 'cache', 'output'],
];

/** A function as `init` is saved as a name that no fit takes: it has to be given again. */
const INIT_LOST = 'a function that was not saved';

export function saveOptions(options: { k: number; init?: unknown }): SavedOptions {
  const { init } = options;
  const kept = Object.entries(options).filter(
    ([name, value]) => !LEFT_OUT.includes(name) && name !== 'init' && value !== undefined,
  );
  if (typeof init === 'string') kept.push(['init', init]);
  else if (typeof init === 'function') kept.push(['init', INIT_LOST]);
  else if (init !== undefined) kept.push(['init', listsOf(toRows(init as Points, 'init'))]);
  return Object.fromEntries(kept) as SavedOptions;
}

export function saveModel({ frame, centroids }: Model): SavedModel {
  return {
    centre: Array.from(frame.centre),
    exponent: frame.exponent,
    centroids: Array.from(centroids),
  };
}

const DAMAGED = 'The file is damaged: save the model again.';

/** One object of a saved file, read by judging. */
export class Saved {
  readonly #values: Record<string, unknown>;
  readonly #name: string;

  constructor(values: unknown, name: string) {
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      refuse(name, values, 'an object', DAMAGED);
    this.#values = values as Record<string, unknown>;
    this.#name = name;
  }

  /** A saved estimator: what `toJSON` gave, or its text. */
  static open(json: unknown, format: string, version: number): Saved {
    const saved = new Saved(typeof json === 'string' ? parse(json) : json, 'json');
    const { format: foundFormat, version: found } = saved.#values;
    if (foundFormat !== format)
      refuse('json.format', foundFormat, `'${format}'`, 'Load it with the class that saved it.');
    if (found !== version)
      refuse(
        'json.version',
        found,
        `${version}`,
        typeof found === 'number' && found > version
          ? 'A later version of this library saved it: update.'
          : DAMAGED,
      );
    return saved;
  }

  number(name: string, fits: (value: number) => boolean, expected: string): number {
    const value = this.#values[name];
    if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value))
      refuse(`${this.#name}.${name}`, value, expected, DAMAGED);
    return value;
  }

  whole(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const range = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
    const fits = (v: number) => Number.isSafeInteger(v) && v >= least && v <= most;
    return this.number(name, fits, `a whole number ${range}`);
  }

  /** `length`: how many there must be, if that is known. */
  numbers(
    name: string,
    length: number | null,
    fits: (value: number) => boolean,
    expected: string,
  ): number[] {
    const values = this.#list(name);
    if (length !== null && values.length !== length)
      refuse(`${this.#name}.${name}.length`, values.length, `${length}`, DAMAGED);
    return values.map((value, i) => {
      if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value))
        refuse(`${this.#name}.${name}[${i}]`, value, expected, DAMAGED);
      return value;
    });
  }

  texts(name: string): string[] {
    return this.#list(name).map((value, i) => {
      if (typeof value !== 'string')
        refuse(`${this.#name}.${name}[${i}]`, value, 'a text', DAMAGED);
      return value;
    });
  }

  objects(name: string): Saved[] {
    return this.#list(name).map((value, i) => new Saved(value, `${this.#name}.${name}[${i}]`));
  }

  /** Not judged. */
  raw(name: string): unknown {
    return this.#values[name];
  }

  object(name: string): Saved {
    return new Saved(this.#values[name], `${this.#name}.${name}`);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  #list(name: string): unknown[] {
    const values = this.#values[name];
    if (!Array.isArray(values)) refuse(`${this.#name}.${name}`, values, 'an array', DAMAGED);
    return values;
  }

  /** Names and kinds are judged here, values by the next fit. */
  options(known: readonly string[]): SavedOptions {
    const options = this.object('options');
    options.whole('k', 1);
    for (const [name, value] of Object.entries(options.#values)) {
      if (!known.includes(name) || LEFT_OUT.includes(name))
        refuse(`json.options.${name}`, value, 'an option that is saved', DAMAGED);
      const plain = ['number', 'string', 'boolean'].includes(typeof value) || value === null;
      if (!plain && !(name === 'init' && Array.isArray(value)))
        refuse(`json.options.${name}`, value, 'a number, a text, true, false or null', DAMAGED);
    }
    return { ...options.#values } as SavedOptions;
  }

  /** The scale of the columns; null where there is none. */
  scale(columns: number): Float64Array | null {
    if (!this.has('scale')) return null;
    return Float64Array.from(
      this.numbers('scale', columns, (v) => v > 0, 'a finite number above 0'),
    );
  }

  /** A model of `least` to `most` centroids. */
  model(columns: number, scale: Float64Array | null, least: number, most: number): Model {
    const centre = this.numbers('centre', columns, () => true, 'a finite number');
    const exponent = this.whole('exponent', -1000, 1023);
    const values = this.numbers('centroids', null, isGridValue, 'a float32 from −1 to 1');
    const k = values.length / columns;
    if (!Number.isInteger(k) || k < least || k > most)
      refuse(
        `${this.#name}.centroids.length`,
        values.length,
        `${least === most ? most : `${least} to ${most}`} × ${columns} (centroids × columns)`,
        DAMAGED,
      );
    const frame = { columns, centre: Float64Array.from(centre), scale, exponent };
    return modelOf(frame, Float32Array.from(values));
  }

  /** What every estimator found, of k clusters. */
  found(k: number): { labels: Uint32Array; inertia: number; iterations: number } {
    const isLabel = (v: number) => Number.isInteger(v) && v >= 0 && v < k;
    const labels = this.numbers('labels', null, isLabel, `a whole number from 0 to ${k - 1}`);
    const inertia = this.number('inertia', (v) => v >= 0, 'a finite number ≥ 0');
    return { labels: Uint32Array.from(labels), inertia, iterations: this.whole('iterations', 1) };
  }
}

const SMALLEST_NORMAL = powerOfTwo(-126);

/** What a centroid on the grid can be: no more than 1, no more bits than a float32, no subnormal. */
function isGridValue(y: number): boolean {
  return Math.fround(y) === y && Math.abs(y) <= 1 && (y === 0 || Math.abs(y) >= SMALLEST_NORMAL);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    refuse('json', text.slice(0, 20), `JSON (${(error as Error).message})`, DAMAGED);
  }
}
