/**
 * What the pictures of docs/ are drawn with: a card, panels with points, regions and centroids, and
 * charts with axes. Strings of SVG, coordinates rounded to tenths of a pixel: the same bytes everywhere.
 *
 * A card is white, so that it is readable on any ground. Colours are Okabe's and Ito's, for every kind
 * of colour sight (jfly.uni-koeln.de/color), and a brown; where there are more clusters, the demo's.
 */
import { Delaunay } from 'd3-delaunay';
import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { Matrix } from 'centroids';
import { paintMap } from '../../../src/picture/palette.ts';

export const INK = '#24292f';
export const GREY = '#57606a';
export const FAINT = '#d0d7de';
export const BLUE = '#0072b2';
export const RED = '#d55e00';
const FEW = [BLUE, RED, '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7a2e00'];

/** Widest that a page shows at full size. */
export const WIDTH = 720;
const EDGE = 12;
const GAP = 14;
const LINE = 17;

/** A colour for every centroid, neighbours apart. */
export function coloursOf({ rows, data, columns }: Matrix): string[] {
  return rows <= FEW.length || columns !== 2 ? colours(rows) : paintMap(data);
}

/** Colours of things that have no place. */
export const colours = (count: number) =>
  Array.from({ length: count }, (_, j) => FEW[j % FEW.length]);

export const tenths = (x: number) => String(Math.round(10 * x) / 10 + 0);
const at = (x: number, y: number) => `${tenths(x)} ${tenths(y)}`;

// ---- the card -----------------------------------------------------------------------------------

/** Something with a size; its caption stands below it. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly body: string;
  readonly caption?: readonly string[];
}

/** Panels side by side, a row below the other, on a card of one width. */
export function card(title: string, ...rows: readonly (readonly Panel[])[]): string {
  let y = EDGE;
  const parts: string[] = [];
  for (const row of rows) {
    const taken = row.reduce((sum, { width }) => sum + width, (row.length - 1) * GAP);
    let x = (WIDTH - taken) / 2;
    for (const { width, height, body, caption = [] } of row) {
      const text = caption.map((words, i) =>
        label(words, width / 2, height + LINE * (i + 1), i === 0 ? INK : GREY),
      );
      parts.push(`<g transform="translate(${at(x, y)})">`, body, ...text, '</g>');
      x += width + GAP;
    }
    y += GAP + Math.max(...row.map(({ height, caption = [] }) => height + LINE * caption.length));
  }
  const height = Math.ceil(y);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" ` +
      `height="${height}" font-family="system-ui, sans-serif" font-size="13" stroke-linecap="round">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Panels of one row: so wide each. */
export const sideOf = (panels: number) => (WIDTH - 2 * EDGE - (panels - 1) * GAP) / panels;

type Anchor = 'start' | 'middle' | 'end';

export function label(
  words: string,
  x: number,
  y: number,
  colour = GREY,
  anchor: Anchor = 'middle',
  size?: number,
): string {
  const own = size === undefined ? '' : ` font-size="${size}"`;
  return `<text x="${tenths(x)}" y="${tenths(y)}" fill="${colour}" text-anchor="${anchor}"${own}>${escaped(words)}</text>`;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// ---- points in a plane ----------------------------------------------------------------------------

/** Where coordinates are on a panel. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Back again. */
  readonly from: (x: number, y: number) => [number, number];
}

/** So wide and so high, with these ranges; upwards is up. */
export function plane(
  width: number,
  height: number,
  [left, right]: readonly [number, number],
  [low, high]: readonly [number, number],
): Plane {
  return {
    width,
    height,
    x: (value) => ((value - left) / (right - left)) * width,
    y: (value) => ((high - value) / (high - low)) * height,
    from: (x, y) => [left + (x / width) * (right - left), high - (y / height) * (high - low)],
  };
}

/** A square of [−reach, reach]². */
export const square = (side: number, reach = 1) =>
  plane(side, side, [-reach, reach], [-reach, reach]);

/** What is drawn in a plane, cut off at its frame. */
export function panelOf(
  on: Plane,
  body: readonly string[],
  caption: readonly string[] = [],
): Panel {
  const { width, height } = on;
  const size = `width="${tenths(width)}" height="${tenths(height)}"`;
  const frame = `<rect ${size} fill="none" stroke="${FAINT}"/>`;
  return {
    width,
    height,
    body: [`<svg ${size}>`, ...body, '</svg>', frame].join('\n'),
    caption,
  };
}

/** Rows as dots, each in the colour of its label. */
export function dots(
  on: Plane,
  { data, rows, columns }: Matrix,
  labels: ArrayLike<number>,
  colour: readonly string[],
  { every = 1, size = 2.4 }: { every?: number; size?: number } = {},
): string {
  const paths = colour.map(() => '');
  for (let i = 0; i < rows; i += every)
    paths[labels[i]] += `M${at(on.x(data[i * columns]), on.y(data[i * columns + 1]))}h0`;
  return paths
    .map((path, j) => path && `<path d="${path}" stroke="${colour[j]}" stroke-width="${size}"/>`)
    .filter(Boolean)
    .join('\n');
}

/** Who is the nearest, everywhere: asked on a lattice of so many steps across. */
export async function regions(
  on: Plane,
  predict: (points: Matrix) => Promise<Uint32Array>,
  colour: readonly string[],
  steps = 90,
): Promise<string> {
  const step = on.width / steps;
  const down = Math.round(on.height / step);
  const data = new Float32Array(2 * steps * down);
  for (let i = 0; i < steps * down; i++)
    data.set(on.from(((i % steps) + 0.5) * step, (Math.floor(i / steps) + 0.5) * step), 2 * i);
  const labels = await predict({ data, rows: steps * down, columns: 2 });
  const paths = colour.map(() => '');
  for (let i = 0; i < labels.length;) {
    const from = i % steps;
    let to = from;
    while (to < steps && labels[i + to - from] === labels[i]) to++;
    paths[labels[i]] +=
      `M${at(from * step, Math.floor(i / steps) * step)}h${tenths((to - from) * step)}`;
    i += to - from;
  }
  const shift = `transform="translate(0 ${tenths(step / 2)})"`;
  const stroke = `stroke-width="${tenths(step + 0.1)}" stroke-opacity=".16" stroke-linecap="butt"`;
  return paths
    .map((path, j) => path && `<path d="${path}" ${shift} stroke="${colour[j]}" ${stroke}/>`)
    .filter(Boolean)
    .join('\n');
}

/** Voronoi cells of centroids. */
export function cells(on: Plane, { data, rows }: Matrix, colour: readonly string[]): string {
  const sites = Array.from({ length: rows }, (_, j): [number, number] => [
    on.x(data[2 * j]),
    on.y(data[2 * j + 1]),
  ]);
  const voronoi = Delaunay.from(sites).voronoi([0, 0, on.width, on.height]);
  return sites
    .map((_, j) => {
      const corners = voronoi.cellPolygon(j).map(([x, y]) => at(x, y));
      return `<path d="M${corners.join('L')}Z" fill="${colour[j]}" fill-opacity=".14" stroke="#fff"/>`;
    })
    .join('\n');
}

/** Centroids: filled discs, or rings. */
export function discs(
  on: Plane,
  { data, rows, columns }: Matrix,
  { r = 4.5, fill = INK, ring = '#fff' }: { r?: number; fill?: string; ring?: string } = {},
): string {
  return Array.from({ length: rows }, (_, j) => {
    const [x, y] = [on.x(data[j * columns]), on.y(data[j * columns + 1])].map(tenths);
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" stroke="${ring}" stroke-width="1.5"/>`;
  }).join('\n');
}

