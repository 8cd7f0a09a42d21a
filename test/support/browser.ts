/** The browser of the end-to-end tests: the one that the chromium project uses, started the same. */
import { chromium, type Browser } from 'playwright';
import { ensureBrowser, launchOptions } from '../../tools/browser.ts';

/** Starts a headless Chromium with WebGPU. The caller closes it. */
export function launchBrowser(extraArgs: readonly string[] = []): Promise<Browser> {
  const options = launchOptions(ensureBrowser());
  return chromium.launch({ ...options, args: [...(options.args ?? []), ...extraArgs] });
}
