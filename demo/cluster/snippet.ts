/** The run on the screen as a reader would write it: the same call, the same hash. */
import { DATA_SETS, isDataSet } from '../data/data-sets.ts';
import type { Settings } from '../settings.ts';
import { GROUPS } from './groups.ts';
import type { OwnChoice } from './own-data.ts';

export type Run = Pick<
  Settings,
  'board' | 'n' | 'k' | 'seed' | 'engine' | 'init' | 'whiten' | 'metric' | 'tol'
> & {
  own?: OwnChoice | null;
  /** First centroids that were placed by hand. */
  placed?: { centroids: Float32Array; columns: number } | null;
};

export function snippet(run: Run): string {
  const { k, seed, engine, init, whiten, metric, tol, placed } = run;
  const options = [
    `seed: ${seed}`,
    ...(placed ? ['init'] : init === 'auto' ? [] : [`init: '${init}'`]),
    ...(whiten ? ['whiten: true'] : []),
    ...(metric === 'euclidean' ? [] : [`metric: '${metric}'`]),
    ...(Number(tol) === 1e-4 ? [] : [`tol: ${Number(tol)}`]),
    ...(engine === 'auto' ? [] : [`engine: ${JSON.stringify(engine)}`]),
  ];
  return [
    ...points(run),
    ...(placed ? ['', ...rowsOf(placed)] : []),
    `const result = await kmeans(points, ${k}, {`,
    `  ${options.join(', ')},`,
    '});',
    'console.log(result.hash);',
  ].join('\n');
}

/** As few digits as give back the same float32. */
export function short(value: number): number {
  const float = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(float.toPrecision(digits));
    if (Math.fround(rounded) === float) return rounded;
  }
  return Number(float.toPrecision(9));
}

function rowsOf({ centroids, columns }: NonNullable<Run['placed']>): string[] {
  const lines = Array.from({ length: centroids.length / columns }, (_, j) => {
    const row = [...centroids.subarray(j * columns, (j + 1) * columns)];
    return `  [${row.map(short).join(', ')}],`;
  });
  return ['const init = [', ...lines, '];'];
}

function points({ board, n, seed, own }: Run): string[] {
  if (board === 'own') {
    const { file, columns, id, missing } = own!;
    const options = [
      `columns: ${JSON.stringify(columns)}`,
      ...(id === '' ? [] : [`id: ${JSON.stringify(id)}`]),
      ...(missing === 'error' ? [] : [`missing: '${missing}'`]),
    ];
    return [
      "import { kmeans } from 'centroids';",
      "import { readPoints } from 'centroids/io';",
      '',
      `const { points } = await readPoints(${JSON.stringify(file.name)}, {`,
      ...options.map((option) => `  ${option},`),
      '});',
    ];
  }
  if (isDataSet(board)) {
    const { rows, columns } = DATA_SETS[board];
    return [
      "import { readFile } from 'node:fs/promises';",
      "import { kmeans } from 'centroids';",
      '',
      `// in the project's repository: names, then ${rows} rows of ${columns}`,
      `const file = await readFile('demo/data/${board}.csv', 'utf8');`,
      "const [, ...lines] = file.trim().split('\\n');",
      "const points = lines.map((line) => line.split(',').map(Number));",
    ];
  }
  const size = String(n).replace(/\B(?=(\d{3})+$)/g, '_');
  const maker = { gaussian: 'gaussianBoard', blobs: 'blobs', uniform: 'uniformBoard' }[board];
  const groups = board === 'uniform' ? '' : `${GROUPS}, `;
  return [
    `import { kmeans, ${maker} } from 'centroids';`,
    '',
    `const points = ${maker}(${size}, ${groups}{ seed: ${seed} });`,
  ];
}
