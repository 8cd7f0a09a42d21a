/** What engines there are here: one line for people, and the choices of both engine lists. */
import type { EngineInfo } from '../src/index.ts';
import { byId } from './dom.ts';

const NAMES: Record<string, string> = {
  auto: 'Auto: the best here',
  webgpu: 'WebGPU',
  webgl: 'WebGL 2',
  wasm: 'WebAssembly',
  reference: 'Reference: plain TypeScript',
};

const ORDER = Object.keys(NAMES);

let known: EngineInfo[] = [];
let announce = () => {};
const announced = new Promise<void>((resolve) => {
  announce = resolve;
});

/** How an engine describes itself on this machine, once that is known. */
export async function describe(engine: string): Promise<string> {
  await announced;
  return known.find(({ name }) => name === engine)?.description ?? '';
}

/** Fills the engine lists; until the engines are known, with the choice that is made. */
export function listEngines(chosen: string, onChoose: (engine: string) => void): void {
  for (const list of document.querySelectorAll<HTMLSelectElement>('select[data-engines]')) {
    fill(list, chosen);
    list.addEventListener('change', () => {
      chooseEngine(list.value);
      onChoose(list.value);
    });
  }
}

/** Both lists show the same choice. */
function chooseEngine(engine: string): void {
  for (const list of document.querySelectorAll<HTMLSelectElement>('select[data-engines]'))
    list.value = engine;
}

/** The workers have looked. Whichever answers first is believed: both look at the same machine. */
export function setEngines(found: EngineInfo[]): void {
  const news = found.filter(({ name }) => known.every((engine) => engine.name !== name));
  if (news.length === 0) return;
  known = ORDER.flatMap((of) => [...known, ...news].filter(({ name }) => name === of));
  announce();
  for (const list of document.querySelectorAll<HTMLSelectElement>('select[data-engines]'))
    fill(list, list.value);
  const missing = known.filter(({ available }) => !available);
  for (const place of document.querySelectorAll<HTMLElement>('[data-engine-reasons]')) {
    place.hidden = missing.length === 0;
    place.querySelector('ul')?.replaceChildren(
      ...missing.map(({ name, reason }) => {
        const item = document.createElement('li');
        item.textContent = `${NAMES[name] ?? name}: ${reason.replace(/\.$/, '')}.`;
        return item;
      }),
    );
  }
  const gpu = known.find(({ hardware }) => hardware);
  const machine = byId('machine', HTMLElement);
  machine.classList.toggle('with-gpu', gpu !== undefined);
  machine.classList.toggle('without-gpu', gpu === undefined);
  machine.textContent = gpu
    ? `Graphics card: ${gpu.description}, by ${NAMES[gpu.name]}.`
    : 'No graphics card to use here, so this runs on the processor. The result is the same, to the bit.';
}

function fill(list: HTMLSelectElement, chosen: string): void {
  const names = new Set(['auto', ...known.map(({ name }) => name as string), chosen]);
  const options = [...names].map((name) => {
    const info = known.find((engine) => engine.name === name);
    const option = document.createElement('option');
    option.value = name;
    option.textContent = NAMES[name] ?? name;
    // The one that was asked for by name stays choosable: the page shows what the library says.
    option.disabled = info?.available === false && name !== chosen;
    if (info && !info.available) {
      option.textContent += ' (not here)';
      option.title = info.reason;
    } else if (info && name.startsWith('webg') && !info.hardware)
      option.textContent += ' (on the processor)';
    return option;
  });
  list.replaceChildren(...options);
  list.value = chosen;
}
