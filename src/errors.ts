/**
 * Every error the library throws on purpose. One sentence pattern everywhere:
 * `name is value; expected rule. remedy.`
 */

/** Stable, machine-readable reasons for an error. Codes may be added; none changes its meaning. */
export type KMeansErrorCode =
  | 'invalid-input'
  | 'engine-unavailable'
  | 'not-supported'
  | 'device-lost'
  | 'out-of-memory'
  | 'gpu-error'
  | 'empty-cluster'
  | 'not-fitted'
  | 'checkpoint'
  | 'invalid-file';

/**
 * Base class of every error that the library throws on purpose. Branch on the class or on `code`, which
 * are stable; `message` is for people and may change between releases. `cause` has the error it follows
 * from, if there is one.
 */
export class KMeansError extends Error {
  /** Name of the class. */
  override name = 'KMeansError';
  constructor(
    /** Stable reason, to branch on. */
    readonly code: KMeansErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An argument breaks a rule: the message gives the value, the rule and a remedy. Thrown before any work. */
export class InvalidInputError extends KMeansError {
  override name = 'InvalidInputError';
  constructor(message: string) {
    super('invalid-input', message);
  }
}

/** An engine requested by name cannot run here. `engine: 'auto'` picks one that can. */
export class EngineUnavailableError extends KMeansError {
  override name = 'EngineUnavailableError';
  constructor(
    /** Name of the engine. */
    readonly engine: string,
    /** Why it cannot run here. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      'engine-unavailable',
      `engine is '${engine}'; expected one that can run here: ${reason}. ` +
        `Use engine: 'auto' to take the best that can.`,
      options,
    );
  }
}

/**
 * A valid option value, or a combination of options, that this engine, metric or function does not
 * support. Nothing is silently replaced; the message names an alternative.
 */
export class NotSupportedError extends KMeansError {
  override name = 'NotSupportedError';
  constructor(message: string) {
    super('not-supported', message);
  }
}

/**
 * The GPU device was lost during a run. No result is returned. Try again, or use `engine: 'auto'`, which
 * continues on another engine by itself.
 */
export class DeviceLostError extends KMeansError {
  override name = 'DeviceLostError';
  constructor(message: string, options?: ErrorOptions) {
    super('device-lost', message, options);
  }
}

/** A run needs more memory than there is or than `maxMemory` allows. The message gives a remedy. */
export class OutOfMemoryError extends KMeansError {
  override name = 'OutOfMemoryError';
  constructor(message: string, options?: ErrorOptions) {
    super('out-of-memory', message, options);
  }
}

/** The GPU reported a validation or internal error, or returned something impossible. No result is returned. */
export class GpuError extends KMeansError {
  override name = 'GpuError';
  constructor(message: string, options?: ErrorOptions) {
    super('gpu-error', message, options);
  }
}

/**
 * A cluster lost all its points under `emptyCluster: 'error'`, or under `missing: 'raise'` of
 * `centroids/vq`. Lower k, or change `seed` or `init`.
 */
export class EmptyClusterError extends KMeansError {
  override name = 'EmptyClusterError';
  constructor(message: string) {
    super('empty-cluster', message);
  }
}

/** A checkpoint belongs to other points, other options or another version, or is damaged. */
export class CheckpointError extends KMeansError {
  override name = 'CheckpointError';
  constructor(message: string) {
    super('checkpoint', message);
  }
}

/** An estimator was asked for a result before it was fitted. Await `fit(points)` first. */
export class NotFittedError extends KMeansError {
  override name = 'NotFittedError';
  constructor(message: string) {
    super('not-fitted', message);
  }
}

/** Where in a file: rows are counted from 1, without the header. */
export interface FilePlace {
  row?: number;
  column?: string;
}

/** A file is damaged, is not in the format it claims, or has something other than a number where one is needed. */
export class InvalidFileError extends KMeansError {
  override name = 'InvalidFileError';
  /** Row of the problem, counted from 1 without the header; undefined if it concerns the whole file. */
  readonly row: number | undefined;
  /** Name of the column; undefined if the problem is not in one column. */
  readonly column: string | undefined;
  constructor(
    /** Name of the file. */
    readonly file: string,
    message: string,
    { row, column, ...options }: FilePlace & ErrorOptions = {},
  ) {
    super('invalid-file', message, options);
    this.row = row;
    this.column = column;
  }
}

/** Whether lanes failed in such a way that the work has to be done elsewhere. */
export function lanesFailed(error: unknown): boolean {
  return error instanceof EngineUnavailableError || error instanceof OutOfMemoryError;
}

/** Throws the library's standard complaint about an argument. */
export function refuse(name: string, value: unknown, expected: string, remedy: string): never {
  throw new InvalidInputError(`${name} is ${show(value)}; expected ${expected}. ${remedy}`);
}

/** The same about a checkpoint, or about what does not go with it. */
export function refuseCheckpoint(
  name: string,
  value: unknown,
  expected: string,
  remedy: string,
): never {
  throw new CheckpointError(`${name} is ${show(value)}; expected ${expected}. ${remedy}`);
}

/** What is no AbortSignal: it would never abort. */
export function refuseNoSignal(signal: unknown): void {
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.throwIfAborted !== 'function')
    refuse('signal', signal, 'an AbortSignal', 'Pass the signal of an AbortController.');
}

/** What is no GPUDevice: a GPUAdapter, say. */
export function refuseNoDevice(device: unknown): void {
  if (device !== undefined && typeof (device as GPUDevice | null)?.createBuffer !== 'function')
    refuse('device', device, 'a GPUDevice', 'Pass what await adapter.requestDevice() gave.');
}

/** Refuses options that are no object, and names that are none of the known: a misspelt one would do nothing. */
export function refuseUnknown(options: object, known: Iterable<string>, what = 'options'): void {
  if (typeof options !== 'object' || options === null)
    refuse(what, options, 'an object', 'Leave it out for the defaults.');
  const names = new Set(known);
  for (const [name, value] of Object.entries(options))
    if (!names.has(name))
      refuse(
        `${what}.${name}`,
        value,
        `only ${what === 'options' ? 'options named ' : ''}${[...names].join(', ')}`,
        'Check the spelling.',
      );
}

/** A value as a reader would write it in code, shortened. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || value == null) return `${value}`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') {
    const kind = value.constructor?.name ?? 'Object';
    return kind === 'Object' ? 'an object' : `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind}`;
  }
  return typeof value === 'boolean' ? `${value}` : 'a symbol';
}
