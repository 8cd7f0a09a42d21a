/**
 * How much memory a run out of core takes beside what the process has anyway: a few rows first, which load
 * all that there is to load, then many. In a process of its own.
 */
import { kmeans, type Matrix, type PointSource } from '../../src/index.ts';

export interface MemoryJob {
  rows: number;
  columns: number;
  k: number;
  maxMemory: number;
}

export interface MemoryAnswer {
  /** Bytes beyond those of a run on a few rows. */
  beyond: number;
  rows: number;
}

process.once('message', (job: MemoryJob) => {
  void answer(job).then((reply) => process.send!(reply, () => process.exit(0)));
});

async function answer({ rows, columns, k, maxMemory }: MemoryJob): Promise<MemoryAnswer> {
  const options = { engine: 'wasm', maxMemory, maxIter: 2, tol: 0, output: 'stream' } as const;
  const fit = async (count: number) => {
    await using result = await kmeans(waves(count, columns), k, options);
    let labelled = 0;
    for await (const { labels } of result.labels()) labelled += labels.length;
    return labelled;
  };
  await fit(20_000);
  const before = peak();
  return { rows: await fit(rows), beyond: peak() - before };
}

const peak = () => process.resourceUsage().maxRSS * 1024;

/** Numbers that cost little to make. */
function waves(rows: number, columns: number): PointSource {
  const chunkRows = 8192;
  return {
    columns,
    async *chunks() {
      const chunk: Matrix = { data: new Float32Array(chunkRows * columns), rows: 0, columns };
      for (let from = 0, state = 1; from < rows; from += chunkRows) {
        chunk.rows = Math.min(chunkRows, rows - from);
        for (let at = 0; at < chunk.rows * columns; at++) {
          state = (Math.imul(state, 1664525) + 1013904223) | 0;
          chunk.data[at] = (state >> 8) / 2 ** 23 + (at % 3);
        }
        yield { ...chunk, data: chunk.data.subarray(0, chunk.rows * columns) };
      }
    },
  };
}
