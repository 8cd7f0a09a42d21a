/**
 * `npm run bench`: measures cases on engines in Node, prints a table and writes JSON. See README.md
 * beside this file. Exits with 1 where an answer was wrong or something asked for by name could not
 * be had, with 2 where it was called wrongly.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { EngineInfo, EngineName } from '../src/index.ts';
import { inProcess, type Lost } from './apart.ts';
import { CASES, findCases, scaled, type Case } from './cases.ts';
import { commit, machine } from './machine.ts';
import { SEEDINGS, type Measurement, type MeasureOptions } from './measure.ts';
import type { PeersOptions } from './peers/run.ts';
import { agreed, complaint, setting, table, type Report, type Run } from './report.ts';
import type { Answer, Job } from './worker.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENGINES: readonly EngineName[] = ['webgpu', 'webgl', 'wasm', 'reference'];
/** Workloads that others can take. */
const PEER_CASES = ['T1', 'T2', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8'];

const USAGE = `npm run bench -- [options]

  --cases C1,C4-blobs   cases by id or name, or all        default: a small part of most
  --engines NAME,…      ${ENGINES.join(', ')}     default: those that can run here,
                        software adapters only when named
  --scale 0.1           share of every case's rows         default: 1; the small part its own
  --iterations 10       most iterations of a fit           default: 10
  --repeat 5            timed fits                         default: 5
  --warm-up 1           fits before them                   default: 1
  --init rows           rows, or seeded: auto, k-means++,  default: rows
                        k-means||, random
  --seed 0              of points and first centroids      default: 0
  --max-seconds 120     for one case on one engine         default: 120
  --json FILE           where the JSON goes                default: not written
  --list                the cases, and nothing else
  --help

npm run bench -- --peers [options]: against scikit-learn, ml-kmeans and skmeans, and in a browser

  --cases, --scale, --repeat, --seed, --json as above      default: T1, T2, C1 to C8, all rows
  --iterations 20       most iterations of a fit           default: 20
  --threads 4           ours and scikit-learn's            default: all
  --algorithms lloyd,…  ours too by lloyd, filtered        default: none beside auto
  --max-seconds 10      for what may be cut short          default: 10
  --relaxed             lets Node 20 use relaxed SIMD
  --no-browser          nothing in a tab
`;

class UsageError extends Error {}

const { values } = readArguments();
if (values.help) console.log(USAGE);
else if (values.list) console.log(list());
else if (values.peers) {
  const wanted = judgePeersArguments();
  const { comparePeers } = await import('./peers/run.ts');
  process.exitCode = await comparePeers(ROOT, wanted);
} else process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = judgeArguments();
  const report: Report = {
    format: 1,
    date: new Date().toISOString(),
    commit: commit(ROOT),
    machine: machine(),
    options: wanted.options,
    engines: await Promise.all((wanted.engines ?? ENGINES).map(look)),
    runs: [],
  };
  const { chosen, missing } = chooseEngines(report.engines, wanted.engines !== null);
  for (const line of missing) console.error(line);
  let failed = wanted.engines !== null && missing.length > 0;

  for (const each of wanted.cases) {
    const runs: Run[] = [];
    for (const engine of chosen) {
      const measurement = await measureApart(each, engine, wanted.options);
      runs.push({ case: each, engine, measurement });
    }
    // Only now are times known to belong to right answers.
    for (const run of agreed(runs)) {
      report.runs.push(run);
      const { outcome } = run.measurement;
      if (outcome === 'measured') console.error(`${each.name} on ${run.engine}: right`);
      else console.error(`${each.name} on ${run.engine}: ${complaint(run.measurement)}`);
      failed ||= outcome === 'wrong' || outcome === 'failed';
      failed ||= wanted.named && outcome !== 'measured';
    }
  }

  console.log(`\n${setting(report)}\n\n${table(report.runs)}`);
  if (values.json !== undefined) {
    mkdirSync(path.dirname(path.resolve(values.json)), { recursive: true });
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
    console.error(`written: ${values.json}`);
  }
  return failed ? 1 : 0;
}

// ---- arguments ---------------------------------------------------------------------------------

