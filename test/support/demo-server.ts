/** Before the end-to-end tests: builds the demo once and serves it on free ports. */
import { spawnSync } from 'node:child_process';
import type { OutgoingHttpHeaders } from 'node:http';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built demo, with a slash at its end. */
    demoUrl: string;
    /** The same, isolated from other origins: threads may share memory. */
    isolatedUrl: string;
  }
}

/** What a page and its workers have to be sent with, to be isolated. */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Answers how to stop it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  build();
  const servers = await Promise.all([serve({}), serve(ISOLATION_HEADERS)]);
  const [plain, isolated] = servers.map(({ resolvedUrls }) => resolvedUrls?.local[0]);
  if (!plain || !isolated)
    throw new Error('The demo is not served: a preview server has no address.');
  project.provide('demoUrl', plain);
  project.provide('isolatedUrl', isolated);
  return async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
}

const serve = (headers: OutgoingHttpHeaders) =>
  preview({ mode: 'demo', logLevel: 'warn', preview: { port: 0, headers } });

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
