/**
 * The state of a fit in a file, so that the same command goes on from it. Where --checkpoint names the file,
 * it is written as the run goes on. Otherwise the state is only held, and written when the run is
 * interrupted: beside the first output.
 */
import { readFile, rm } from 'node:fs/promises';
import type { Checkpoint } from '../options.ts';
import { UsageError } from './exit.ts';
import { PIPE, write } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface CheckpointFlags {
  checkpoint?: string;
  every?: number;
  resume?: true;
}

export interface Keeping {
  /** For the library. */
  readonly options: { checkpoint?: Checkpoint; resume?: Uint8Array };
  /** After an interruption: writes what is held, and says how to go on. */
  interrupted(): Promise<void>;
  /** All is written: what was kept beside an output has done its service. */
  done(): Promise<void>;
}

/** @throws UsageError where it is asked to go on, and there is no file to go on from */
export async function keeping(
  { checkpoint, every, resume }: CheckpointFlags,
  outputs: readonly (string | undefined)[],
  terminal: Terminal,
): Promise<Keeping> {
  const first = outputs.find((output) => output !== undefined && output !== PIPE);
  const path = checkpoint ?? (first === undefined ? undefined : `${first}.checkpoint`);
  if (path === undefined) {
    if (resume)
      throw new UsageError(
        '--resume is given; expected a file to go on from beside it. Pass --checkpoint with its name.',
      );
    return { options: {}, interrupted: async () => {}, done: async () => {} };
  }
  const from =
    resume && (await readFile(path).catch((error: NodeJS.ErrnoException) => nothing(path, error)));
  let held: Uint8Array | null = null;
  let written = false;
  // To the end, though the run is interrupted.
  const save = (state: Uint8Array) => write(path, state, terminal, null);
  return {
    options: {
      checkpoint: {
        ...(every !== undefined && { every }),
        async write(state) {
          held = state;
          if (checkpoint === undefined) return;
          await save(state);
          written = true;
        },
      },
      ...(from && { resume: new Uint8Array(from) }),
    },
    async interrupted() {
      if (held !== null && !written) await save(held);
      if (held !== null)
        terminal.say(`The state is in ${path}: the same command with --resume goes on from it.\n`);
    },
    async done() {
      if (resume && checkpoint === undefined) await rm(path, { force: true });
    },
  };
}

function nothing(path: string, error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOENT') throw error;
  throw new UsageError(
    `--resume looks for '${path}', which is not there; expected the state of an interrupted fit. ` +
      'Pass --checkpoint with its name, or leave --resume out.',
  );
}
