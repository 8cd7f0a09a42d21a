/** What this machine says of itself, and the card that shows it. */
import type { EngineInfo } from '../../src/index.ts';
import { duration, plural } from '../format.ts';
import { TICK } from './clock.ts';
import type { RaceMachine } from './messages.ts';

export interface MachineCard {
  readonly machine: RaceMachine;
  /** Engines were looked for. */
  take(engines: readonly EngineInfo[]): void;
}

export function machineCard(list: HTMLElement): MachineCard {
  const machine: RaceMachine = {
    browser: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    memory: (navigator as { deviceMemory?: number }).deviceMemory ?? null,
    isolated: crossOriginIsolated,
    tick: TICK,
    adapter: 'not looked for yet',
  };
  const draw = () => {
    const { browser, cores, memory, isolated, adapter } = machine;
    const facts: [string, string][] = [
      ['Processor', plural(cores, 'thread')],
      ['Memory', memory === null ? 'not told' : `${memory} GiB or more`],
      ['WebGPU', adapter],
      ['Memory shared by threads', isolated ? 'yes' : 'no: the page is not isolated'],
      ['Tick of the clock', duration(TICK / 1000)],
      ['Browser', browser],
    ];
    list.replaceChildren(
      ...facts.map(([name, text]) => {
        const [group, term, value] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
        term.textContent = name;
        value.textContent = text;
        group.append(term, value);
        return group;
      }),
    );
  };
  draw();
  return {
    machine,
    take(engines) {
      const gpu = engines.find(({ name }) => name === 'webgpu');
      if (!gpu) return;
      machine.adapter = gpu.available
        ? `${gpu.hardware ? 'GPU' : 'software, no GPU'}: ${gpu.description}`
        : `none: ${gpu.reason}`;
      draw();
    },
  };
}
