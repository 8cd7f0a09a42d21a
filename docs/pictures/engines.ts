/** How `engine: 'auto'` finds an engine, and where a run goes that loses it. */
import { card, BLUE, GREY, INK, label, RED } from './draw/draw.ts';

interface Box {
  x: number;
  y: number;
  width: number;
  title: string;
  lines: readonly string[];
}

const HEIGHT = 62;
const tip = (colour: string) => `tip-${colour.slice(1)}`;

export async function picture(): Promise<string> {
  const host: Box[] = [
    {
      x: 0,
      y: 16,
      width: 150,
      title: 'host',
      lines: ['validate, place on the', 'integer grid, seed'],
    },
    { x: 546, y: 16, width: 150, title: 'host', lines: ['exact inertia, original', 'units, hash'] },
  ];
  const rungs: Box[] = [
    {
      x: 213,
      y: 16,
      width: 270,
      title: 'webgpu',
      lines: ['your device, or a hardware GPU if', 'rows × k × columns ≥ 5·10⁷'],
    },
    {
      x: 213,
      y: 132,
      width: 270,
      title: 'webgl',
      lines: ['a hardware GPU without WebGPU, if it', 'measures faster than wasm'],
    },
    {
      x: 213,
      y: 248,
      width: 270,
      title: 'wasm',
      lines: ['SIMD lanes, one worker per core;', 'smaller problems begin here'],
    },
    {
      x: 213,
      y: 364,
      width: 270,
      title: 'reference',
      lines: ['plain TypeScript,', 'if there is no WebAssembly'],
    },
  ];
  const reasons = [
    ['cannot run here, or fails:', 'continues from the restore point'],
    ['no gpu.js, slower, or fails'],
    ['no SIMD, or out of memory'],
  ];
  const down = reasons.flatMap((lines, i) => {
    const { x, y, width } = rungs[i];
    const middle = x + width / 2;
    return [
      arrow(middle, y + HEIGHT, middle, rungs[i + 1].y, RED),
      ...lines.map((words, at) =>
        label(words, middle + 10, y + HEIGHT + 24 + 17 * at, RED, 'start'),
      ),
    ];
  });
  const body = [
    ...[BLUE, RED].map(
      (colour) =>
        `<marker id="${tip(colour)}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8Z" fill="${colour}"/></marker>`,
    ),
    ...[...host, ...rungs].map(drawn),
    arrow(150, 47, 213, 47, BLUE),
    arrow(483, 47, 546, 47, BLUE),
    ...rungs.slice(1).flatMap(({ y }, i) => {
      const [from, to, level] = [110 - 35 * i, 590 + 35 * i, y + HEIGHT / 2];
      return [
        arrow(from, 78, 213, level, BLUE, `M${from} 78V${level}H213`),
        arrow(483, level, to, 78, BLUE, `M483 ${level}H${to}V78`),
      ];
    }),
    ...down,
    label('the same bits on every path', 348, 450, INK),
  ];
  return card("The ladder of engine: 'auto'", [{ width: 696, height: 458, body: body.join('\n') }]);
}

function drawn({ x, y, width, title, lines }: Box): string {
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="6" fill="#f6f8fa" stroke="#8b98a5"/>`,
    `<g font-weight="600">${label(title, x + width / 2, y + 19, INK)}</g>`,
    ...lines.map((words, i) => label(words, x + width / 2, y + 37 + 16 * i, GREY, 'middle', 12)),
  ].join('\n');
}

function arrow(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  colour: string,
  path?: string,
): string {
  return `<path d="${path ?? `M${x0} ${y0}L${x1} ${y1}`}" fill="none" stroke="${colour}" stroke-width="1.6" marker-end="url(#${tip(colour)})"/>`;
}
