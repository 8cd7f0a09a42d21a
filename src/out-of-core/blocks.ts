/**
 * Blocks of bytes outside of memory, written and read by their number: a temporary file in Node, files of
 * the origin's private file system in browsers. Nothing of them is left when they are disposed.
 */
import { refuse } from '../errors.ts';

export interface Blocks {
  put(block: number, bytes: Uint8Array): Promise<void>;
  /** Fills `into` with the first bytes of a block. */
  get(block: number, into: Uint8Array): Promise<void>;
  dispose(): Promise<void>;
}

/** Numbers as the bytes that they are. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Whether there is a file system here, and which. */
const inNode = () => typeof process === 'object' && 'getBuiltinModule' in process;
const inBrowser = () =>
  typeof navigator === 'object' &&
  typeof navigator.storage?.getDirectory === 'function' &&
  typeof FileSystemFileHandle === 'function' &&
  'createWritable' in FileSystemFileHandle.prototype &&
  'locks' in navigator;

/** Whether pages may lie in memory that is shared with workers: files of browsers take none of it. */
export const sharesMemory = () => inNode() && typeof SharedArrayBuffer === 'function';

/** Whether there may be blocks at all. */
export const canStore = () => inNode() || inBrowser();

/** Blocks of so many bytes at most. `folder`: Node only; default the system's for temporary files. */
export function openBlocks(bytes: number, folder: string | undefined): Promise<Blocks> {
  if (inNode()) return openFile(bytes, folder);
  if (folder !== undefined)
    refuse(
      'cache',
      folder,
      "'auto' or 'none' outside of Node",
      "Use 'auto': there are no folders here.",
    );
  return openPrivateFiles();
}

// ---- Node --------------------------------------------------------------------------------------

/**
 * One file. Its name is taken away as soon as it is open, so that the system frees it however the process
 * ends; where that is not allowed it is when the blocks are disposed.
 */
async function openFile(bytes: number, folder: string | undefined): Promise<Blocks> {
  const files = process.getBuiltinModule('node:fs/promises');
  const path = process.getBuiltinModule('node:path');
  const parent = folder ?? process.getBuiltinModule('node:os').tmpdir();
  const own = await files.mkdtemp(path.join(parent, 'centroids-')).catch((error: unknown) => {
    if (folder === undefined || isFull(error)) throw error;
    return refuse('cache', folder, 'a folder that can be written to', 'Make it, or name another.');
  });
  const name = path.join(own, 'cache');
  const remove = () => files.rm(own, { recursive: true, force: true });
  const handle = await files.open(name, 'wx+', 0o600).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  let isNamed = false;
  await remove().catch(() => {
    isNamed = true;
  });
  return {
    async put(block, from) {
      for (let at = 0; at < from.length;) {
        const place = block * bytes + at;
        const { bytesWritten } = await handle.write(from, at, from.length - at, place);
        at += bytesWritten;
      }
    },
    async get(block, into) {
      for (let at = 0; at < into.length;) {
        const { bytesRead } = await handle.read(into, at, into.length - at, block * bytes + at);
        if (bytesRead === 0) throw new Error(`The cache in ${parent} is cut short.`);
        at += bytesRead;
      }
    },
    async dispose() {
      await handle.close();
      if (isNamed) await remove();
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(ENOSPC|EDQUOT)$/.test(String(error.code));
}

// ---- browsers ----------------------------------------------------------------------------------

/** How folders of ours are called. */
const PREFIX = 'centroids-';
/** Number of the next folder of this page. */
let nextFolder = 0;

/** A file a block: what is written to one is only there when it is closed. */
async function openPrivateFiles(): Promise<Blocks> {
  const root = await navigator.storage.getDirectory();
  await removeForsaken(root);
  const name = `${PREFIX}${Date.now()}-${nextFolder++}`;
  const release = await lock(name);
  const folder = await root.getDirectoryHandle(name, { create: true });
  return {
    async put(block, bytes) {
      const file = await folder.getFileHandle(`${block}`, { create: true });
      const writable = await file.createWritable();
      await writable.write(bytes as Uint8Array<ArrayBuffer>); // see sharesMemory
      await writable.close();
    },
    async get(block, into) {
      const file = await (await folder.getFileHandle(`${block}`)).getFile();
      const bytes = await file.slice(0, into.length).arrayBuffer();
      into.set(new Uint8Array(bytes));
    },
    async dispose() {
      await root.removeEntry(name, { recursive: true });
      release();
    },
  };
}

/** Holds a lock, which a page loses when it is closed, until the returned function is called. */
function lock(name: string): Promise<() => void> {
  return new Promise((locked, failed) => {
    const hold = () => new Promise<void>((release) => locked(release));
    navigator.locks.request(name, hold).catch(failed);
  });
}

/** Folders of pages that were closed before they could remove them. */
async function removeForsaken(root: FileSystemDirectoryHandle): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const alive = new Set(held.map(({ name }) => name));
  // iterating is missing in the types of some versions
  const names = (root as unknown as { keys(): AsyncIterable<string> }).keys();
  for await (const name of names)
    if (name.startsWith(PREFIX) && !alive.has(name))
      await root.removeEntry(name, { recursive: true }).catch(() => {}); // another page was faster
}
