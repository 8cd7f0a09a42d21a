/**
 * What has been measured of an adapter: kept by the process, and where there is a `localStorage` from one
 * visit of a page to the next. What lies there is anybody's: it is judged like a caller's sizes, and ignored
 * where it is not what this version would have written. Nothing leaves the machine.
 */
import type { KernelSizes } from '../../engine.ts';
import { VERSION } from '../../version.ts';
import { judgeSizes, type Sizes } from './kernel-sizes.ts';
import type { Proposal } from './parameters.ts';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

const kept = new Map<string, KernelSizes>();

/** Forgets what the process knows, not what is stored: for tests. */
export function forget(): void {
  kept.clear();
}

/** What is known of an adapter. */
export function recall(adapter: string, store: Store | null = pageStore()): KernelSizes {
  let sizes = kept.get(adapter);
  if (!sizes) kept.set(adapter, (sizes = read(adapter, store)));
  return sizes;
}

/** `lasting`: whether it is to outlive the process. */
export function remember(
  adapter: string,
  kernel: Proposal,
  sizes: Sizes,
  lasting: boolean,
  store: Store | null = pageStore(),
): void {
  kept.set(adapter, { ...recall(adapter, store), [kernel]: sizes });
  if (!lasting) return;
  const all = { ...read(adapter, store), [kernel]: sizes }; // not what is only this process's
  try {
    store?.setItem(nameOf(adapter), JSON.stringify({ version: VERSION, sizes: all }));
  } catch {
    // full, or forbidden meanwhile: it is measured again next time
  }
}

const nameOf = (adapter: string) => `centroids: kernels on ${adapter}`;

function read(adapter: string, store: Store | null): KernelSizes {
  try {
    const text = store?.getItem(nameOf(adapter));
    if (!text) return {};
    const { version, sizes } = JSON.parse(text) as { version?: unknown; sizes?: unknown };
    if (version !== VERSION || typeof sizes !== 'object' || sizes === null) return {};
    judgeSizes(sizes);
    return sizes;
  } catch {
    return {};
  }
}

/** A page's, and no other: Node warns where it is asked, Deno keeps it in files. */
function pageStore(): Store | null {
  try {
    return (globalThis as { window?: { localStorage?: Store } }).window?.localStorage ?? null;
  } catch {
    return null; // the page may not
  }
}
