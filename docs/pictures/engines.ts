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
    { x: 0, y: 16, width: 150, title: 'host', lines: ['judge, lay on the', 'integer grid, seed'] },
    { x: 546, y: 16, width: 150, title: 'host', lines: ['exact inertia, back to', 'units, hash'] },
  ];
  const rungs: Box[] = [
    {
      x: 213,
      y: 16,
      width: 270,
      title: 'webgpu',
      lines: ['your device; or a hardware GPU where', 'rows × k × columns ≥ 5·10⁷'],
    },
    {
      x: 213,
      y: 132,
      width: 270,
      title: 'wasm',
      lines: ['SIMD lanes, one worker a core;', 'smaller problems begin here'],
    },
    {
      x: 213,
      y: 248,
      width: 270,
      title: 'reference',
      lines: ['plain TypeScript,', 'where there is no WebAssembly'],
    },
  ];
  const down = rungs
    .slice(0, -1)
    .flatMap(({ x, y, width }, i) => [
      arrow(x + width / 2, y + HEIGHT, x + width / 2, rungs[i + 1].y, RED),
      label(
        i === 0 ? 'cannot run here, or fails:' : 'no SIMD, or memory ends',
        x + width / 2 + 10,
        y + HEIGHT + 24,
        RED,
        'start',
      ),
      label(
        i === 0 ? 'on from the last restore point' : '',
        x + width / 2 + 10,
        y + HEIGHT + 41,
        RED,
        'start',
      ),
    ]);
  const body = [
    ...[BLUE, RED].map(
      (colour) =>
        `<marker id="${tip(colour)}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8Z" fill="${colour}"/></marker>`,
    ),
    ...[...host, ...rungs].map(drawn),
    arrow(150, 47, 213, 47, BLUE),
    arrow(483, 47, 546, 47, BLUE),
    arrow(110, 78, 213, 163, BLUE, 'M110 78V163H213'),
    arrow(483, 163, 590, 78, BLUE, 'M483 163H590V78'),
    arrow(75, 78, 213, 279, BLUE, 'M75 78V279H213'),
    arrow(483, 279, 625, 78, BLUE, 'M483 279H625V78'),
    ...down,
    label('the same bits by every way', 348, 334, INK),
  ];
  return card("The ladder of engine: 'auto'", [{ width: 696, height: 342, body: body.join('\n') }]);
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
