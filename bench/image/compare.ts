/** Every quantizer on one photograph at one number of colours, one after the other. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inProcess } from '../apart.ts';
import { askPython } from '../peers/python.ts';
import type { Contender } from './contenders.ts';
import type { Answer, Missing, Pixels, Task } from './exchange.ts';
import { judge, type Quality } from './judge.ts';
import type { Row } from './results.ts';
import type { Job, Reply } from './worker.ts';
import { askPngquant } from './pngquant.ts';

const SCRIPT = fileURLToPath(new URL('quantizers.py', import.meta.url));

export interface Asked {
  contender: Contender;
  /** Null where no Python has what is needed. */
  python: string | null;
  original: Pixels;
  task: Task;
}

/** The row's result, and who it was. */
export async function compete({ contender, python, original, task }: Asked): Promise<{
  result: Row['result'];
  description: string | null;
}> {
  let answer: Answer | Missing;
  try {
    answer = await ask(contender, python, task);
  } catch (error) {
    return { result: { outcome: 'failed', reason: messageOf(error) }, description: null };
  }
  if ('missing' in answer)
    return { result: { outcome: 'missing', reason: answer.missing }, description: null };
  const { memory, file, outputs, description, phases = null } = answer;
  try {
    const qualities: Quality[] = [];
    for (const output of outputs) {
      const { buffer } = Uint8Array.from(readFileSync(output.path));
      const out = { ...original, data: new Uint8Array(buffer) };
      qualities.push(await judge(original, out, task.colors, output));
    }
    return { result: { outcome: 'right', memory, file, qualities, phases }, description };
  } catch (error) {
    return { result: { outcome: 'wrong', reason: messageOf(error) }, description };
  }
}

async function ask(
  { how }: Contender,
  python: string | null,
  task: Task,
): Promise<Answer | Missing> {
  switch (how.by) {
    case 'pngquant':
      return askPngquant(task);
    case 'python':
      if (python === null) return { missing: NO_PYTHON };
      return askPython(python, SCRIPT, { ...task, method: how.method });
    default: {
      const job: Job = { task, how };
      const reply = await inProcess<Reply>('bench/image/worker.ts', job);
      if ('answer' in reply) return reply.answer;
      throw new Error('lost' in reply ? reply.lost : reply.failure);
    }
  }
}

export const PYTHON_MODULES = 'sklearn, PIL';
const NO_PYTHON =
  'no Python here can import scikit-learn and Pillow: apt-get install python3-sklearn python3-pil, or name a Python in CENTROIDS_PYTHON';

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
