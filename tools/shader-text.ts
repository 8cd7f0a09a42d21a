/**
 * Shaders without comments and indentation: their readers are at home here, and their users load less. Only
 * in what is built; tests and the lint see the files as they are.
 */
import type { Plugin } from 'vite';

export function shaderText(): Plugin {
  return {
    name: 'centroids:shader-text',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (!id.endsWith('.wgsl?raw')) return null;
      const [, literal] = /^export default (".*");?$/s.exec(code.trim()) ?? [];
      if (!literal) this.error(`${id} is not one string any more`);
      return {
        code: `export default ${JSON.stringify(strip(JSON.parse(literal) as string))}`,
        map: null,
      };
    },
  };
}

/** Blanks beside these part nothing; beside `-` and `/` they keep signs and comments from coming about. */
const APART = / *([=+*,;:{}()[\]<>&|!]) */g;

/** WGSL has no strings, so that two slashes always begin a comment. */
export function strip(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/\/\/.*/, '')
        .trim()
        .replace(APART, '$1'),
    )
    .filter((line) => line !== '')
    .join('\n');
}
