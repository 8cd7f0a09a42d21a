/** `npm run lint:shaders`: prints what shader-lint.ts finds; fails when that is anything. */
import { format, lintShaders } from './shader-lint.ts';

const findings = await lintShaders();
for (const finding of findings) console.log(format(finding));
if (findings.length) process.exitCode = 1;
else console.log('All shaders compile.');
