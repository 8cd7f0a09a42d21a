/**
 * Finds the software Vulkan drivers on which Deno's WebGPU is tested, and installs those that are
 * missing. Two of them, written independently of each other, so that no driver's quirk passes for
 * ours: SwiftShader (comes with Chromium) and Mesa's lavapipe. On macOS and Windows there is no
 * such choice: Deno takes the machine's own adapter.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureBrowser, findBrowser } from './browser.ts';
import { installDebianPackages } from './system.ts';

export interface Driver {
  readonly name: string;
  /** What to set for the Vulkan loader to take this driver and no other. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the adapter's description then says. */
  readonly adapter: RegExp;
}

const ICD_FOLDERS = ['share', 'local/share'].map((part) => `/usr/${part}/vulkan/icd.d`);

function swiftShader(): string | null {
  const browser = findBrowser();
  const folders = [
    ...(browser ? [dirname(realpathSync(browser))] : []),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    '/opt/microsoft/msedge',
  ];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find(existsSync) ?? null;
}

/** `lvp_icd.x86_64.json` on Debian, `lvp_icd.json` elsewhere. */
function lavapipe(): string | null {
  for (const folder of [...ICD_FOLDERS, '/etc/vulkan/icd.d']) {
    if (!existsSync(folder)) continue;
    const file = readdirSync(folder).find((name) => /^lvp_icd.*\.json$/.test(name));
    if (file) return join(folder, file);
  }
  return null;
}

/** The loader, which neither driver brings. */
function loader(): string | null {
  const triplets = ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'arm-linux-gnueabihf'];
  const folders = [...triplets.map((triplet) => `/usr/lib/${triplet}`), '/usr/lib64', '/usr/lib'];
  return folders.map((folder) => join(folder, 'libvulkan.so.1')).find(existsSync) ?? null;
}

function driver(name: string, icd: string, adapter: RegExp): Driver {
  // The first name is what old loaders know, the second what new ones ask for.
  return { name, adapter, environment: { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd } };
}

/** Both software drivers on Linux, installed where they are missing; the machine's own elsewhere. */
export function ensureDrivers(): Driver[] {
  if (process.platform !== 'linux') return [{ name: 'default', environment: {}, adapter: /./ }];
  if (!swiftShader()) ensureBrowser();
  const missing = [
    ...(loader() ? [] : ['libvulkan1']),
    ...(lavapipe() ? [] : ['mesa-vulkan-drivers']),
    ...(swiftShader() ? [] : ['chromium']),
  ];
  if (missing.length) installDebianPackages(missing);

  const found = { loader: loader(), swiftShader: swiftShader(), lavapipe: lavapipe() };
  if (found.loader && found.swiftShader && found.lavapipe)
    return [
      driver('swiftshader', found.swiftShader, /swiftshader/i),
      driver('lavapipe', found.lavapipe, /llvmpipe|lavapipe/i),
    ];
  const absent = Object.entries(found).flatMap(([name, file]) => (file ? [] : [name]));
  throw new Error(
    `Software Vulkan for Deno is not complete: ${absent.join(', ')} missing. Install Chromium (with SwiftShader), Mesa's lavapipe and the Vulkan loader; on Debian: apt-get install chromium mesa-vulkan-drivers libvulkan1.`,
  );
}
