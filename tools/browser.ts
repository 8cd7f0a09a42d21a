/**
 * Finds a Chromium for the tests, and installs one where there is none. Looked for in this order:
 * the environment (CENTROIDS_BROWSER, CHROME_PATH), Playwright's own, Chrome, Chromium or Edge on the
 * system. Run as a program (`npm run browser`) it prints the path.
 *
 * Playwright's own finder is not enough: it knows only its own download and exact channels, and its
 * download server cannot be reached from everywhere.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium, type LaunchOptions } from 'playwright';
import { asRoot, installDebianPackages, isProgram, onPath } from './system.ts';

const VARIABLES = ['CENTROIDS_BROWSER', 'CHROME_PATH'];

const ON_PATH = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'google-chrome-beta',
  'microsoft-edge-stable',
  'microsoft-edge',
];

const MAC_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Google Chrome Canary'];

const WINDOWS_PROGRAMS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

/** Where a browser's installer puts it on this kind of machine. */
function wellKnown(): string[] {
  const home = process.env['HOME'] ?? '';
  switch (process.platform) {
    case 'darwin':
      return MAC_APPS.flatMap((app) =>
        ['', home].map((root) => `${root}/Applications/${app}.app/Contents/MacOS/${app}`),
      );
    case 'win32':
      return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
        const root = process.env[name];
        return root ? WINDOWS_PROGRAMS.map((program) => join(root, program)) : [];
      });
    default:
      return [
        '/usr/lib/chromium/chromium',
        '/opt/google/chrome/chrome',
        '/opt/microsoft/msedge/msedge',
        '/snap/bin/chromium',
      ];
  }
}

/** The path of a Chromium, or null. Looks only; starts and installs nothing. */
export function findBrowser(): string | null {
  for (const name of VARIABLES) {
    const file = process.env[name];
    if (!file) continue;
    if (isProgram(file)) return file;
    // What somebody asked for by name is not silently replaced.
    throw new Error(`${name} is ${file}; expected a browser's executable.`);
  }
  const own = chromium.executablePath();
  if (own && isProgram(own)) return own;
  return onPath(ON_PATH) ?? wellKnown().find(isProgram) ?? null;
}

/** Debian's package first: it brings the libraries that it needs, and is kept up to date with them. */
function install(): boolean {
  if (installDebianPackages(['chromium'])) return true;
  console.error("Installing Chromium with Playwright's installer …");
  const cli = join(
    dirname(createRequire(import.meta.url).resolve('playwright/package.json')),
    'cli.js',
  );
  // --no-shell: the small headless shell has no WebGPU. The libraries it needs come only with root.
  const args = [cli, 'install', '--no-shell', ...(asRoot() ? ['--with-deps'] : []), 'chromium'];
  return spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

/** The path of a Chromium; installs one where there is none. */
export function ensureBrowser(): string {
  const found = findBrowser() ?? (install() ? findBrowser() : null);
  if (found) return found;
  throw new Error(
    'No Chromium was found and none could be installed. Install Chrome, Chromium or Edge, or set CHROME_PATH to one.',
  );
}

/** How all our tests start it: headless, with WebGPU, on a software adapter where that is a choice. */
export function launchOptions(executablePath: string): LaunchOptions {
  return {
    executablePath,
    args: [
      // Without it the adapter is null on Linux and on software adapters.
      '--enable-unsafe-webgpu',
      // The same adapter on every Linux machine, whatever its graphics card.
      ...(process.platform === 'linux' ? ['--use-webgpu-adapter=swiftshader'] : []),
      // Root has no user namespace to build the sandbox with; only our own pages are opened.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // Containers often have a /dev/shm of 64 MB.
      '--disable-dev-shm-usage',
      '--disable-background-networking',
    ],
  };
}
