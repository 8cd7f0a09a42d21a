/** The run on the screen as a reader would write it: the same call, the same hash. */
import type { Settings } from '../settings.ts';
import { GROUPS } from './groups.ts';

export function snippet({ board, n, k, seed, engine, init }: Settings): string {
  const size = String(n).replace(/\B(?=(\d{3})+$)/g, '_');
  const maker = { gaussian: 'gaussianBoard', blobs: 'blobs', uniform: 'uniformBoard' }[board];
  const groups = board === 'uniform' ? '' : `${GROUPS}, `;
  const options = [
    `seed: ${seed}`,
    ...(init === 'auto' ? [] : [`init: '${init}'`]),
    ...(engine === 'auto' ? [] : [`engine: '${engine}'`]),
  ];
  return [
    `import { kmeans, ${maker} } from 'centroids';`,
    '',
    `const points = ${maker}(${size}, ${groups}{ seed: ${seed} });`,
    `const result = await kmeans(points, ${k}, {`,
    `  ${options.join(', ')},`,
    '});',
    'console.log(result.hash);',
  ].join('\n');
}
