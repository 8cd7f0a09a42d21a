/** What this machine says of itself, and the card that shows it. */
import type { EngineInfo } from '../../src/index.ts';
import { element } from '../dom.ts';
import { duration, plural } from '../format.ts';
import { TICK } from './clock.ts';
import { whatRan } from './contestants.ts';
import type { RaceMachine } from './messages.ts';

export interface MachineCard {
  readonly machine: RaceMachine;
  /** Engines were looked for; `why` there is no answer. */
  take(engines: readonly EngineInfo[], why?: string): void;
  /** There are no workers. */
  onPage(): void;
}

export function machineCard(list: HTMLElement): MachineCard {
  const machine: RaceMachine = {
    browser: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    memory: (navigator as { deviceMemory?: number }).deviceMemory ?? null,
    isolated: crossOriginIsolated,
    tick: TICK,
    workers: true,
    adapter: 'not looked for yet',
  };
  const draw = () => {
    const { browser, cores, memory, isolated, workers, adapter } = machine;
    const facts: [string, string][] = [
      ['Processor', plural(cores, 'thread')],
      ['Memory', memory === null ? 'not told' : `${memory} GiB or more`],
      ['WebGPU', adapter],
      ['Memory shared by threads', isolated ? 'yes' : 'no: the page is not isolated'],
      ['Workers', workers ? 'one for each contestant' : 'blocked: all run on the page'],
      ['Resolution of the clock', duration(TICK / 1000)],
      ['Browser', browser],
    ];
    list.replaceChildren(
      ...facts.map(([name, text]) => {
        const group = element('div');
        group.append(element('dt', name), element('dd', text));
        return group;
      }),
    );
  };
  draw();
  return {
    machine,
    take(engines, why = 'nobody answered') {
      const gpu = engines.find(({ name }) => name === 'webgpu');
      if (!gpu) machine.adapter = `not known: ${why}`;
      else if (!gpu.available) machine.adapter = `none: ${gpu.reason}`;
      else machine.adapter = whatRan('webgpu', gpu);
      draw();
    },
    onPage() {
      machine.workers = false;
      draw();
    },
  };
}
