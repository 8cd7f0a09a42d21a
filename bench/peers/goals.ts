/** What we set out to reach against whom, and whether it was reached. */

export type PeerName = 'scikit-learn' | 'ml-kmeans' | 'skmeans';

export interface Goal {
  peer: PeerName;
  /** Workloads; each of their data counts as a case. */
  cases: readonly string[];
  /** Times as fast as the peer: the geometric mean over the cases, and every one of them. */
  mean?: number;
  each?: number;
}

/** Workloads that JavaScript libraries are measured on. */
export const JS_CASES: readonly string[] = ['C1', 'C2', 'C3', 'C4'];

export const GOALS: readonly Goal[] = [
  { peer: 'scikit-learn', cases: ['C1', 'C2', 'C3', 'C7'], mean: 20, each: 10 },
  { peer: 'scikit-learn', cases: ['C4'], each: 3 },
  { peer: 'scikit-learn', cases: ['C5', 'C6', 'C8'], each: 1 },
  { peer: 'scikit-learn', cases: ['T1', 'T2'], each: 1 },
  { peer: 'ml-kmeans', cases: JS_CASES, mean: 30 },
  { peer: 'skmeans', cases: JS_CASES, mean: 30 },
];

/** How many times as fast we were than a peer on a case. */
export interface Ratio {
  /** The workload's id. */
  id: string;
  peer: PeerName;
  times: number;
}

export interface Outcome {
  goal: Goal;
  /** Of the cases that were measured; NaN where none was. */
  mean: number;
  least: number;
  /** Cases with a ratio. */
  measured: number;
  /** Workloads without one. */
  missing: string[];
  verdict: 'reached' | 'missed' | 'not measured';
}

/**
 * A goal is missed as soon as what was measured misses it, and reached only where every one of its
 * workloads was measured.
 */
export function outcomes(ratios: readonly Ratio[], goals: readonly Goal[] = GOALS): Outcome[] {
  return goals.map((goal) => {
    const own = ratios.filter(({ id, peer }) => peer === goal.peer && goal.cases.includes(id));
    const missing = goal.cases.filter((id) => !own.some((ratio) => ratio.id === id));
    const times = own.map((ratio) => ratio.times);
    const mean = geometricMean(times);
    const least = Math.min(...times);
    const fails =
      (goal.each !== undefined && least < goal.each) ||
      (goal.mean !== undefined && missing.length === 0 && mean < goal.mean * (1 - 1e-12));
    const verdict =
      own.length > 0 && fails ? 'missed' : missing.length > 0 ? 'not measured' : 'reached';
    return { goal, mean, least, measured: own.length, missing, verdict };
  });
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
