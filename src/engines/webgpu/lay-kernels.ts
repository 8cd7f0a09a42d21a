/** The kernels that lay points where they are, apart from those of a run: few calls need them. */
import lay from '../../../shaders/lay.wgsl?raw';
import pick from '../../../shaders/pick.wgsl?raw';
import range from '../../../shaders/range.wgsl?raw';
import double from '../../../shaders/shared/double.wgsl?raw';
import laying from '../../../shaders/shared/laying.wgsl?raw';
import steps from '../../../shaders/steps.wgsl?raw';
import type { Kernel } from './kernels.ts';
import { SHARED } from './texts/shared.ts';

const { grid, integers } = SHARED;

export interface LayKernel extends Kernel {
  /** Its own first. */
  readonly files: readonly string[];
}

export const LAY_KERNELS = {
  range: {
    files: [range, laying],
    bindings: { points: 'read', laying: 'uniform', found: 'write' },
    overrides: [],
  },
  steps: {
    files: [steps, laying, double, integers],
    bindings: {
      points: 'read',
      weights: 'read',
      laying: 'uniform',
      columnFacts: 'read',
      found: 'write',
    },
    overrides: ['WEIGHTED'],
  },
  lay: {
    files: [lay, laying, double, integers, grid],
    bindings: {
      points: 'read',
      weights: 'read',
      laying: 'uniform',
      columnFacts: 'read',
      found: 'write',
      laid: 'write',
    },
    overrides: ['WEIGHTED'],
  },
  pick: {
    files: [pick, laying],
    bindings: { points: 'read', rowOf: 'read', laying: 'uniform', laid: 'write' },
    overrides: [],
  },
} as const satisfies Record<string, LayKernel>;

export type LayKernelName = keyof typeof LAY_KERNELS;

/** Threads of a workgroup. */
export const LAY_WORKGROUP = 64;
/** Words of Laying (shaders/shared/laying.wgsl). */
export const LAYING_WORDS = 7;

export function layConstants(weighted: boolean): Record<LayKernelName, Record<string, number>> {
  const WORKGROUP = LAY_WORKGROUP;
  const WEIGHTED = weighted ? 1 : 0;
  return {
    range: { WORKGROUP },
    steps: { WORKGROUP, WEIGHTED },
    lay: { WORKGROUP, WEIGHTED },
    pick: { WORKGROUP },
  };
}
