/**
 * Writes `expected.json`: what the reference engine answers in Node. Run it when a case is added or
 * the answers change on purpose, and read the difference before committing it:
 *
 *     npx vite-node test/conformance/write-expected.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.ts';
import { runCase, type Outcome } from './suite.ts';

const answers: Record<string, Outcome> = {};
for (const problem of cases)
  answers[problem.name] = await runCase(problem, { engine: 'reference' });
const file = fileURLToPath(new URL('expected.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`);
console.log(`${cases.length} answers written`);
