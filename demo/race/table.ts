/** The table of a race: a line for every contestant, filled as they come in. */
import { element } from '../dom.ts';
import { told } from './clock.ts';
import { whatRan, type Contestant } from './contestants.ts';
import type { RaceRun } from './messages.ts';
import type { Measured } from './standings.ts';

/** What is known of a contestant: nothing, that it runs, or how that ended. */
export interface Line {
  contestant: Contestant;
  run: RaceRun | null;
  running: boolean;
}

const COLUMNS: [title: string, text: (measured: Measured) => string][] = [
  ['Per iteration', ({ phases, iterations }) => told(phases.compute / iterations, iterations)],
  ['First fit', ({ firstFit }) => told(firstFit)],
  ['Compile', ({ phases }) => told(phases.compile)],
  ['Lay', ({ phases }) => told(phases.prepare)],
  ['Upload', ({ phases }) => told(phases.upload)],
  ['Compute', ({ phases }) => told(phases.compute)],
  ['Read back', ({ phases }) => told(phases.readBack)],
  // a minus, at which no line is broken
  ['Checked', ({ verified }) => verified.replace('e-', 'e−')],
];

export function drawTable(body: HTMLElement, lines: readonly Line[]): void {
  const slowest = Math.max(
    ...lines.map(({ run }) =>
      run?.measurement.outcome === 'measured' ? run.measurement.fit.median : 0,
    ),
  );
  body.replaceChildren(...lines.map((line) => rowOf(line, slowest)));
}

function rowOf({ contestant, run, running }: Line, slowest: number): HTMLElement {
  const row = make('tr', 'row');
  row.dataset.contestant = contestant.id;
  const name = make('th', 'rowheader');
  name.scope = 'row';
  name.append(contestant.name);
  row.append(name);
  const measurement = run?.measurement;
  row.dataset.outcome = running ? 'running' : (measurement?.outcome ?? 'waiting');
  if (measurement?.outcome !== 'measured') {
    const cell = make('td', 'cell');
    cell.colSpan = COLUMNS.length + 1;
    cell.className = 'race-reason';
    cell.textContent = running
      ? 'running…'
      : !measurement
        ? 'not run yet'
        : measurement.outcome === 'wrong'
          ? `WRONG: ${measurement.faults.join('; ')}`
          : `${measurement.outcome}: ${measurement.reason}`;
    row.append(cell);
    return row;
  }
  name.append(element('small', whatRan(contestant.id, measurement)));
  const whole = make('td', 'cell');
  whole.dataset.title = 'Whole fit';
  whole.className = 'race-time';
  whole.append(element('strong', told(measurement.fit.median)), barOf(measurement, slowest));
  row.append(whole);
  for (const [title, text] of COLUMNS) {
    const cell = make('td', 'cell');
    cell.dataset.title = title;
    cell.textContent = text(measurement);
    row.append(cell);
  }
  return row;
}

/** As long as the fit by the slowest one, in its parts. For the eye: the numbers are beside it. */
function barOf({ fit, phases }: Measured, slowest: number): HTMLElement {
  const bar = element('span', '', 'race-bar');
  bar.ariaHidden = 'true';
  const parts = ['prepare', 'upload', 'compute', 'readBack'] as const;
  let rest = fit.median;
  const piece = (phase: string, milliseconds: number) => {
    const part = element('span');
    part.dataset.phase = phase;
    part.style.width = `${(100 * Math.max(0, milliseconds)) / slowest}%`;
    bar.append(part);
  };
  for (const phase of parts) {
    piece(phase, phases[phase] ?? 0);
    rest -= phases[phase] ?? 0;
  }
  piece('rest', rest);
  return bar;
}

/** With its role: on phones lines are drawn as cards, and browsers then forget that they are a table. */
function make<K extends 'tr' | 'th' | 'td'>(tag: K, role: string): HTMLElementTagNameMap[K] {
  const made = element(tag);
  made.setAttribute('role', role);
  return made;
}
