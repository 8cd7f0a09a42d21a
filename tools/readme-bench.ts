/**
 * Fills the benchmark tables of the README and of bench/README.md: `npx tsx tools/readme-bench.ts`. They
 * name the JSON files between their markers; a test says when a table is not what its file gives.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownTable } from 'markdown-table';
import type { ImageReport } from '../bench/image/results.ts';
import { imageSummary, imageText } from '../bench/image/table.ts';
import type { PeersReport } from '../bench/peers/results.ts';
import { peersSummary } from '../bench/peers/summary.ts';
import { complaint, digits, label, setting, type Report } from '../bench/report.ts';

const ROOT = new URL('..', import.meta.url);
export const README = fileURLToPath(new URL('README.md', ROOT));
/** What has tables of ours. */
export const DOCUMENTS = [README, fileURLToPath(new URL('bench/README.md', ROOT))];

const SECTION = /(<!-- benchmarks: (\S+)( in full)? -->\n)[^]*?(<!-- \/benchmarks -->)/g;

/** A document's text with its benchmark tables made anew. */
export function withBenchmarks(document: string): string {
  return document.replace(
    SECTION,
    (_, head: string, file: string, full: string | undefined, tail: string) =>
      `${head}${textOf(file, full !== undefined)}\n${tail}`,
  );
}

function textOf(file: string, full: boolean): string {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  const report = JSON.parse(text) as Report | PeersReport | ImageReport;
  if (!('kind' in report)) return section(report);
  if (report.kind === 'peers') return peersSummary(report);
  return full ? imageText(report) : imageSummary(report);
}

function section(report: Report): string {
  const { repeats, iterations } = report.options;
  const head = [
    ...['case', 'n × d, k', 'engine', 'iterations'],
    ...['ms an iteration', 'fit, ms', 'least – most', 'GFLOP/s'],
  ];
  const lines = report.runs.map(({ case: { name, rows, columns, k }, engine, measurement }) => {
    const size = `${rows.toLocaleString('en')} × ${columns}, ${k.toLocaleString('en')}`;
    const cells =
      measurement.outcome === 'measured'
        ? [
            String(measurement.iterations),
            digits(measurement.iteration),
            digits(measurement.fit.median),
            `${digits(measurement.fit.least)} – ${digits(measurement.fit.most)}`,
            digits(measurement.gigaflops),
          ]
        : [complaint(measurement), '', '', '', ''];
    return [name, size, label(engine, measurement), ...cells];
  });
  const { loadBefore, cores } = report.machine;
  const busy =
    loadBefore !== null && loadBefore > 0.5
      ? ` Others used the machine too (a load of ${loadBefore.toFixed(1)} on ${cores} cores at the start), which the spread shows.`
      : '';
  return (
    `${setting(report)}. Median of ${repeats} fits of at most ${iterations} iterations, after warm-up.${busy}\n\n` +
    markdownTable([head, ...lines], { align: ['l', 'l', 'l', 'r', 'r', 'r', 'r', 'r'] })
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const document of DOCUMENTS)
    writeFileSync(document, withBenchmarks(readFileSync(document, 'utf8')));
