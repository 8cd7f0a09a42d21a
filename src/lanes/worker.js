/**
 * A worker that holds lanes: instances of the kernels, each with a memory of its own, that do as they
 * are told. All that is decided is decided by the host (lane.ts); this file is plain JavaScript,
 * imports nothing and runs as it is, in browsers and in Node, bundled or not.
 *
 * Messages in:  { id, lane, module } opens one · { id, lane, steps } runs steps · { id, lane } closes it.
 * Messages out: { id, results } or { id, error, memory }.
 */

/** @typedef {{ call: string, args: number[] } | { write: number, bytes: ArrayBufferView, give?: boolean } | { read: number, length: number, into?: ArrayBuffer }} Step */

const inBrowser = typeof self !== 'undefined' && typeof self.postMessage === 'function';
const port = inBrowser ? self : process.getBuiltinModule('node:worker_threads').parentPort;

/** @type {Map<number, WebAssembly.Exports>} */
const lanes = new Map();

/** @param {{ id: number, lane: number, module?: WebAssembly.Module, steps?: Step[] }} message */
async function answer({ id, lane, module, steps }) {
  try {
    if (module) {
      const { exports } = await WebAssembly.instantiate(module, { env: { abort } });
      lanes.set(lane, exports);
      port.postMessage({ id, results: [] });
    } else if (steps) {
      const exports = lanes.get(lane);
      const results = steps.map((step) => run(exports, step));
      const buffers = results.filter((result) => result instanceof ArrayBuffer);
      port.postMessage({ id, results }, buffers);
    } else {
      lanes.delete(lane);
      port.postMessage({ id, results: [] });
    }
  } catch (error) {
    // an unreachable instruction is how the kernels say that memory is at its end
    const memory =
      error instanceof RangeError ||
      (error instanceof WebAssembly.RuntimeError && /unreachable/i.test(error.message));
    port.postMessage({ id, error: String(error), memory });
  }
}

/** @param {any} exports @param {Step} step */
function run(exports, step) {
  if ('call' in step) return exports[step.call](...step.args) ?? 0;
  const memory = exports.memory.buffer;
  if ('read' in step) {
    const { read, length, into = new ArrayBuffer(length) } = step;
    new Uint8Array(into).set(new Uint8Array(memory, read, length));
    return into;
  }
  const { buffer, byteOffset, byteLength } = step.bytes;
  new Uint8Array(memory, step.write, byteLength).set(
    new Uint8Array(buffer, byteOffset, byteLength),
  );
  return step.give ? buffer : 0;
}

function abort() {
  throw new RangeError('abort');
}

if (inBrowser) self.onmessage = ({ data }) => void answer(data);
else port.on('message', (data) => void answer(data));
