/**
 * What the page is set to, and the address that says so: a link shows the same clustering.
 * The address is only rewritten (never pushed), so that Back leaves the page.
 */

export type Tab = 'cluster' | 'colours';
export type Board = 'gaussian' | 'blobs' | 'uniform';
export type InitName = 'auto' | 'k-means++' | 'random';
export type Photo = 'china' | 'flower';

export interface Settings {
  tab: Tab;
  /** Any name: the library is the one to refuse it, with its own words. */
  engine: string;
  seed: number;
  n: number;
  k: number;
  board: Board;
  init: InitName;
  colours: number;
  photo: Photo;
}

export const DEFAULTS: Readonly<Settings> = {
  tab: 'cluster',
  engine: 'auto',
  seed: 1,
  n: 1_000_000,
  k: 16,
  board: 'gaussian',
  init: 'auto',
  colours: 16,
  photo: 'china',
};

/** Least and most of every number. */
export const RANGES = {
  n: [1, 10_000_000],
  k: [1, 256],
  seed: [0, 4_294_967_295],
  colours: [2, 256],
} as const;

const CHOICES = {
  tab: ['cluster', 'colours'],
  board: ['gaussian', 'blobs', 'uniform'],
  init: ['auto', 'k-means++', 'random'],
  photo: ['china', 'flower'],
} as const;

/** Settings of an address, with a sentence for every value that could not be taken as it is. */
export function readAddress(search: string): { settings: Settings; remarks: string[] } {
  const parameters = new URLSearchParams(search);
  const settings: Settings = { ...DEFAULTS };
  const remarks: string[] = [];
  for (const name of ['n', 'k', 'seed', 'colours'] as const) {
    const text = parameters.get(name);
    if (text === null) continue;
    const [least, most] = RANGES[name];
    const value = text.trim() === '' ? NaN : Number(text);
    const taken = Number.isFinite(value)
      ? Math.min(most, Math.max(least, Math.round(value)))
      : DEFAULTS[name];
    settings[name] = taken;
    if (taken !== value)
      remarks.push(
        `${name} is ${text} in the address; this page takes whole numbers from ` +
          `${least.toLocaleString('en')} to ${most.toLocaleString('en')}, so it uses ` +
          `${taken.toLocaleString('en')}.`,
      );
  }
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
  settings.tab = choose('tab', CHOICES.tab, settings.tab);
  settings.board = choose('board', CHOICES.board, settings.board);
  settings.init = choose('init', CHOICES.init, settings.init);
  settings.photo = choose('photo', CHOICES.photo, settings.photo);
  settings.engine = parameters.get('engine') ?? settings.engine;
  return { settings, remarks };
}

/** Rewrites the address: what differs from the defaults, and what it named already. */
export function writeAddress(settings: Settings): void {
  const before = new URLSearchParams(location.search);
  const after = new URLSearchParams();
  for (const [name, value] of Object.entries(settings))
    if (value !== DEFAULTS[name as keyof Settings] || before.has(name))
      after.set(name, String(value));
  const search = after.size > 0 ? `?${after}` : '';
  if (search !== location.search) history.replaceState(null, '', location.pathname + search);
}
