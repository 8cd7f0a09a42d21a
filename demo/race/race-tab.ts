/** The Race tab: who runs on what, the table and the chart that fill, and the results as JSON. */
import { CASES, type Case } from '../../bench/cases.ts';
import type { EngineInfo } from '../../src/index.ts';
import { byId, copy, say } from '../dom.ts';
import { count, duration, plural } from '../format.ts';
import { setState } from '../page-state.ts';
import { saveFile } from '../save-file.ts';
import { DEFAULTS, type Settings } from '../settings.ts';
import { CONTESTANTS, contestantsOf, listOf, type Contestant } from './contestants.ts';
import { crossover } from './crossover.ts';
import { machineCard } from './machine.ts';
import type { RaceOptions, RaceReport, RaceRun } from './messages.ts';
import './race.css';
import html from './race.html?raw';
import { ask, race } from './race.ts';
import { agreed, leaders, sizesOf, suggestedSize } from './standings.ts';
import { drawTable } from './table.ts';

export interface RaceTab {
  start(): void;
  /** The engine of the other tabs was changed: all engines race anyway. */
  restart(): void;
}

/** For all contestants; seconds, since a page is no laboratory. */
const RULES = { iterations: 20, warmUps: 1, repeats: 3, maxSeconds: 10 } as const;

/** To look for engines. */
const LOOK_MS = 60_000;

/** What comes as a source is for measurements in Node. */
const OFFERED = CASES.filter(({ maxMemory }) => maxMemory === undefined);

