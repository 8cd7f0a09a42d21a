/** What options say of themselves in docs/options.md is so, for everyone who takes them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  BisectingKMeans,
  Codebook,
  InvalidInputError,
  KMeans,
  kmeans,
  MiniBatchKMeans,
  NotSupportedError,
  type KMeansOptions,
} from '../../src/index.ts';
import { knownTo } from '../../src/options.ts';
import { CALLERS, enginesWith, LIMITS, type Caller } from '../../src/support.ts';
import { optionRows, optionsPage } from '../../tools/options-table.ts';
import { complaintsOf } from '../support/option-rows.ts';

test('docs/options.md is what npm run options writes', () => {
  expect(readFileSync('docs/options.md', 'utf8')).toBe(optionsPage());
});

const rows = optionRows();

test('every limit is a row of its own', () => {
  for (const { option, value } of LIMITS)
    expect(rows.filter((row) => row.option === option && row.value === value)).toHaveLength(1);
});

describe.each(['reference', 'wasm'] as const)('%s', (engine) => {
  test('has what the table says', async () => {
    const complaints = [];
    // an engine's own name is its row; those of the others are theirs
    for (const row of rows)
      if (row.option !== 'engine' || row.engines.includes(engine))
        complaints.push(...(await complaintsOf(row, engine, { createBuffer() {} })));
    expect(complaints).toEqual([]);
  });
});

describe.each(CALLERS)('%s', (caller) => {
  const points = Array.from({ length: 40 }, (_, i) => [1 + (i % 7), i % 5]);
  const calls: Record<Caller, (options: KMeansOptions) => Promise<unknown>> = {
    kmeans: (options) => kmeans(points, 2, options),
    KMeans: async (options) => new KMeans({ k: 2, ...options }).fit(points),
    MiniBatchKMeans: async (options) => new MiniBatchKMeans({ k: 2, ...options }).fit(points),
    BisectingKMeans: async (options) =>
      new BisectingKMeans({ k: 2, ...(options as object) }).fit(points),
    Codebook: (options) => Codebook.train(points, 2, options),
  };

  test.each(rows.filter(({ option, value }) => option !== 'points' && value !== undefined))(
    '$option: $value',
    async ({ option, value, callers, engines }) => {
      // what only a GPU has is tried in options.browser.test.ts
      if (callers.includes(caller) && engines.every((name) => name.startsWith('webg'))) return;
      const run = calls[caller]({ [option]: value });
      if (callers.includes(caller) && engines.length > 0) return void (await run);
      const known = knownTo(caller).includes(option);
      await expect(run).rejects.toBeInstanceOf(known ? NotSupportedError : InvalidInputError);
    },
  );
});

test('options that no engine has together', () => {
  const both = { algorithm: 'filtered', output: 'gpu' };
  expect(enginesWith(both, ['webgpu', 'wasm'], 'kmeans')).toEqual(['webgpu']);
  expect(() => enginesWith(both, ['wasm'], 'kmeans')).toThrow(
    new NotSupportedError(
      "output is 'gpu'; expected engine 'webgpu' with it, not 'wasm'. Use 'cpu'.",
    ),
  );
});
