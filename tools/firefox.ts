/**
 * Finds a Firefox for the tests, as its makers and distributions ship it, and installs one where there is
 * none. It is driven through WebDriver BiDi, which it speaks itself (puppeteer-core): no driver beside it.
 */
import { existsSync } from 'node:fs';
import { installDebianPackages, isProgram, onPath } from './system.ts';

const ON_PATH = ['firefox', 'firefox-esr'];

const WELL_KNOWN = [
  '/usr/lib/firefox-esr/firefox-esr',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

function findFirefox(): string | null {
  const named = process.env['FIREFOX_PATH'];
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`FIREFOX_PATH is ${named}; expected a browser's executable.`);
  }
  return onPath(ON_PATH) ?? WELL_KNOWN.find((file) => existsSync(file)) ?? null;
}

/** The path of a Firefox; installs one where there is none. */
export function ensureFirefox(): string {
  const found = findFirefox() ?? (installDebianPackages(['firefox-esr']) ? findFirefox() : null);
  if (found) return found;
  throw new Error(
    'No Firefox was found and none could be installed. Install Firefox, or set FIREFOX_PATH to one.',
  );
}
