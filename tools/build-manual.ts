/**
 * Makes the manual of the site, `build/demo/manual/`: the guide (docs/), the benchmarks and the reference that
 * TypeDoc makes of the docstrings. `npm run build:demo` does, after the page itself.
 *
 * A link that leads nowhere ends it with 1.
 */
import './node20.ts';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, JSX, PageEvent, RendererEvent } from 'typedoc';

const ROOT = new URL('..', import.meta.url);
const at = (path: string) => fileURLToPath(new URL(path, ROOT));

/** What a newcomer reads first; then what the table of docs/README.md lists, in its order. */
const FIRST = ['README.md', 'kmeans.md', 'recipes.md', 'migration.md'];

/** Files, as users import them. */
const ENTRY_FILES = ['index', 'vq/index', 'image/index', 'io/index', 'engines/webgl/index'];

/** Scripts come from files of the site; styles stand in cells of tables too. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'";

const table = readFileSync(at('docs/README.md'), 'utf8');
const order = [...FIRST, ...[...table.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file)];
const guide = readdirSync(at('docs')).filter((file) => file.endsWith('.md'));
for (const file of guide)
  if (!order.includes(file)) throw new Error(`docs/README.md does not list ${file}.`);
guide.sort((a, b) => order.indexOf(a) - order.indexOf(b));

const application = await Application.bootstrap({
  name: 'centroids manual',
  entryPoints: ENTRY_FILES.map((entry) => at(`src/${entry}.ts`)),
  tsconfig: at('tsconfig.json'),
  projectDocuments: [...guide.map((file) => at(`docs/${file}`)), at('bench/README.md')],
  readme: at('README.md'),
  out: at('build/demo/manual'),
  skipErrorChecking: true, // `npm run types` does
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true, // where they are kept is not for this page to know
  disableGit: true,
  hideGenerator: true,
  githubPages: false,
  favicon: at('demo/icon.svg'),
  customCss: at('docs/site/manual.css'),
  // A link within what opens and closes cannot be reached by everybody.
  navigationLeaves: ['', '/vq', '/image', '/io', '/webgl'].map((entry) => `centroids${entry}`),
  navigation: { includeFolders: false },
  navigationLinks: { 'Try it': '../index.html' },
  // What users never name is not exported, and folders are for readers of the sources.
  validation: { notExported: false, invalidLink: true, invalidPath: false, rewrittenLink: true },
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
});

application.renderer.hooks.on('head.begin', () =>
  JSX.createElement('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
);

/** TypeDoc's one inline script puts the chosen theme on before anything is drawn. */
const INLINE = /<script>([^]*?)<\/script>/;
let theme = '';
application.renderer.on(PageEvent.END, (page) => {
  const up = '../'.repeat(page.url.split('/').length - 1);
  page.contents = (page.contents ?? '').replace(INLINE, (_, script: string) => {
    theme = script;
    return `<script src="${up}assets/theme.js"></script>`;
  });
});
application.renderer.on(RendererEvent.END, ({ outputDirectory }) =>
  writeFileSync(path.join(outputDirectory, 'assets', 'theme.js'), theme),
);

const project = await application.convert();
if (project) {
  // Pages are called what their headings say.
  for (const page of project.documents ?? []) {
    const heading = /^# (.+)$/m.exec(page.content.map(({ text }) => text).join(''))?.[1];
    page.name = heading?.replaceAll('`', '') ?? page.name;
  }
  // The first page has its name above it already.
  const [opening] = project.readme ?? [];
  if (opening) opening.text = opening.text.replace(/^# .+\n+/, '');
  application.validate(project);
  await application.generateOutputs(project);
}
if (!project || application.logger.hasErrors() || application.logger.hasWarnings())
  process.exitCode = 1;
