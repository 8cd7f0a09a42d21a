/**
 * `npm run bench:gpu`: makes build/bench-gpu, a folder that runs on a Linux x86-64 GPU machine without a network
 * and without npm: the benchmark in a few files, Node, the package `webgpu`, the Vulkan loader where apt has it,
 * and the peers that are installed (`npm pack gpu.js @playcanvas/splat-transform`, unpacked below some
 * node_modules: --peers FOLDER). Then, there:  bash build/bench-gpu/run.sh --json out.json
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { workerFile } from '../../tools/worker-file.ts';
import { commit } from '../machine.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = path.join(ROOT, 'build/bench-gpu');
const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: path.join(ROOT, 'node_modules') },
    /** Only the benchmark, to try it where there is a Node: node build/bench-gpu/bench-gpu.js */
    bare: { type: 'boolean', default: false },
  },
});

await build({
  configFile: false,
  root: ROOT,
  logLevel: 'warn',
  publicDir: false,
  plugins: [workerFile('')],
  define: { __COMMIT__: JSON.stringify(commit(ROOT)) },
  build: {
    target: 'es2022',
    ssr: true,
    minify: false, // gpu.js reads the text of its kernel
    outDir: OUT,
    emptyOutDir: true,
    rolldownOptions: {
      input: { 'bench-gpu': path.join(ROOT, 'bench/gpu/run.ts') },
      external: ['webgpu', /^node:/],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
  ssr: { noExternal: true },
});
cpSync(path.join(ROOT, 'bench/gpu/run.sh'), path.join(OUT, 'run.sh'));
writeFileSync(path.join(OUT, 'package.json'), '{ "private": true, "type": "module" }\n');

if (!values.bare) {
  pack(process.execPath, path.join(OUT, 'node'));
  const modules = path.join(OUT, 'node_modules');
  for (const name of ['webgpu', 'debug', 'ms'])
    cpSync(path.join(ROOT, 'node_modules', name), path.join(modules, name), {
      recursive: true,
      filter: (file) =>
        !/\/dist\/(darwin|win32|linux-arm64)|\.d\.ts$|\.map$|dawn\.node$/.test(file),
    });
  const DAWN = 'webgpu/dist/linux-x64/dawn.node';
  pack(path.join(ROOT, 'node_modules', DAWN), path.join(modules, DAWN));

  for (const peer of ['gpu.js', '@playcanvas/splat-transform', '@adobe/spz']) {
    const from = path.join(values.peers, peer);
    if (!existsSync(from))
      console.warn(`${peer} is NOT in ${values.peers}: the benchmark will skip it.`);
    else
      cpSync(realpathSync(from), path.join(modules, peer), {
        recursive: true,
        filter: (file) => !/\.map$|\/lib\/.*\.d\.ts$/.test(file),
      });
  }

  const debs = path.join(OUT, 'debs');
  mkdirSync(debs);
  try {
    execFileSync('apt-get', ['-qq', 'download', 'libvulkan1'], { cwd: debs, stdio: 'pipe' });
  } catch {
    console.warn(
      'No Vulkan loader could be packed (apt-get download libvulkan1): the machine needs its own.',
    );
  }
}

/** Packed: what travels has to be small. */
function pack(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(realpathSync(from), to);
  execFileSync('xz', ['-T0', '-3', '-f', to]);
}

const size = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce(
    (sum, name) => sum + statSync(path.join(folder, name)).size,
    0,
  );
console.log(
  `${path.relative(ROOT, OUT)}: ${Math.round(size(OUT) / 2 ** 20)} MiB. There: bash run.sh`,
);
