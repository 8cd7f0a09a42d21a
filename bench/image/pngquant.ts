/**
 * Asks pngquant, a program that turns one PNG file into another: the time is the wall time of the
 * process, on files in memory where the system has such a folder.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { convertIndexedToRgb, decode } from 'fast-png';
import { onPath } from '../../tools/system.ts';
import { timed } from '../peers/clock.ts';
import type { Answer, Missing, Task } from './exchange.ts';

const NO_PNGQUANT = 'no pngquant on PATH: apt-get install pngquant';

const run = promisify(execFile);

export async function askPngquant(task: Task): Promise<Answer | Missing> {
  const program = onPath(['pngquant']);
  if (program === null) return { missing: NO_PNGQUANT };
  const out = `${task.image}.pngquant.png`;
  const words = ['--speed', '1', '--nofs', '--force', '--output', out, String(task.colors)];
  const { first, times, median } = await timed(async () => {
    const since = performance.now();
    await run(program, [...words, task.png]);
    return { answer: null, milliseconds: performance.now() - since };
  }, task);
  const path = `${task.image}.pngquant.rgba`;
  const written = readFileSync(out);
  writeFileSync(path, opaque(written));
  const { stdout } = await run(program, ['--version']);
  return {
    memory: null,
    file: { first, times, median },
    outputs: [{ path, seed: null, ownBytes: written.length }],
    description: `pngquant ${stdout.trim()}`,
  };
}

/** RGBA of a PNG file with a palette, none of which lets anything through. */
function opaque(png: Uint8Array): Uint8Array {
  const decoded = decode(png);
  const colors = decoded.palette === undefined ? decoded.data : convertIndexedToRgb(decoded);
  const channels = colors.length / (decoded.width * decoded.height);
  const rgba = new Uint8Array(4 * decoded.width * decoded.height).fill(255);
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4)
    for (let channel = 0; channel < 3; channel++) rgba[to + channel] = colors[from + channel];
  return rgba;
}
