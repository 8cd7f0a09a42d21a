/** The run on the screen as a reader would write it: the same call, the same hash. */
import { DATA_SETS, isDataSet } from '../data/data-sets.ts';
import type { Settings } from '../settings.ts';
import { GROUPS } from './groups.ts';

type Run = Pick<Settings, 'board' | 'n' | 'k' | 'seed' | 'engine' | 'init' | 'whiten'>;

/** First centroids that were placed by hand. */
interface Placed {
  centroids: Float32Array;
  columns: number;
}

export function snippet(run: Run, placed: Placed | null = null): string {
  const { k, seed, engine, init, whiten } = run;
  const options = [
    `seed: ${seed}`,
    ...(placed ? ['init'] : init === 'auto' ? [] : [`init: '${init}'`]),
    ...(whiten ? ['whiten: true'] : []),
    ...(engine === 'auto' ? [] : [`engine: '${engine}'`]),
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

function rowsOf({ centroids, columns }: Placed): string[] {
  // The shortest decimals that make the same float32.
  const short = (value: number) =>
    [...Array(9).keys()]
      .map((digits) => Number(value.toPrecision(digits + 1)))
      .find((rounded) => Math.fround(rounded) === value) ?? value;
  const lines = Array.from({ length: centroids.length / columns }, (_, j) => {
    const row = [...centroids.subarray(j * columns, (j + 1) * columns)];
    return `  [${row.map(short).join(', ')}],`;
  });
  return ['const init = [', ...lines, '];'];
}

function points({ board, n, seed }: Run): string[] {
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
