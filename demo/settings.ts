import type { ColorSpace, Dither, ImageOptions } from '../src/image/index.ts';
import type { Axes } from './cluster/view.ts';
import { DATA_SETS, isDataSet, type DataSet } from './data/data-sets.ts';
import { readCentroids, writeCentroids } from './placed-centroids.ts';

/**
 * What the page is set to, and the address that says so: a link shows the same clustering.
 * The address is only rewritten (never pushed), so that Back leaves the page.
 */

export type Tab = 'cluster' | 'colours' | 'race';
/** own: a file of the user's, which is in no address. */
export type Board = 'gaussian' | 'blobs' | 'uniform' | DataSet | 'own';
export type MetricName = 'euclidean' | 'cosine' | 'manhattan';
/** As the address has it. */
export type TolName = '0.0001' | '0.000001' | '0';
export type InitName = 'auto' | 'k-means++' | 'k-means||' | 'random';
export type Photo = 'china' | 'flower';
export type SortName = NonNullable<ImageOptions['sort']>;

export interface Settings {
  tab: Tab;
  /** Any name: the library is the one to refuse it, with its own words. */
  engine: string;
  seed: number;
  /** Of the made boards: a data set has the rows it has. */
  n: number;
  k: number;
  board: Board;
  init: InitName;
  whiten: boolean;
  metric: MetricName;
  tol: TolName;
  /** First centroids that were placed by hand, k × columns: they come before `init`. */
  centroids: Float32Array | null;
  /** What the picture is drawn on, where rows have more than two columns. */
  axes: Axes;
  colours: number;
  space: ColorSpace;
  dither: Dither;
  sort: SortName;
  photo: Photo;
  /** Of the race: a name of bench/cases.ts, its number of rows, and who runs. The tab judges all three. */
  case: string;
  /** 0: what the tab thinks fit. */
  rows: number;
  /** Whether it is run with all smaller numbers of rows, too. */
  sizes: 'one' | 'all';
  who: string;
}

export const DEFAULTS: Readonly<Settings> = {
  tab: 'cluster',
  engine: 'auto',
  seed: 1,
  n: 1_000_000,
  k: 16,
  board: 'gaussian',
  init: 'auto',
  whiten: false,
  metric: 'euclidean',
  tol: '0.0001',
  centroids: null,
  axes: null,
  colours: 16,
  space: 'oklab',
  dither: 'none',
  sort: 'use',
  photo: 'china',
  case: 'C1-blobs',
  rows: 0,
  sizes: 'one',
  who: 'all',
};

/** Least and most of every number. */
export const RANGES = {
  n: [1, 50_000_000],
  k: [1, 256],
  seed: [0, 4_294_967_295],
  colours: [2, 65_536],
  rows: [1, 16_777_216],
} as const;

const CHOICES = {
  tab: ['cluster', 'colours', 'race'],
  board: ['gaussian', 'blobs', 'uniform', 'iris', 'wine', 'digits'],
  init: ['auto', 'k-means++', 'k-means||', 'random'],
  whiten: ['0', '1'],
  metric: ['euclidean', 'cosine', 'manhattan'],
  tol: ['0.0001', '0.000001', '0'],
  space: ['oklab', 'srgb', 'linear-rgb', 'lab'],
  dither: ['none', 'floyd-steinberg', 'atkinson', 'bayer', 'blue-noise'],
  sort: ['use', 'hue', 'lightness'],
  photo: ['china', 'flower'],
  sizes: ['one', 'all'],
} as const;

/** What an address leaves out on this board: a data set has the k it is known for. */
function defaultsOf(board: Board): Readonly<Settings> {
  return isDataSet(board) ? { ...DEFAULTS, k: DATA_SETS[board].k } : DEFAULTS;
}

/** Most clusters that the page offers: more than a data set's rows there cannot be. */
export function mostClusters(board: Board): number {
  return isDataSet(board) ? Math.min(RANGES.k[1], DATA_SETS[board].rows) : RANGES.k[1];
}

const columnsOf = (board: Board) => (isDataSet(board) ? DATA_SETS[board].columns : 2);

