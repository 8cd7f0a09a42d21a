/** The run on the screen as a reader would write it: the same call, the same hash. */
import { isDataSet } from '../data/data-sets.ts';
import type { Settings } from '../settings.ts';
import { GROUPS } from './groups.ts';
import type { OwnChoice } from './own-data.ts';

export type Run = Pick<
  Settings,
  'board' | 'n' | 'k' | 'seed' | 'engine' | 'init' | 'whiten' | 'metric' | 'tol' | 'centroids'
> & {
  own?: OwnChoice | null;
  /** Names of the coordinates, of a file of the user's. */
  names?: readonly string[];
  /** Where the page has the file of its data set. */
  source?: string;
};

export function snippet(run: Run): string {
  const { k, seed, engine, init, whiten, metric, tol, centroids } = run;
  const options = [
    `seed: ${seed}`,
    ...(centroids ? ['init'] : init === 'auto' ? [] : [`init: '${init}'`]),
    ...(whiten ? ['whiten: true'] : []),
    ...(metric === 'euclidean' ? [] : [`metric: '${metric}'`]),
    ...(Number(tol) === 1e-4 ? [] : [`tol: ${Number(tol)}`]),
    ...(engine === 'auto' ? [] : [`engine: ${JSON.stringify(engine)}`]),
  ];
  return [
    ...points(run),
    ...(centroids ? ['', 'const init = [', ...rowsOf(centroids, k).map(listed), '];'] : []),
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

/** Numbers of every centroid, as few digits as give them back. */
export function rowsOf(centroids: Float32Array, k: number): number[][] {
  const columns = centroids.length / k;
  return Array.from({ length: k }, (_, j) =>
    Array.from(centroids.subarray(j * columns, (j + 1) * columns), short),
  );
}

const listed = (row: number[]) => `  [${row.join(', ')}],`;

function points({ board, n, seed, own, source }: Run): string[] {
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
  if (isDataSet(board))
    return [
      "import { kmeans } from 'centroids';",
      "import { readPoints } from 'centroids/io';",
      '',
      ...(source ? [] : ["// in the project's repository"]),
      `const { points } = await readPoints('${source ?? `demo/data/${board}.csv`}');`,
    ];
  const size = String(n).replace(/\B(?=(\d{3})+$)/g, '_');
  const maker = { gaussian: 'gaussianBoard', blobs: 'blobs', uniform: 'uniformBoard' }[board];
  const groups = board === 'uniform' ? '' : `${GROUPS}, `;
  return [
    `import { kmeans, ${maker} } from 'centroids';`,
    '',
    `const points = ${maker}(${size}, ${groups}{ seed: ${seed} });`,
  ];
}
