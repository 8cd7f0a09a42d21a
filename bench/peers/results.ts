/** What a comparison leaves behind: the JSON file's shape. */
import type { BrowserRun } from '../browser/measure.ts';
import type { Case } from '../cases.ts';
import type { Machine } from '../report.ts';
import type { Answer } from './exchange.ts';
import type { Outcome, PeerName } from './goals.ts';
import type { Verdict } from './judge.ts';

export interface Row {
  /** As it was run. */
  case: Case;
  /** Of the workload's rows: 1, or the part that a slow library ends in time. */
  share: number;
  who: 'centroids' | PeerName;
  threads: number;
  /** What was asked of us; others have one. */
  algorithm: 'auto' | 'lloyd' | 'filtered' | null;
  result:
    | {
        outcome: 'right';
        answer: Answer;
        /** Against ours; null where it is ours (then the hash was compared). */
        verdict: Verdict | null;
        /** Their median by ours (algorithm auto, all threads) on the same points. */
        times: number;
      }
    /** No times: they are of another clustering. */
    | { outcome: 'wrong'; faults: string[] }
    | { outcome: 'failed'; reason: string };
}

export interface PeersReport {
  format: 1;
  kind: 'peers';
  date: string;
  commit: string;
  machine: Machine;
  /** False where others used the machine: then the times are provisional. */
  quiet: boolean;
  /** Everybody's versions. */
  versions: Record<string, string>;
  options: {
    iterations: number;
    repeats: number;
    seed: number;
    scale: number;
    maxSeconds: number;
    threads: number;
    /** Flags of V8 that our processes had. */
    flags: string[];
  };
  rows: Row[];
  /** None where the cases are scaled. */
  goals: Outcome[];
  /** A large case in a tab; null where it was not asked for or there is no browser. */
  browser: BrowserRun | null;
  /** What could not be had, in words. */
  missing: string[];
}
