/** Opens the browser of the end-to-end tests. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Headless Chromium with WebGPU on whatever adapter there is. */
export function launchBrowser(extraArgs: string[] = []): Promise<Browser> {
  const executablePath = PLACES.find((place) => existsSync(place));
  return chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--disable-background-networking',
      ...extraArgs,
    ],
  });
}
