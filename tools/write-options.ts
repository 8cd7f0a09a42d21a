/** Writes docs/options.md; see options-table.ts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { optionsPage } from './options-table.ts';

mkdirSync('docs', { recursive: true });
writeFileSync('docs/options.md', optionsPage());
