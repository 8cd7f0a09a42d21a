/** The benchmark's command line: what it prints, what it writes and how it exits. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../bench/report.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(path.join(os.tmpdir(), 'centroids-bench-'));
afterAll(() => rmSync(directory, { recursive: true }));

function bench(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/node.ts', ...words], {
    cwd: ROOT,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

describe('npm run bench', () => {
  it('measures, prints a table and writes JSON', async () => {
    const json = path.join(directory, 'deep', 'out.json');
    const { code, out } = await bench(
      ...['--cases', 'T2,S1-half', '--scale', '0.01', '--engines', 'reference'],
      ...['--repeat', '1', '--iterations', '3', '--json', json],
    );
    expect(code).toBe(0);
    expect(out).toContain('| T2 ');
    expect(out).toContain('| S1-half');
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    expect(report).toMatchObject({
      format: 1,
      options: { scale: 0.01, iterations: 3, repeats: 1, init: 'rows', seed: 0 },
      machine: { runtime: `Node ${process.version}` },
    });
    expect(report.runs.map((run) => [run.case.name, run.engine, run.measurement.outcome])).toEqual([
      ['T2', 'reference', 'measured'],
      ['S1-half', 'reference', 'measured'],
    ]);
    expect(report.engines).toMatchObject([{ name: 'reference', available: true }]);
  });

  it('fails where what was asked for by name cannot be had', async () => {
    const few = ['--repeat', '1', '--iterations', '1'];
    const engine = await bench('--cases', 'T2', '--engines', 'webgl,reference', ...few);
    expect(engine.code).toBe(1);
    expect(engine.err).toContain('webgl cannot run here: ');
    expect(engine.out).toContain('| T2 '); // the others are measured all the same
  });

  it('refuses to be called wrongly', async () => {
    const answers = await Promise.all([
      bench('--cases', 'C9'),
      bench('--engines', 'abacus'),
      bench('--scale', 'much'),
      bench('--repeat', '1.5'),
      bench('--initt', 'rows'),
    ]);
    for (const { code, out } of answers) expect([code, out]).toEqual([2, '']);
    expect(answers[0].err).toContain("case is 'C9'");
  });

  it('lists the cases', async () => {
    const { code, out } = await bench('--list');
    expect(code).toBe(0);
    expect(out).toContain('C1-blobs');
  });
});
