/** The Race tab: who runs on what, the table and the chart that fill, and the results as JSON. */
import { CASES, type Case } from '../../bench/cases.ts';
import type { EngineInfo } from '../../src/index.ts';
import { byId, copy, element, say } from '../dom.ts';
import { count, duration, plural, rough } from '../format.ts';
import { once } from '../once.ts';
import { setState } from '../page-state.ts';
import { saveFile } from '../save-file.ts';
import { DEFAULTS, RANGES, type Settings } from '../settings.ts';
import { CONTESTANTS, contestantsOf, listOf, type Contestant } from './contestants.ts';
import { crossover } from './crossover.ts';
import { machineCard } from './machine.ts';
import type { RaceOptions, RaceReport, RaceRun } from './messages.ts';
import './race.css';
import html from './race.html?raw';
import { ask, race } from './race.ts';
import { agreed, atSize, leaders, sizesOf, suggestedSize } from './standings.ts';
import { drawTable } from './table.ts';

export interface RaceTab {
  start(): void;
  /** The engine of the other tabs was changed: all engines race anyway. */
  restart(): void;
}

/** For all contestants; seconds, since a page is no laboratory. */
const RULES = { iterations: 20, warmUps: 1, repeats: 3, maxSeconds: 10 } as const;
/** Where every iteration reads the points anew. */
const OUT_OF_CORE_SECONDS = 100;

/** To look for engines. */
const LOOK_MS = 60_000;

/** What the address of a race says. */
const IN_LINK = ['tab', 'case', 'rows', 'sizes', 'who', 'seed'] as const;

/** The size of a case, and what is particular about it. */
function describe({ name, why, rows, columns, k, maxMemory }: Case): string {
  const size =
    `${name} (${why}): ${plural(rows, 'point')} of ${plural(columns, 'column')}, ${plural(k, 'cluster')}, ` +
    `at most ${RULES.iterations} iterations.`;
  if (maxMemory === undefined) return size;
  return (
    `${size} Points come from a source, and a run may have ${rough(maxMemory)}B of memory: a quarter of ` +
    'what they take. Upload is the first pass over the source; an iteration brings them to the engine page by page. ' +
    `A contestant has ${OUT_OF_CORE_SECONDS} s.`
  );
}

