/**
 * What is clustered, and how: the controls of the Cluster tab. They write the settings and say which one
 * they wrote; a setting that makes placed centroids meaningless (other points, another number of them,
 * another way to choose them) lets go of them here.
 */
import { DATA_SETS, isDataSet } from '../data/data-sets.ts';
import { byId } from '../dom.ts';
import { count } from '../format.ts';
import {
  DEFAULTS,
  mostClusters,
  type Board,
  type InitName,
  type MetricName,
  type Settings,
  type TolName,
} from '../settings.ts';
import { slider } from '../slider.ts';

/** A thousand to fifty million, three a decade. */
const POINTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000].map(
  (t) => t * 1000,
);

export interface SettingsForm {
  /** Shows what the settings are now. @param ownRows of the user's file, once it is read */
  show(ownRows: number | null): void;
  setK(k: number): void;
  setBoard(board: Board): void;
}

export function settingsForm(
  settings: Settings,
  onChange: (name: keyof Settings) => void,
): SettingsForm {
  const change = <Name extends keyof Settings>(name: Name, value: Settings[Name]) => {
    settings[name] = value;
    onChange(name);
  };
  /** The same, where the first centroids are to be chosen anew. */
  const begin = <Name extends keyof Settings>(name: Name, value: Settings[Name]) => {
    settings.centroids = null;
    init.value = settings.init;
    change(name, value);
  };
  const init = byId('init', HTMLSelectElement);
  const board = byId('board', HTMLSelectElement);
  const whiten = byId('whiten', HTMLInputElement);
  const metric = byId('metric', HTMLSelectElement);
  const tol = byId('tol', HTMLSelectElement);
  const credit = byId('credit-data', HTMLElement);
  const n = slider(
    'n',
    POINTS,
    (value) => (value === 0 ? '–' : count(value)),
    (value) => begin('n', value),
  );
  const k = slider('k', { least: 1, most: 256 }, count, (value) => begin('k', value));
  const seed = slider('seed', { least: 0, most: 100 }, count, (value) => begin('seed', value));
  init.addEventListener('change', () => begin('init', init.value as InitName));
  board.addEventListener('change', () => {
    setBoard(board.value as Board);
    onChange('board');
  });
  whiten.addEventListener('change', () => change('whiten', whiten.checked));
  metric.addEventListener('change', () => change('metric', metric.value as MetricName));
  tol.addEventListener('change', () => change('tol', tol.value as TolName));
  byId('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());

  const isMade = (name: Board) => name !== 'own' && !isDataSet(name);
  /** k of the made boards, for when the user comes back to them. */
  let madeK = isMade(settings.board) ? settings.k : DEFAULTS.k;
  const setBoard = (next: Board) => {
    if (isMade(settings.board)) madeK = settings.k;
    if (isDataSet(next)) settings.k = DATA_SETS[next].k;
    else if (isMade(next)) settings.k = madeK;
    Object.assign(settings, { board: next, centroids: null, axes: null });
  };

  return {
    setBoard,
    setK: (value) => begin('k', value),
    show(ownRows) {
      const data = isDataSet(settings.board) ? DATA_SETS[settings.board] : null;
      const isOwn = settings.board === 'own';
      n.show(data?.rows ?? (isOwn ? (ownRows ?? 0) : settings.n));
      n.enable(isMade(settings.board));
      k.reachTo(Math.min(mostClusters(settings.board), (isOwn && ownRows) || Infinity));
      k.show(settings.k);
      seed.show(settings.seed);
      board.value = settings.board;
      init.value = settings.centroids ? 'placed' : settings.init;
      whiten.checked = settings.whiten;
      [metric.value, tol.value] = [settings.metric, settings.tol];
      credit.hidden = !data;
      credit.querySelector('span')!.textContent = data ? `${data.what}, by ${data.by}:` : '';
      credit.querySelector('a')!.href = data?.source ?? '';
    },
  };
}
