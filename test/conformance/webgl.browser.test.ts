/**
 * The WebGL engine against the answers that the reference engine gave in Node, with the sizes that it would
 * choose itself and with small ones: many chunks, tiles and draws.
 *
 * A software GPU takes its time, so each runs every eleventh case, and of those that are about a trap every
 * other. With CENTROIDS_REPEATS both run all.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { blobs, kmeans, uniformBoard, type Engine } from '../../src/index.ts';
import { openWebGl, type WebGlOptions } from '../../src/engines/webgl/index.ts';
import { optionRows } from '../../tools/options-table.ts';
import { complaintsOf } from '../support/option-rows.ts';
import { cases } from './cases.ts';
import { estimatorCases } from './estimators-suite.ts';
import { check, expected, runCase } from './suite.ts';

const SIZES: readonly NonNullable<WebGlOptions['tuning']>[] = [
  {},
  { chunkTexels: 700, drawWork: 2 ** 13 },
];

/** Long runs, and many draws for the small sizes. */
const LONG = /^(2000 rows, 130|20 000 rows|70 000|more than 1024|breathing: (no|wide|blobs))/;

/** Far from the origin, ties, weights of every kind, clusters without rows, two metrics, wide rows. */
const TRAPS =
  /^(an offset|lattice|weights|near float32|one outlier|4096 columns|keep: most|drop: a|cosine: lat|manhattan: lat)/;

describe.each(SIZES)('webgl, %o', (tuning) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWebGl({ tuning });
  });
  afterAll(() => engine?.dispose());

  const turn = SIZES.indexOf(tuning);
  const all = inject('repeats') > 1;
  const own = cases.filter(({ name }, i) =>
    all
      ? expected[name].iterations <= 500
      : !LONG.test(name) && (i % 11 === turn || (TRAPS.test(name) && i % 2 === turn)),
  );
  test.each(own)('$name', async (problem) => {
    check(problem.name, await runCase(problem, { engine }));
  });

  test('predict gives the labels of the reference engine, far outside the range of the fit too', async () => {
    const points = blobs(700, 9, { columns: 5, deviation: 0.4, seed: 3 });
    const rows = uniformBoard(100, { columns: 5, seed: 4 });
    rows.data.forEach((x, at) => (rows.data[at] = x * 10 ** ((at % 57) - 20)));
    for (const metric of ['euclidean', 'manhattan'] as const) {
      const truth = await kmeans(points, 9, { metric, engine: 'reference' });
      const result = await kmeans(points, 9, { metric, engine });
      expect([result.hash, result.engine]).toEqual([truth.hash, 'webgl']);
      expect(await result.predict(rows)).toEqual(await truth.predict(rows));
    }
  });

  test('one engine for many problems of other sizes: a tree of bisections', async () => {
    const { run } = estimatorCases.find(({ name }) => name.startsWith('BisectingKMeans, by size'))!;
    expect(await run(engine)).toBe(await run('reference'));
  });

  test('two runs at once do not meet', async () => {
    const points = blobs(900, 7, { columns: 6, seed: 5 });
    const run = (k: number, engine: Engine | 'reference') => kmeans(points, k, { engine, seed: 2 });
    const both = await Promise.all([run(7, engine), run(30, engine)]);
    const truth = [await run(7, 'reference'), await run(30, 'reference')];
    expect(both.map(({ hash }) => hash)).toEqual(truth.map(({ hash }) => hash));
  });
});

test('webgl has what docs/options.md says', async () => {
  const engine = await openWebGl();
  const complaints = [];
  for (const row of optionRows())
    if (row.option !== 'engine' || row.value === 'webgl')
      complaints.push(...(await complaintsOf(row, engine, { createBuffer() {} })));
  await engine.dispose();
  expect(complaints).toEqual([]);
});