/** Settings of an address, with a sentence for every value that could not be taken as it is. */
export function readAddress(search: string): { settings: Settings; remarks: string[] } {
  const parameters = new URLSearchParams(search);
  const remarks: string[] = [];
  const choose = <T extends string>(name: keyof typeof CHOICES, choices: readonly T[], now: T) => {
    const text = parameters.get(name);
    if (text === null) return now;
    const found = choices.find((choice) => choice === text);
    if (found === undefined)
      remarks.push(
        `${name} is ${text} in the address; this page knows ${choices.join(', ')}, so it uses ${now}.`,
      );
    return found ?? now;
  };
  const isOwn = parameters.get('board') === 'own';
  if (isOwn)
    remarks.push(
      'This link was made with a file of somebody’s own, which no link holds. Open that file for the same ' +
        'result: its options are set; choose its columns and missing values again.' +
        (parameters.has('centroids') ? ' Centroids placed by hand are not in the link.' : ''),
    );
  const board = isOwn ? DEFAULTS.board : choose('board', CHOICES.board, DEFAULTS.board);
  const defaults = defaultsOf(board);
  const settings: Settings = {
    ...defaults,
    board,
    tab: choose('tab', CHOICES.tab, defaults.tab),
    init: choose('init', CHOICES.init, defaults.init),
    whiten: choose('whiten', CHOICES.whiten, '0') === '1',
    metric: choose('metric', CHOICES.metric, defaults.metric),
    tol: choose('tol', CHOICES.tol, defaults.tol),
    space: choose('space', CHOICES.space, defaults.space),
    dither: choose('dither', CHOICES.dither, defaults.dither),
    sort: choose('sort', CHOICES.sort, defaults.sort),
    photo: choose('photo', CHOICES.photo, defaults.photo),
    engine: parameters.get('engine') ?? defaults.engine,
    case: parameters.get('case') ?? defaults.case,
    sizes: choose('sizes', CHOICES.sizes, defaults.sizes),
    who: parameters.get('who') ?? defaults.who,
  };
  for (const name of ['n', 'k', 'seed', 'colours', 'rows'] as const) {
    const text = parameters.get(name);
    if (text === null) continue;
    const value = text.trim() === '' ? NaN : Number(text);
    if (name === 'n' && isDataSet(board)) {
      const { rows } = DATA_SETS[board];
      if (value !== rows)
        remarks.push(`n is ${text} in the address; ${board} has ${rows} points, so it uses those.`);
      continue;
    }
    const [least, most] = name === 'k' ? [RANGES.k[0], mostClusters(board)] : RANGES[name];
    const taken = Number.isFinite(value)
      ? Math.min(most, Math.max(least, Math.round(value)))
      : defaults[name];
    settings[name] = taken;
    if (taken !== value)
      remarks.push(
        `${name} is ${text} in the address; this page takes whole numbers from ` +
          `${least.toLocaleString('en')} to ${most.toLocaleString('en')}, so it uses ` +
          `${taken.toLocaleString('en')}.`,
      );
  }
  const placed = parameters.get('centroids');
  if (placed !== null && !isOwn) {
    const centroids = readCentroids(placed, settings.k, columnsOf(board));
    if (typeof centroids === 'string') remarks.push(centroids);
    else settings.centroids = centroids;
  }
  const axes = parameters.get('axes');
  if (axes !== null && !isOwn) {
    settings.axes = readAxes(axes, columnsOf(board));
    if (settings.axes === null)
      remarks.push(
        `axes is ${axes} in the address; expected the numbers of two columns of ${board}, as in 1-2, ` +
          'and more than two to choose from. The picture chooses its own.',
      );
  }
  return { settings, remarks };
}

/** `3-1`: the third column across, the first up. */
function readAxes(text: string, columns: number): Axes {
  const [across, up] = (/^([1-9]\d*)-([1-9]\d*)$/.exec(text) ?? [])
    .slice(1)
    .map((t) => Number(t) - 1);
  return columns > 2 && across < columns && up < columns && across !== up ? [across, up] : null;
}

/** How an address has a setting. */
function written(name: keyof Settings, settings: Settings): string {
  const { centroids, axes, board } = settings;
  if (name === 'centroids') return writeCentroids(centroids!, board !== 'own');
  if (name === 'axes') return axes!.map((t) => t + 1).join('-');
  const value = settings[name];
  return String(typeof value === 'boolean' ? Number(value) : value);
}

/** The address of these settings: what differs from the defaults, and what it named already. */
export function addressOf(settings: Settings, search: string): string {
  const before = new URLSearchParams(search);
  const after = new URLSearchParams();
  const defaults = defaultsOf(settings.board);
  for (const name of Object.keys(settings) as (keyof Settings)[]) {
    const value = settings[name];
    // What is of a file says nothing without it.
    if (name === 'n' && (settings.board === 'own' || isDataSet(settings.board))) continue;
    if (value === null || (name === 'axes' && settings.board === 'own')) continue;
    if (value !== defaults[name] || before.has(name)) after.set(name, written(name, settings));
  }
  return after.size > 0 ? `?${after}` : '';
}

export function writeAddress(settings: Settings): void {
  const search = addressOf(settings, location.search);
  if (search !== location.search) history.replaceState(null, '', location.pathname + search);
}
