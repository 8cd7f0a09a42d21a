/** What we set out to reach with images, and whether it was reached. */
import { mean, median } from 'simple-statistics';
import { K_MEANS, OKLAB, PNGQUANT, SRGB } from './contenders.ts';
import type { LargeRun } from './large.ts';
import type { Row } from './results.ts';

/** For 24 megapixels in a tab: wall time, and memory by the image's bytes. */
const LARGE_SECONDS = 3;
const LARGE_MEMORY = 6;

export interface Cell {
  photo: string;
  colors: number;
  ours: number;
  theirs: number;
  reached: boolean;
}

export interface Outcome {
  /** What was to be shown, in words. */
  goal: string;
  cells: Cell[];
  verdict: 'reached' | 'missed' | 'not measured';
}

type Right = Extract<Row['result'], { outcome: 'right' }>;

interface Goal {
  goal: string;
  ours: string;
  theirs: string;
  value: (result: Right, side: 'ours' | 'theirs') => number | undefined;
  reached: (ours: number, theirs: number) => boolean;
}

const atLeast = (a: number, b: number) => a >= b;
const below = (a: number, b: number) => a < b;
const psnrs = ({ qualities }: Right) => qualities.map(({ psnr }) => psnr);

const GOALS: readonly Goal[] = [
  {
    goal: "PSNR with space 'srgb', mean of the seeds, at least that of scikit-learn's k-means (mean of as many)",
    ...{ ours: SRGB, theirs: K_MEANS, reached: atLeast },
    value: (result) => mean(psnrs(result)),
  },
  {
    goal: "… and, beyond what was asked, the worst of our seeds at least scikit-learn's best",
    ...{ ours: SRGB, theirs: K_MEANS, reached: atLeast },
    value: (result, side) => (side === 'ours' ? Math.min : Math.max)(...psnrs(result)),
  },
  ...[SRGB, OKLAB].flatMap((ours): Goal[] => [
    {
      goal: `ms of ${ours}, PNG file to PNG file, below pngquant's`,
      ...{ ours, theirs: PNGQUANT, reached: below },
      value: (result) => result.file?.median,
    },
    {
      goal: `ms of ${ours}, RGBA to palette and indices, below pngquant's from file to file`,
      ...{ ours, theirs: PNGQUANT, reached: below },
      value: (result, side) => (side === 'ours' ? result.memory : result.file)?.median,
    },
  ]),
  {
    goal: "mean ΔE2000 with space 'oklab', mean of the seeds, below that with 'srgb'",
    ...{ ours: OKLAB, theirs: SRGB, reached: below },
    value: ({ qualities }) => mean(qualities.map(({ meanDeltaE }) => meanDeltaE)),
  },
];

/** Missed as soon as one photograph misses it; reached where all of those in `rows` do. */
export function outcomes(rows: readonly Row[], large: LargeRun | null): Outcome[] {
  return [...GOALS.map((goal) => judged(goal, rows)), ...(large === null ? [] : ofLarge(large))];
}

function judged({ goal, ours, theirs, value, reached }: Goal, rows: readonly Row[]): Outcome {
  const own = rows.filter(({ who }) => who === ours);
  const cells = own.flatMap((row): Cell[] => {
    const { photo, colors } = row;
    const other = rows.find(
      (one) => one.who === theirs && one.photo === photo && one.colors === colors,
    );
    if (row.result.outcome !== 'right' || other?.result.outcome !== 'right') return [];
    const pair = [value(row.result, 'ours'), value(other.result, 'theirs')];
    const [mine, their] = pair;
    if (mine === undefined || their === undefined) return [];
    return [{ photo, colors, ours: mine, theirs: their, reached: reached(mine, their) }];
  });
  const missed = cells.some((cell) => !cell.reached);
  const complete = own.length > 0 && cells.length === own.length;
  return { goal, cells, verdict: missed ? 'missed' : complete ? 'reached' : 'not measured' };
}

function ofLarge({ photo, colors, fits, imageBytes }: LargeRun): Outcome[] {
  const [cold, ...warm] = fits.map(({ milliseconds }) => milliseconds / 1000);
  const peaks = fits.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
  const outcome = (goal: string, ours: number[], most: number): Outcome => {
    const cells = ours.map((value) => ({
      ...{ photo, colors, ours: value, theirs: most, reached: value < most },
    }));
    const missed = cells.some(({ reached }) => !reached);
    return {
      goal,
      cells,
      verdict: missed ? 'missed' : cells.length > 0 ? 'reached' : 'not measured',
    };
  };
  return [
    outcome(
      '24 megapixels in a tab without a GPU, seconds: the first run, and the median of the others',
      [cold, ...(warm.length > 0 ? [median(warm)] : [])],
      LARGE_SECONDS,
    ),
    outcome(
      "… most memory of the tab above what it had without an image, by the image's bytes (itself included), of all runs",
      peaks.length > 0 ? [Math.max(...peaks) / imageBytes] : [],
      LARGE_MEMORY,
    ),
  ];
}
