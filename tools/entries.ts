/**
 * The package's entries by the names users import: code that is shown to them runs on the sources.
 * Longer names come first, since an alias takes what begins with it. `tsconfig.json` has them as `paths`.
 */
import { fileURLToPath } from 'node:url';

const source = (file: string) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));

export const ENTRIES = {
  'centroids/image': source('image/index.ts'),
  'centroids/io': source('io/index.ts'),
  'centroids/vq': source('vq/index.ts'),
  'centroids/webgl': source('engines/webgl/index.ts'),
  centroids: source('index.ts'),
};
