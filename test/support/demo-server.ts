/** Before the end-to-end tests: builds the demo once and serves it on a free port. */
import { spawnSync } from 'node:child_process';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built demo, with a slash at its end. */
    demoUrl: string;
  }
}

/** Answers how to stop it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  build();
  const server = await preview({ mode: 'demo', logLevel: 'warn', preview: { port: 0 } });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('The demo is not served: the preview server has no address.');
  project.provide('demoUrl', url);
  return () => server.close();
}

/** A process of its own: in this one NODE_ENV is `test`, and what is tested is what users get. */
function build(): void {
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build:demo'], {
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`The demo does not build:\n${stdout}\n${stderr}`);
}