export function raceTab(
  settings: Settings,
  onChange: () => void,
  onEngines: (engines: EngineInfo[]) => void,
): RaceTab {
  const panel = byId('race', HTMLElement);
  panel.innerHTML = html;
  const caseList = byId('race-case', HTMLSelectElement);
  const sizeList = byId('race-rows', HTMLSelectElement);
  const who = byId('race-who', HTMLElement);
  const what = byId('race-what', HTMLElement);
  const status = byId('race-status', HTMLElement);
  const alert = byId('race-alert', HTMLElement);
  const progress = byId('race-progress', HTMLProgressElement);
  const buttons = (id: string) => byId(`race-${id}`, HTMLButtonElement);
  const [run, sizes, stop, clear] = ['run', 'sizes', 'stop', 'clear'].map(buttons);
  const [copyJson, saveJson, copyLink] = ['copy', 'save', 'link'].map(buttons);
  const chart = crossover(
    byId('race-chart', HTMLElement),
    byId('race-sizes-head', HTMLElement),
    byId('race-sizes-body', HTMLElement),
  );

  const card = machineCard(byId('race-machine', HTMLElement));

  let given: Case = OFFERED[0];
  let chosen: Contestant[] = [];
  let runs: RaceRun[] = [];
  /** Of the runs; the address may change it in another tab. */
  let { seed } = settings;
  let running: { id: string; rows: number } | null = null;
  let abort: AbortController | null = null;

  const options = (): RaceOptions => ({ seed, ...RULES });
  const named = (id: string) => CONTESTANTS.find((each) => each.id === id)!.name;

  /** What the address or the lists say; what this page does not know is told and replaced. */
  function take(): void {
    const remarks: string[] = [];
    const found = OFFERED.find(({ name, id }) => [name, id].includes(settings.case));
    if (!found)
      remarks.push(`There is no case ${settings.case} here, so it is ${DEFAULTS.case} that runs.`);
    given = found ?? OFFERED.find(({ name }) => name === DEFAULTS.case)!;
    settings.case = given.name;
    const offered = sizesOf(given);
    if (!offered.includes(settings.rows)) {
      const fitting = suggestedSize(given);
      if (settings.rows !== DEFAULTS.rows)
        remarks.push(
          `rows is ${settings.rows} in the address; ${given.name} runs with ${offered.join(', ')}, so it is ${fitting}.`,
        );
      settings.rows = fitting;
    }
    chosen = contestantsOf(settings.who);
    if (chosen.length === 0) {
      remarks.push(`Nobody is called ${settings.who} here, so everybody runs.`);
      chosen = [...CONTESTANTS];
    }
    settings.who = listOf(chosen.map(({ id }) => id));
    caseList.value = given.name;
    sizeList.replaceChildren(...offered.map((rows) => new Option(count(rows), String(rows))));
    sizeList.value = String(settings.rows);
    for (const box of who.querySelectorAll('input'))
      box.checked = chosen.some(({ id }) => id === box.value);
    const { columns, k, why } = given;
    what.textContent = `${given.name}: ${why}. ${plural(columns, 'column')}, ${plural(k, 'cluster')}, seed ${seed}, at most ${RULES.iterations} iterations.`;
    say(alert, remarks.join(' '));
    draw();
  }

  function draw(): void {
    const shown = agreed(runs);
    drawTable(
      byId('race-rows-body', HTMLElement),
      chosen.map((contestant) => ({
        contestant,
        run: shown.find(({ id, rows }) => id === contestant.id && rows === settings.rows) ?? null,
        running: running?.id === contestant.id && running.rows === settings.rows,
      })),
    );
    const raced = [...new Set(runs.map(({ rows }) => rows))].sort((a, b) => a - b);
    byId('race-sizes-region', HTMLElement).hidden = raced.length < 2;
    chart.draw(chosen, raced, shown);
    if (raced.length > 1) {
      const first = leaders(shown).map(
        ({ id, from }, at) => `${at === 0 ? '' : `from ${count(from)} points on `}${named(id)}`,
      );
      byId('race-leaders', HTMLElement).textContent =
        first.length > 0 ? `Fastest: ${first.join(', ')}.` : 'Nobody came to an end yet.';
    } else
      byId('race-leaders', HTMLElement).textContent =
        '“Race at all sizes” draws where one overtakes the other.';
    for (const button of [copyJson, saveJson, clear]) button.disabled = runs.length === 0;
  }

  async function go(offered: readonly number[]): Promise<void> {
    abort = new AbortController();
    const { signal } = abort;
    const since = performance.now();
    setRunning(true);
    say(alert, '');
    const plan = { given, sizes: offered, contestants: chosen, options: options(), known: runs };
    await race(
      plan,
      {
        begins({ id, name }, rows, done, of) {
          running = { id, rows };
          status.textContent = `${name}, ${plural(rows, 'point')}: ${done + 1} of ${of}…`;
          progress.value = done / of;
          draw();
        },
        ends(ended) {
          runs = [...runs, ended];
          running = null;
          draw();
        },
      },
      signal,
    );
    running = null;
    abort = null;
    setRunning(false);
    draw();
    finish(signal.aborted, (performance.now() - since) / 1000);
  }

  function finish(stopped: boolean, seconds: number): void {
    const wrong = agreed(runs).filter(({ measurement }) => measurement.outcome === 'wrong');
    setState('race', wrong.length > 0 ? 'failed' : 'converged');
    if (wrong.length > 0)
      say(
        alert,
        `Wrong answers: ${wrong.map(({ id }) => named(id)).join(', ')}. They have no time.`,
      );
    status.textContent = stopped
      ? 'Stopped. Race goes on with those that have not run.'
      : `Done in ${duration(seconds)}.`;
  }

  function setRunning(on: boolean): void {
    for (const control of [run, sizes, caseList, sizeList]) control.disabled = on;
    for (const box of who.querySelectorAll('input')) box.disabled = on;
    stop.disabled = !on;
    progress.hidden = !on;
    panel.classList.toggle('busy', on);
    if (on) setState('race', 'running');
    if (on) clear.disabled = true;
  }

  async function look(): Promise<void> {
    const answer = await ask({ type: 'look' }, new AbortController().signal, LOOK_MS);
    if ('failure' in answer || answer.type !== 'engines') return;
    onEngines(answer.engines);
    card.take(answer.engines);
  }

  const report = (): RaceReport => {
    const { name, columns, k } = given;
    return {
      format: 1,
      date: new Date().toISOString(),
      machine: card.machine,
      case: { name, columns, k },
      options: options(),
      runs: agreed(runs),
    };
  };
  const json = () => `${JSON.stringify(report(), null, 2)}\n`;
  const copied = async (text: string, name: string) => {
    status.textContent = (await copy(text))
      ? `${name} copied.`
      : 'The browser does not let this page copy.';
  };

  caseList.append(...OFFERED.map(({ name, why }) => new Option(`${name}: ${why}`, name)));
  who.append(
    ...CONTESTANTS.map(({ id, name }) => {
      const label = document.createElement('label');
      label.className = 'check';
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.value = id;
      label.append(box, ` ${name}`);
      return label;
    }),
  );
  byId('race-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void go([settings.rows]);
  });
  sizes.addEventListener('click', () => void go(sizesOf(given).filter((n) => n <= settings.rows)));
  stop.addEventListener('click', () => abort?.abort());
  clear.addEventListener('click', () => {
    runs = [];
    setState('race', 'loading');
    status.textContent = 'Ready.';
    take();
  });
  caseList.addEventListener('change', () => {
    [settings.case, settings.rows] = [caseList.value, DEFAULTS.rows];
    runs = [];
    take();
    onChange();
  });
  sizeList.addEventListener('change', () => {
    settings.rows = Number(sizeList.value);
    take();
    onChange();
  });
  who.addEventListener('change', ({ target }) => {
    const boxes = [...who.querySelectorAll('input')];
    if (target instanceof HTMLInputElement && boxes.every(({ checked }) => !checked)) {
      target.checked = true;
      status.textContent = 'Somebody has to run.';
      return;
    }
    settings.who = listOf(boxes.filter(({ checked }) => checked).map(({ value }) => value));
    take();
    onChange();
  });
  copyJson.addEventListener('click', () => void copied(json(), 'Results'));
  copyLink.addEventListener('click', () => void copied(location.href, 'Link'));
  saveJson.addEventListener('click', () =>
    saveFile(new Blob([json()], { type: 'application/json' }), `race-${given.name}.json`),
  );

  let looked = false;
  return {
    start() {
      if (abort) return; // it goes on
      if (seed !== settings.seed) [seed, runs] = [settings.seed, []];
      take();
      onChange();
      if (!looked) void look();
      looked = true;
    },
    restart() {},
  };
}
