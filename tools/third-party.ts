/**
 * Writes `third-party.txt` beside the built library: the licences of the packages that are built into its
 * chunks, which have to go with them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^(licen[cs]e|notice)(\.(md|txt))?$/i;

function licencesOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  const files = readdirSync(folder).filter((file) => LICENCE.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`# ${name} ${version} (${license})`, ...texts].join('\n\n');
}

export function thirdParty(): Plugin {
  return {
    name: 'centroids:third-party',
    apply: 'build',
    generateBundle(_, bundle) {
      const folders = new Set<string>();
      for (const chunk of Object.values(bundle))
        for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
          const [folder] = PACKAGE.exec(id) ?? [];
          if (folder !== undefined) folders.add(folder);
        }
      const source = `${[...folders].sort().map(licencesOf).join('\n\n\n')}\n`;
      this.emitFile({ type: 'asset', fileName: 'third-party.txt', source });
    },
  };
}