export function raceTab(
  settings: Settings,
  onChange: () => void,
  onEngines: (engines: EngineInfo[]) => void,
): RaceTab {
  const panel = byId('race', HTMLElement);
  panel.innerHTML = html;
  const caseList = byId('race-case', HTMLSelectElement);
  const sizeList = byId('race-rows', HTMLSelectElement);
  const smaller = byId('race-sizes', HTMLInputElement);
  const seedBox = byId('race-seed', HTMLInputElement);
  const form = byId('race-form', HTMLFormElement);
  const who = byId('race-who', HTMLElement);
  const what = byId('race-what', HTMLElement);
  const status = byId('race-status', HTMLElement);
  const alert = byId('race-alert', HTMLElement);
  const progress = byId('race-progress', HTMLProgressElement);
  const buttons = (id: string) => byId(`race-${id}`, HTMLButtonElement);
  const [run, stop, clear] = ['run', 'stop', 'clear'].map(buttons);
  const [copyJson, saveJson, copyLink] = ['copy', 'save', 'link'].map(buttons);
  const chart = crossover(
    byId('race-chart', HTMLElement),
    byId('race-sizes-head', HTMLElement),
    byId('race-sizes-body', HTMLElement),
  );

  const card = machineCard(byId('race-machine', HTMLElement));

  let given: Case = CASES[0];
  let chosen: Contestant[] = [];
  let runs: RaceRun[] = [];
  /** Of the runs; the address may change it in another tab. */
  let { seed } = settings;
  let running: { id: string; rows: number } | null = null;
  let abort: AbortController | null = null;

  const options = (): RaceOptions => ({
    ...{ seed, ...RULES },
    ...(given.maxMemory !== undefined && { maxSeconds: OUT_OF_CORE_SECONDS }),
  });
  const isSmallest = () => sizesOf(given)[0] === settings.rows;
  const plan = () =>
    sizesOf(given).filter((n) => n === settings.rows || (smaller.checked && n < settings.rows));
  const named = (id: string) => CONTESTANTS.find((each) => each.id === id)!.name;

  /** What the address or the lists say; what this page does not know is told and replaced. */
  function take(): void {
    const remarks: string[] = [];
    const found = CASES.find(({ name, id }) => [name, id].includes(settings.case));
    if (!found)
      remarks.push(`There is no case ${settings.case} here, so it is ${DEFAULTS.case} that runs.`);
    given = found ?? CASES.find(({ name }) => name === DEFAULTS.case)!;
    settings.case = given.name;
    const offered = sizesOf(given);
    if (!offered.includes(settings.rows)) {
      const fitting = suggestedSize(given);
      if (settings.rows > 0)
        remarks.push(
          `rows is ${settings.rows} in the address; ${given.name} runs with ${offered.join(', ')}, so it is ${fitting}.`,
        );
      settings.rows = fitting;
    }
    const { known, strangers } = contestantsOf(settings.who);
    chosen = known.length > 0 ? known : [...CONTESTANTS];
    if (strangers.length > 0)
      remarks.push(
        `Nobody is called ${strangers.join(', ')} here` +
          (known.length > 0 ? '.' : ', so everybody runs.'),
      );
    settings.who = listOf(chosen.map(({ id }) => id));
    caseList.value = given.name;
    sizeList.replaceChildren(...offered.map((rows) => new Option(count(rows), String(rows))));
    sizeList.value = String(settings.rows);
    smaller.checked = settings.sizes === 'all';
    smaller.disabled = isSmallest();
    seedBox.value = String(seed);
    seedBox.ariaInvalid = null;
    for (const box of who.querySelectorAll('input'))
      box.checked = chosen.some(({ id }) => id === box.value);
    what.textContent = describe(atSize(given, settings.rows));
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
        first.length > 0 ? `Fastest: ${first.join('; ')}.` : 'Nobody came to an end yet.';
    } else
      byId('race-leaders', HTMLElement).textContent = isSmallest()
        ? 'There is no smaller size of this case to compare this one with.'
        : 'Race at all smaller sizes, too, to see here where one overtakes the other.';
    for (const button of [copyJson, saveJson]) button.disabled = runs.length === 0;
    clear.disabled = runs.length === 0 || abort !== null;
  }

  async function go(): Promise<void> {
    abort = new AbortController();
    const { signal } = abort;
    const sizes = plan();
    const isMeant = ({ id, rows }: RaceRun) =>
      sizes.includes(rows) && chosen.some((contestant) => contestant.id === id);
    // all have run: once more
    if (runs.filter(isMeant).length === sizes.length * chosen.length)
      runs = runs.filter((one) => !isMeant(one));
    setRunning(true);
    say(alert, '');
    status.textContent = 'Looking for engines…';
    await looked(); // it would take time from the first that runs
    const since = performance.now();
    await race(
      { given, sizes, contestants: chosen, options: options(), known: runs },
      {
        onPage,
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
    const focused = document.activeElement;
    stop.disabled = !on;
    // who works by keyboard is not left on what is switched off
    if (on && form.contains(focused)) stop.focus();
    for (const control of [run, caseList, sizeList, smaller, seedBox]) control.disabled = on;
    for (const box of who.querySelectorAll('input')) box.disabled = on;
    if (!on) smaller.disabled = isSmallest();
    if (!on && focused === stop) run.focus();
    progress.hidden = !on;
    panel.classList.toggle('busy', on);
    if (on) setState('race', 'running');
  }

  function onPage(): void {
    card.onPage();
    byId('race-on-page', HTMLElement).hidden = false;
  }

  const looked = once(async () => {
    const answer = await ask(
      { type: 'look' },
      { signal: new AbortController().signal, patience: LOOK_MS, onPage },
    );
    const found = 'engines' in answer ? answer.engines : [];
    onEngines(found);
    card.take(found, 'failure' in answer ? answer.failure : undefined);
  });

  /** Whether what was typed is a seed; says so where it is not, and nothing runs then. */
  function judgeSeed(): boolean {
    const [least, most] = RANGES.seed;
    const value = seedBox.valueAsNumber;
    const isSeed = Number.isInteger(value) && value >= least && value <= most;
    seedBox.ariaInvalid = isSeed ? null : 'true';
    if (!isSeed)
      say(
        alert,
        `seed is ${seedBox.value || 'no number'}; expected a whole number from ${count(least)} to ${count(most)}. Type another.`,
      );
    return isSeed;
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

  caseList.append(
    ...CASES.map(
      ({ name, columns, k, why }) =>
        new Option(`${name} · ${plural(columns, 'column')}, k = ${count(k)} · ${why}`, name),
    ),
  );
  [seedBox.min, seedBox.max] = RANGES.seed.map(String);
  who.append(
    ...CONTESTANTS.map(({ id, name }) => {
      const label = element('label', '', 'check');
      const box = element('input');
      box.type = 'checkbox';
      box.value = id;
      label.append(box, ` ${name}`);
      return label;
    }),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (judgeSeed()) void go();
  });
  stop.addEventListener('click', () => {
    status.textContent = 'Stopping…';
    abort?.abort();
  });
  clear.addEventListener('click', () => {
    runs = [];
    setState('race', 'loading');
    status.textContent = 'Ready.';
    take();
  });
  caseList.addEventListener('change', () => {
    [settings.case, settings.rows] = [caseList.value, 0];
    runs = [];
    take();
    onChange();
  });
  sizeList.addEventListener('change', () => {
    settings.rows = Number(sizeList.value);
    take();
    onChange();
  });
  smaller.addEventListener('change', () => {
    settings.sizes = smaller.checked ? 'all' : 'one';
    onChange();
  });
  seedBox.addEventListener('change', () => {
    if (!judgeSeed()) return;
    [seed, runs] = [seedBox.valueAsNumber, []];
    settings.seed = seed;
    take();
    onChange();
  });
  who.addEventListener('change', ({ target }) => {
    const boxes = [...who.querySelectorAll('input')];
    if (target instanceof HTMLInputElement && boxes.every(({ checked }) => !checked)) {
      target.checked = true;
      status.textContent = 'Choose at least one contestant.';
      return;
    }
    settings.who = listOf(boxes.filter(({ checked }) => checked).map(({ value }) => value));
    take();
    onChange();
  });
  copyJson.addEventListener('click', () => void copied(json(), 'Results'));
  copyLink.addEventListener('click', () => {
    const link = new URL(location.href);
    // all of it: what the page begins with may be something else one day
    for (const name of IN_LINK) link.searchParams.set(name, String(settings[name]));
    void copied(link.href, 'Link');
  });
  saveJson.addEventListener('click', () =>
    saveFile(new Blob([json()], { type: 'application/json' }), `race-${given.name}.json`),
  );

  return {
    start() {
      if (abort) return; // it goes on
      if (seed !== settings.seed) [seed, runs] = [settings.seed, []];
      take();
      onChange();
      void looked();
    },
    restart() {},
  };
}