// ---- charts ---------------------------------------------------------------------------------------

type Scale = (value: number) => number;

export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Powers of ten are at equal distances. */
  readonly log?: 'y';
  readonly ticks?: readonly [number, number];
  readonly caption?: readonly string[];
  /** What stands in it, by its scales. */
  body(x: Scale, y: Scale, bottom: number): readonly string[];
}

const LEFT = 46;
const BOTTOM = 36;
const SMALL = 12;

/** A chart with its axes. */
export function chart(given: Chart): Panel {
  const { width, height, title, xTitle, yTitle, caption, log } = given;
  const [across, up] = given.ticks ?? [6, 5];
  const top = title === undefined ? 8 : 24;
  const bottom = height - (xTitle === undefined ? 20 : BOTTOM);
  const x = scaleLinear([...given.x], [LEFT, width - 8]);
  const y = (log ? scaleLog : scaleLinear)([...given.y], [bottom, top]);
  const words = log ? String : y.tickFormat(up);
  const xWords = x.tickFormat(across);
  const heights = log
    ? y.ticks().filter((tick) => Number.isInteger(Math.log10(tick)))
    : y.ticks(up);
  const lines = heights.flatMap((tick) => [
    `<path d="M${at(LEFT, y(tick))}H${tenths(width - 8)}" stroke="${FAINT}" stroke-width=".7"/>`,
    label(words(tick), LEFT - 6, y(tick) + 4, GREY, 'end', SMALL),
  ]);
  const marks = x
    .ticks(across)
    .map((tick) => label(xWords(tick), x(tick), bottom + 15, GREY, 'middle', SMALL));
  return {
    width,
    height,
    ...(caption && { caption }),
    body: [
      ...lines,
      ...marks,
      `<path d="M${at(LEFT, bottom)}H${tenths(width - 8)}" stroke="${GREY}"/>`,
      title === undefined ? '' : label(title, 4, 13, INK, 'start'),
      xTitle === undefined
        ? ''
        : label(xTitle, (LEFT + width - 8) / 2, height - 4, GREY, 'middle', SMALL),
      yTitle === undefined
        ? ''
        : `<g transform="translate(11 ${tenths((top + bottom) / 2)}) rotate(-90)">${label(yTitle, 0, 0, GREY, 'middle', SMALL)}</g>`,
      ...given.body(x, y, bottom),
    ]
      .filter(Boolean)
      .join('\n'),
  };
}

/** A line through values, with a dot at each where there are few. */
export function curve(
  values: readonly (readonly [number, number])[],
  x: Scale,
  y: Scale,
  colour: string,
  { knots = true, dash = '' }: { knots?: boolean; dash?: string } = {},
): string {
  const through = line<readonly [number, number]>(
    ([a]) => x(a),
    ([, b]) => y(b),
  ).digits(1);
  const dashes = dash && ` stroke-dasharray="${dash}"`;
  const path = `<path d="${through(values)}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`;
  const points = values.map(([a, b]) => `M${at(x(a), y(b))}h0`).join('');
  return knots ? `${path}\n<path d="${points}" stroke="${colour}" stroke-width="6"/>` : path;
}
