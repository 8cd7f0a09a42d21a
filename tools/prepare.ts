/**
 * Brings what `npm test` needs beyond `npm ci`: a Chromium, a Firefox, software Vulkan drivers for Deno, and
 * programs that read PNG files.
 * Runs before the tests and not within them, so that a download never counts against a test's time.
 */
import { ensureBrowser } from './browser.ts';
import { ensureFirefox } from './firefox.ts';
import { ensurePngReaders } from './png-readers.ts';
import { ensureDrivers } from './vulkan.ts';

try {
  console.log(`Browser: ${ensureBrowser()}`);
  console.log(`Firefox: ${ensureFirefox()}`);
  for (const { name, environment } of ensureDrivers())
    console.log(`Vulkan for Deno: ${name} ${environment['VK_DRIVER_FILES'] ?? ''}`);
  console.log(`Readers of PNG files: ${Object.values(ensurePngReaders()).join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
