/** What the Race tab and its workers say to each other, and what a race leaves behind. */
import type { Case } from '../../bench/cases.ts';
import type { Spread } from '../../bench/measure.ts';
import type { EngineInfo } from '../../src/index.ts';

/** The same for every contestant of a race. */
export interface RaceOptions {
  seed: number;
  /** Most iterations of a fit; unchanged labels end it before, and nothing else. */
  iterations: number;
  warmUps: number;
  /** Timed fits; fewer where time runs out. */
  repeats: number;
  /** Of the fits of one contestant at one size; no fit that is estimated to take longer is begun. */
  maxSeconds: number;
}

/** Medians in milliseconds; null where a contestant cannot tell. */
export interface RacePhases {
  /** The first fit, with opening, less a warm one: compilation, and starting threads. Null where noise hides it. */
  compile: number | null;
  /** Laying points on the grid. */
  prepare: number | null;
  /** Points and centroids to where they are worked on. Of a source: its first pass. */
  upload: number | null;
  /** Of a source with bringing its pages, in every iteration. */
  compute: number;
  readBack: number | null;
}

export type RaceMeasurement =
  | {
      outcome: 'measured';
      /** For people: adapter, driver, number of threads. */
      description: string;
      /** Whether that is a GPU, and not a processor posing as one. */
      hardware: boolean;
      /** Of engines: the same for all of them. */
      hash: string | null;
      iterations: number;
      repeats: number;
      /** A whole fit on what is open already, ms. */
      fit: Spread;
      /** The first one, with opening. */
      firstFit: number;
      phases: RacePhases;
      /** How the answer was checked, in words. */
      verified: string;
    }
  | { outcome: 'wrong'; faults: string[] }
  | { outcome: 'unavailable' | 'unsupported' | 'too long' | 'failed'; reason: string };

export interface RaceRun {
  /** Of the contestant. */
  id: string;
  rows: number;
  measurement: RaceMeasurement;
}

/** What this machine says of itself. */
export interface RaceMachine {
  browser: string;
  cores: number;
  /** GiB, as browsers round it; null where they do not say. */
  memory: number | null;
  /** Whether threads may share memory on this page. */
  isolated: boolean;
  /** Of the page's clock, ms: what is shorter reads as 0. */
  tick: number;
  /** Whether each contestant has a worker of its own; where they are blocked, all run on the page. */
  workers: boolean;
  /** WebGPU's adapter, and what it is; or why there is none. */
  adapter: string;
}

/** The JSON that is copied, saved, and written by `npm run bench:browser`. */
export interface RaceReport {
  format: 1;
  date: string;
  machine: RaceMachine;
  case: Pick<Case, 'name' | 'columns' | 'k'>;
  options: RaceOptions;
  runs: RaceRun[];
}

export type ToRaceWorker =
  /** Which engines there are. */
  | { type: 'look' }
  | { type: 'measure'; id: string; case: Case; options: RaceOptions }
  /** Ends the measurement, for those that cannot be ended otherwise: it still answers. */
  | { type: 'stop' };

export type FromRaceWorker =
  { type: 'engines'; engines: EngineInfo[] } | { type: 'measured'; measurement: RaceMeasurement };
