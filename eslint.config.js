/**
 * What is checked by machine: TypeScript's rules with types, and the import arrows of
 * ARCHITECTURE.md, so that the layers stay what they are called.
 */
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** All that an engine may know of the rest: what a problem is, the grid, exact arithmetic, lanes. */
const OPEN_TO_ENGINES = [
  'engine.ts',
  'grid.ts',
  'exact.ts',
  'errors.ts',
  'rng.ts',
  'matrix.ts',
  'breathe.ts',
  'hash.ts',
  'laid-points.ts',
  'course.ts',
  'lloyd.ts',
  'lloyd-session.ts',
  'near-tie.ts',
  'once.ts',
  'software.ts',
  'version.ts',
  'lanes',
];

/** Lanes know the grid and what points are; who uses them is none of their business. */
const OPEN_TO_LANES = [
  'distances.ts',
  'errors.ts',
  'grid.ts',
  'matrix.ts',
  'breathe.ts',
  'laid-points.ts',
  'hash.ts',
  'lanes',
];

const engines = readdirSync('src/engines');

/** `target` must not import what lies in `from`, but for `except` (relative to `from`). */
const arrows = [
  ...engines.map((engine) => ({
    target: `./src/engines/${engine}`,
    from: './src',
    except: [...OPEN_TO_ENGINES, `./engines/${engine}`],
    message: 'An engine imports neither another engine nor anything above it.',
  })),
  {
    target: './src/lanes',
    from: './src',
    except: OPEN_TO_LANES,
    message: 'Lanes import what they work on, and nothing of those who use them.',
  },
  ...[
    './src/!(engines|lanes)/**',
    './src/!(lay-points|laid-points).ts',
    ...engines.filter((engine) => engine !== 'wasm').map((engine) => `./src/engines/${engine}`),
  ].map((target) => ({
    target,
    from: './src/lanes',
    message: 'Only lay-points.ts and the wasm engine work with lanes.',
  })),
  {
    target: './src/!(engines|ladder.ts)/**',
    from: './src/engines',
    message: 'Only ladder.ts knows the engines.',
  },
  {
    target: './src/!(ladder).ts',
    from: './src/engines',
    message: 'Only ladder.ts knows the engines.',
  },
  ...['./src/!(io|cli)/**', './src/*.ts'].map((target) => ({
    target,
    from: './src/io',
    message: 'Who reads no files loads none of it.',
  })),
  {
    target: './src/io',
    from: './src',
    except: ['errors.ts', 'matrix.ts', 'breathe.ts', 'pieces.ts', 'io'],
    message: 'Files know what points are, and nothing of clustering.',
  },
  {
    target: './src/!(cli|picture)/**',
    from: './src/picture',
    message: 'Who draws nothing loads none of it.',
  },
  {
    target: './src/!(image|cli)/**',
    from: './src/image',
    message: 'Who clusters no images loads none of it.',
  },
  {
    target: './src/*.ts',
    from: './src/image',
    message: 'Who clusters no images loads none of it.',
  },
  {
    target: './src',
    from: './src/index.ts',
    message: 'index.ts is the public surface: import the file that has it.',
  },
  {
    target: './src/!(cli)/**',
    from: './src/cli',
    message: 'The command uses the library, not the other way round.',
  },
  {
    target: './src',
    from: './',
    except: ['./src', './shaders', './node_modules'],
    message: 'The library imports nothing of its tools, tests and pages.',
  },
];

/** What JavaScript finds in browsers, their workers and Node. */
const GLOBALS = { self: 'readonly', process: 'readonly', WebAssembly: 'readonly' };

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'A name is the same everywhere only when it is exported by it.',
};

const onlyReexports = {
  selector: 'Program > :not(ExportNamedDeclaration[source], ExportAllDeclaration)',
  message: 'index.ts only re-exports.',
};

export default defineConfig(
  // AssemblyScript is no TypeScript: its own compiler checks it.
  globalIgnores(['dist/', 'build/', 'coverage/', 'bench/results/', 'src/lanes/assembly/']),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true } },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver()],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones: arrows }],
      'import-x/no-duplicates': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^\\.{1,2}/(.*/)?[^./]+$', message: 'Imports carry their .ts.' }] },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Random numbers are seeded: rng.ts.' },
      ],
      'no-restricted-syntax': ['error', noDefaultExport],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An engine's verbs are promises by their interface, whether or not this one has to wait.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // It takes an assertion that widens a literal for needless, and its fix then breaks the types.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // What is taken apart here (cases, callbacks, promises' two ends) has no `this`.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**', 'demo/**'],
    ignores: ['src/cli/**'],
    rules: { 'import-x/no-nodejs-modules': 'error' },
  },
  {
    files: ['src/**'],
    rules: {
      'no-console': 'error',
      // No run-time dependency: optional peers at most.
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
    },
  },
  // What the build puts into the package itself: codecs and readers of formats in chunks of their own, and the
  // command's libraries.
  {
    files: ['src/image/files/**', 'src/io/**', 'src/cli/**', 'src/picture/**'],
    rules: { 'import-x/no-extraneous-dependencies': ['error', { devDependencies: true }] },
  },
  { files: ['src/index.ts'], rules: { 'no-restricted-syntax': ['error', onlyReexports] } },
  // JavaScript that runs as it is: no types to check by.
  {
    files: ['**/*.js'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { globals: GLOBALS, ...tseslint.configs.disableTypeChecked.languageOptions },
  },
  { files: ['*.config.{js,ts}'], rules: { 'no-restricted-syntax': 'off' } },
);