function readArguments() {
  try {
    return parseArgs({
      options: {
        cases: { type: 'string' },
        engines: { type: 'string' },
        scale: { type: 'string' },
        iterations: { type: 'string' },
        repeat: { type: 'string', default: '5' },
        'warm-up': { type: 'string' },
        init: { type: 'string' },
        seed: { type: 'string', default: '0' },
        'max-seconds': { type: 'string' },
        json: { type: 'string' },
        peers: { type: 'boolean', default: false },
        threads: { type: 'string' },
        algorithms: { type: 'string' },
        relaxed: { type: 'boolean', default: false },
        'no-browser': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return misuse(error);
  }
}

function judgeArguments() {
  try {
    for (const name of ['threads', 'algorithms', 'relaxed', 'no-browser'] as const)
      if (values[name] !== undefined && values[name] !== false)
        throw new UsageError(`--${name} is for --peers.`);
    const engines = values.engines?.split(',') ?? null;
    const stranger = engines?.find((name) => !ENGINES.some((each) => each === name));
    if (stranger !== undefined)
      throw new UsageError(`--engines has '${stranger}'; expected ${ENGINES.join(', ')}.`);
    const scale = values.scale === undefined ? null : number('scale', values.scale, 1e-9);
    const named = values.cases !== undefined && values.cases !== 'all';
    return {
      engines: engines as EngineName[] | null,
      cases:
        values.cases === undefined
          ? quickCases(scale ?? 1)
          : findCases(values.cases.split(',')).map((each) => scaled(each, scale ?? 1)),
      /** Whether every case was asked for by name: then one that cannot be run is a failure. */
      named,
      options: {
        scale: values.cases === undefined ? ('quick' as const) : (scale ?? 1),
        iterations: whole('iterations', values.iterations ?? '10', 1),
        repeats: whole('repeat', values.repeat, 1),
        warmUps: whole('warm-up', values['warm-up'] ?? '1', 0),
        init: firstCentroids(values.init ?? 'rows'),
        seed: whole('seed', values.seed, 0),
        maxSeconds: number('max-seconds', values['max-seconds'] ?? '120', 1),
      },
    };
  } catch (error) {
    return misuse(error);
  }
}

function judgePeersArguments(): PeersOptions {
  try {
    for (const name of ['engines', 'warm-up', 'init'] as const)
      if (values[name] !== undefined) throw new UsageError(`--${name} is not for --peers.`);
    const algorithms = values.algorithms?.split(',') ?? [];
    const stranger = algorithms.find((name) => name !== 'lloyd' && name !== 'filtered');
    if (stranger !== undefined)
      throw new UsageError(`--algorithms has '${stranger}'; expected lloyd, filtered.`);
    const scale = number('scale', values.scale ?? '1', 1e-9);
    return {
      cases: findCases(values.cases?.split(',') ?? PEER_CASES).map((each) => scaled(each, scale)),
      scale,
      // labels of other libraries are those of the iteration before: there has to be one
      iterations: whole('iterations', values.iterations ?? '20', 2),
      repeats: whole('repeat', values.repeat, 1),
      seed: whole('seed', values.seed, 0),
      maxSeconds: number('max-seconds', values['max-seconds'] ?? '10', 0.01),
      threads: whole('threads', values.threads ?? String(os.availableParallelism()), 1),
      algorithms: algorithms as ('lloyd' | 'filtered')[],
      flags: values.relaxed ? ['--experimental-wasm-relaxed-simd'] : [],
      browser: !values['no-browser'],
      json: values.json,
    };
  } catch (error) {
    return misuse(error);
  }
}

function firstCentroids(text: string): MeasureOptions['init'] {
  const known = (['rows', ...SEEDINGS] as const).find((name) => name === text);
  if (known) return known;
  throw new UsageError(`--init is '${text}'; expected rows, ${SEEDINGS.join(', ')}.`);
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!(value >= least && value < Infinity))
    throw new UsageError(`--${name} is '${text}'; expected a number ≥ ${least}.`);
  return value;
}

function whole(name: string, text: string, least: number): number {
  const value = number(name, text, least);
  if (!Number.isSafeInteger(value))
    throw new UsageError(`--${name} is '${text}'; expected a whole number ≥ ${least}.`);
  return value;
}

function misuse(error: unknown): never {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}

function quickCases(scale: number): Case[] {
  return CASES.flatMap((each) =>
    each.quick === undefined ? [] : [scaled(each, each.quick * scale)],
  );
}

function list(): string {
  return CASES.map(({ name, rows, columns, k, why, quick }) => {
    const size = `${rows.toLocaleString('en')} × ${columns}, k = ${k.toLocaleString('en')}`;
    const share = quick === undefined ? '' : ` (by default ${quick} of the rows)`;
    return `${name.padEnd(14)} ${size.padEnd(32)} ${why}${share}`;
  }).join('\n');
}

// ---- engines and processes ---------------------------------------------------------------------

/** The engines to measure, and a line on each that is left out or cannot be had. */
function chooseEngines(known: readonly EngineInfo[], named: boolean) {
  const chosen: EngineName[] = [];
  const missing: string[] = [];
  for (const { name, available, hardware, reason, description } of known) {
    const software = (name === 'webgpu' || name === 'webgl') && !hardware;
    if (!available) missing.push(`${name} cannot run here: ${reason}`);
    else if (software && !named) missing.push(`${name} is left out: ${description} is no GPU`);
    else chosen.push(name);
  }
  return { chosen, missing };
}

async function look(name: EngineName): Promise<EngineInfo> {
  const answer = await ask({ kind: 'look', engine: name });
  if ('info' in answer) return answer.info;
  return { name, available: false, hardware: false, reason: lost(answer), description: '' };
}

async function measureApart(
  each: Case,
  engine: EngineName,
  options: Report['options'],
): Promise<Measurement> {
  const answer = await ask({ kind: 'measure', case: each, options: { ...options, engine } });
  if ('measurement' in answer) return answer.measurement;
  return { outcome: 'failed', reason: lost(answer) };
}

function ask(job: Job): Promise<Answer | Lost> {
  return inProcess('bench/worker.ts', job);
}

function lost(answer: Answer | Lost): string {
  return 'lost' in answer ? answer.lost : 'its process answered another question';
}
