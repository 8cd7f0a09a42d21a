/**
 * `npm run check:csv`: k-means over a CSV that is larger than the memory it may take. The file is made of one
 * of our boards and removed at the end. Each job has a process of its own: papaparse alone reads the file, and
 * kmeans clusters it; told are the rows a second of the first pass beside those of papaparse, what the later
 * passes read a second, and the most memory that the process had. Needs disk for the file and its numbers.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { blobsChunks } from '../src/boards/index.ts';
import { inProcess, type Lost } from './apart.ts';
import type { CsvAnswer, CsvJob } from './csv-worker.ts';
import { commit, machine } from './machine.ts';
import { setting } from './report.ts';
import { workload } from './whole-numbers.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '60000000' },
    columns: { type: 'string', default: '8' },
    k: { type: 'string', default: '64' },
    iterations: { type: 'string', default: '3' },
    'max-memory': { type: 'string', default: String(512 * 2 ** 20) },
    folder: { type: 'string', default: tmpdir() },
  },
});
const task = workload(values);

const MIB = 2 ** 20;
const folder = await mkdtemp(path.join(values.folder, 'centroids-csv-'));
try {
  const file = path.join(folder, 'board.csv');
  await writeBoard(file);
  const { size } = await stat(file);
  const here = machine();
  console.log(setting({ machine: here, date: new Date().toISOString(), commit: commit(ROOT) }));
  console.log(`${task.rows.toLocaleString('en')} × ${task.columns}, ${(size / 2 ** 30).toFixed(2)} GiB of CSV, k = ${task.k}, maxMemory ${task.maxMemory / MIB} MiB`); // prettier-ignore
  const run = async (job: CsvJob) => {
    const answer = await inProcess<CsvAnswer>('bench/csv-worker.ts', job);
    if ('lost' in (answer as Lost)) throw new Error((answer as Lost).lost);
    return answer as CsvAnswer;
  };
  const bare = await run({ kind: 'parse', file });
  const fit = await run({ kind: 'fit', file, ...task, cache: folder });
  const rate = ({ rows, first, firstProcessor }: CsvAnswer) =>
    `${(rows / first / 1e6).toFixed(2)} million rows/s, ${firstProcessor.toFixed(1)} s of processors`;
  const peak = ({ before, peak }: CsvAnswer) =>
    `${(peak / MIB).toFixed(0)} MiB at most, ${(before / MIB).toFixed(0)} before`;
  console.log(`papaparse: ${bare.first.toFixed(1)} s, ${rate(bare)}; ${peak(bare)}`);
  console.log(
    `first pass: ${fit.first.toFixed(1)} s, ${rate(fit)}, ${(fit.first / bare.first).toFixed(2)} times papaparse, ` +
      `of processors ${(fit.firstProcessor / bare.firstProcessor).toFixed(2)} times`,
  );
  const bytes = 4 * task.rows * task.columns;
  const iteration = fit.iterate / fit.iterations;
  console.log(
    `the other passes: laying and seeding ${fit.seed.toFixed(1)} s; ${fit.iterations} iterations of ${iteration.toFixed(2)} s, ` +
      `${(bytes / iteration / 1e6).toFixed(0)} MB/s of float32`,
  );
  console.log(`all of it: ${fit.all.toFixed(1)} s; ${peak(fit)}; ${fit.hash}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writeBoard(file: string): Promise<void> {
  const { rows, columns, k } = task;
  const out = createWriteStream(file, { highWaterMark: 2 ** 22 });
  out.write(`${Array.from({ length: columns }, (_, t) => `x${t}`).join(',')}\n`);
  for await (const { data } of blobsChunks(rows, k, { columns, deviation: 0.1 }).chunks()) {
    let text = '';
    for (let at = 0; at < data.length; at += columns) {
      for (let t = 0; t < columns; t++)
        text += (t ? ',' : '') + Math.round(data[at + t] * 1e6) / 1e6;
      text += '\n';
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
