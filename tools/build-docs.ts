/** `npm run docs`: writes the pictures and pages of docs/; `npm run docs -- NAME` those of that name. */
import { writeFileSync } from 'node:fs';
import { DOCS, names, pageOf, pictureOf } from './docs.ts';

const only = process.argv.slice(2);
const wanted = (name: string) => only.length === 0 || only.includes(name);

for (const name of names('pictures/', '.ts').filter(wanted))
  writeFileSync(new URL(`pictures/${name}.svg`, DOCS), await pictureOf(name));
for (const name of names('', '.md').filter(wanted))
  writeFileSync(new URL(`${name}.md`, DOCS), await pageOf(name));
