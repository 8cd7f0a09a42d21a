/**
 * Which sizes the proposals can have, and what of that a caller may ask for. Which of them is fastest differs
 * from GPU to GPU and nobody knows it before it is measured (tune.ts); labels do not depend on it.
 */
import type { KernelSizes } from '../../engine.ts';
import { refuse, refuseUnknown } from '../../errors.ts';
import type { Proposal } from './parameters.ts';
import type { Tuning } from './plan.ts';

/** The sizes of one kernel. */
export interface Sizes {
  workgroup?: number;
  depth?: number;
}

const ALLOWED: Record<Proposal, Partial<Record<keyof Sizes, readonly number[]>>> = {
  assign: { workgroup: [32, 64, 128, 256] },
  narrow: { workgroup: [32, 64, 128, 256] },
  compare: { workgroup: [32, 64, 128, 256], depth: [8, 16] },
};
export const PROPOSALS = Object.keys(ALLOWED) as Proposal[];

/** What is tried, beside the default. */
export const CANDIDATES: Record<Proposal, readonly Sizes[]> = {
  assign: [{ workgroup: 64 }, { workgroup: 128 }, { workgroup: 256 }],
  narrow: [{ workgroup: 64 }, { workgroup: 128 }, { workgroup: 256 }],
  compare: [
    { workgroup: 256, depth: 16 },
    { workgroup: 256, depth: 8 },
    { workgroup: 128, depth: 16 },
    { workgroup: 64, depth: 16 },
  ],
};

/** A kernel's sizes as those of a plan. */
export function asTuning(kernel: Proposal, sizes: Sizes | undefined): Partial<Tuning> {
  const { workgroup, depth } = sizes ?? {};
  const own = kernel === 'compare' ? 'wideWorkgroup' : 'proposalWorkgroup';
  return {
    ...(workgroup !== undefined && { [own]: workgroup }),
    ...(depth !== undefined && { wideDepth: depth }),
  };
}

/** @throws InvalidInputError */
export function judgeTuning(given: unknown): void {
  if (given === 'auto' || given === 'always' || given === 'off') return;
  if (typeof given !== 'object' || given === null)
    refuse('tuning', given, "'auto', 'always', 'off' or sizes by kernel", 'Choose one of them.');
  judgeSizes(given);
}

/** @throws InvalidInputError */
export function judgeSizes(given: object): asserts given is KernelSizes {
  refuseUnknown(given, PROPOSALS, 'tuning');
  for (const [kernel, sizes] of Object.entries(given) as [Proposal, unknown][]) {
    const name = `tuning.${kernel}`;
    if (typeof sizes !== 'object' || sizes === null)
      refuse(name, sizes, 'an object, like { workgroup: 128 }', 'Leave it out for the default.');
    refuseUnknown(sizes, Object.keys(ALLOWED[kernel]), name);
    for (const [size, value] of Object.entries(sizes) as [keyof Sizes, unknown][]) {
      const allowed = ALLOWED[kernel][size]!;
      if (!allowed.includes(value as number))
        refuse(`${name}.${size}`, value, allowed.join(', '), 'Choose one of them.');
    }
  }
}
