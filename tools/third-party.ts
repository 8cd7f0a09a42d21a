/**
 * Writes `third-party.txt` beside what is built: the licences that have to go with it. Those of the packages
 * that modules are of, and of all that these depend on: some are published with others inside their files.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const PACKAGE = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^(licen[cs]e|notice)/i;

interface Manifest {
  name: string;
  version: string;
  license: string;
  dependencies?: Record<string, string>;
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Files of that name, also in a folder `licenses`. */
function licencesOf(folder: string): string {
  const { name, version, license } = manifestOf(folder);
  const files = [folder, join(folder, 'licenses')].flatMap((place) =>
    existsSync(place) ? readdirSync(place, { withFileTypes: true }) : [],
  );
  const paths = files
    .filter((file) => file.isFile() && LICENCE.test(file.name))
    .map((file) => join(file.parentPath, file.name))
    .sort();
  const texts = paths.map((path) => readFileSync(path, 'utf8').trim());
  return [`# ${name} ${version} (${license})`, ...texts].join('\n\n');
}

/** Where a package finds another, as Node looks for it; null where an optional one is not installed. */
function folderOf(name: string, from: string): string | null {
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return dirname(from) === from ? null : folderOf(name, dirname(from));
}

/** `external`: packages that are not built in. */
export function thirdParty(external: readonly string[]) {
  const folders = new Set<string>();
  const add = (folder: string): void => {
    if (folders.has(folder)) return;
    folders.add(folder);
    for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
      const other = folderOf(name, folder);
      if (other && !external.includes(name) && !name.startsWith('@types/')) add(other);
    }
  };
  const note = (modules: readonly string[]): void => {
    for (const id of modules) {
      const [, folder] = PACKAGE.exec(id) ?? [];
      if (folder !== undefined) add(folder);
    }
  };
  const noteBundle = (bundle: Rolldown.OutputBundle): void => {
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') note(chunk.moduleIds);
  };
  const noting = (): Plugin => ({
    name: 'centroids:third-party-aside',
    apply: 'build',
    generateBundle: (_, bundle) => noteBundle(bundle),
  });
  const writing = (): Plugin => ({
    name: 'centroids:third-party',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        noteBundle(bundle);
        const texts = new Set([...folders].sort().map(licencesOf)); // one may be installed twice
        const source = `${[...texts].join('\n\n\n')}\n`;
        this.emitFile({ type: 'asset', fileName: 'third-party.txt', source });
      },
    },
  });
  return {
    /** Modules that other plugins build in. */
    note,
    /** For bundles that are made before the whole: workers. */
    noting,
    /** For the whole. */
    writing,
  };
}
