/**
 * Pictures to files. SVG by ECharts, which is loaded when a picture is asked for; PNG of it by resvg, which
 * is native code and so an optional package that the user installs.
 */
import { extname } from 'node:path';
import { UsageError } from '../exit.ts';
import { PIPE, write } from '../files.ts';
import type { Terminal } from '../terminal.ts';
import type * as charts from './charts.ts';

type Charts = typeof charts;

/** Pixels of a PNG by those of its SVG. */
const SHARP = 2;

function isPng(path: string): boolean {
  return extname(path).toLowerCase() === '.png';
}

async function resvg() {
  try {
    return await import('@resvg/resvg-js');
  } catch {
    throw new UsageError(
      "--plot asks for PNG; expected the package '@resvg/resvg-js' beside this one. " +
        'npm install @resvg/resvg-js, or name an .svg.',
    );
  }
}

/** Before any work. @throws UsageError for a name that is no picture's, and for PNG without its package */
export async function judgePlot(path: string): Promise<void> {
  if (isPng(path)) await resvg();
  else if (path !== PIPE && extname(path).toLowerCase() !== '.svg')
    throw new UsageError(
      `--plot is '${path}'; expected a name that ends in .svg or .png. Rename it.`,
    );
}

export async function savePlot(
  path: string,
  draw: (charts: Charts) => string,
  terminal: Terminal,
): Promise<void> {
  const svg = draw(await import('./charts.ts'));
  if (!isPng(path)) return write(path, svg, terminal);
  const { Resvg } = await resvg();
  const picture = new Resvg(svg, { fitTo: { mode: 'zoom', value: SHARP } }).render();
  await write(path, picture.asPng(), terminal);
}
