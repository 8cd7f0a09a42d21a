/** A job of check:csv in a process of its own, so that the peak of memory is its own. */
import { createReadStream } from 'node:fs';
import papa from 'papaparse';
import { kmeans } from '../src/index.ts';
import { openSource } from '../src/io/index.ts';

export type CsvJob =
  | { kind: 'parse'; file: string }
  | {
      kind: 'fit';
      file: string;
      k: number;
      iterations: number;
      maxMemory: number;
      cache: string;
    };

export interface CsvAnswer {
  rows: number;
  /** Seconds of the first pass, of what comes before iterations, of these, and of all. */
  first: number;
  /** Of processors, of the first pass: what others do on the machine shows less there. */
  firstProcessor: number;
  seed: number;
  iterate: number;
  all: number;
  iterations: number;
  hash: string;
  /** Bytes of the process. */
  before: number;
  peak: number;
}

process.once('message', (job: CsvJob) => {
  void (job.kind === 'parse' ? parse(job.file) : fit(job)).then((reply) =>
    process.send!(reply, () => process.exit(0)),
  );
});

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const peak = () => process.resourceUsage().maxRSS * 1024;

/** Cells as text, which nobody keeps. */
async function parse(file: string): Promise<CsvAnswer> {
  const before = peak();
  const since = performance.now();
  const spent = processor();
  let rows = -1; // the header
  await new Promise<void>((resolve, reject) =>
    papa.parse(createReadStream(file), {
      chunk: ({ data }) => void (rows += data.length),
      complete: () => resolve(),
      error: reject,
      skipEmptyLines: true,
    }),
  );
  const first = (performance.now() - since) / 1000;
  return { rows, first, firstProcessor: processor() - spent, seed: 0, iterate: 0, all: first, iterations: 0, hash: '', before, peak: peak() }; // prettier-ignore
}

async function fit(job: Extract<CsvJob, { kind: 'fit' }>): Promise<CsvAnswer> {
  const { file, k, iterations, maxMemory, cache } = job;
  const before = peak();
  const since = performance.now();
  const spent = processor();
  let loaded = since;
  let firstProcessor = 0;
  const source = await openSource(file);
  const result = await kmeans(source, k, {
    ...{ maxMemory, cache, output: 'stream', maxIter: iterations, tol: 0 },
    onProgress: ({ phase }) => {
      if (phase !== 'load') return;
      loaded = performance.now();
      firstProcessor = processor() - spent;
    },
  });
  const all = (performance.now() - since) / 1000;
  const { rows, seconds, hash } = result;
  await result.dispose();
  return {
    rows,
    first: (loaded - since) / 1000,
    firstProcessor,
    seed: seconds.seed,
    iterate: seconds.iterate,
    all,
    iterations: result.iterations,
    hash,
    before,
    peak: peak(),
  };
}
