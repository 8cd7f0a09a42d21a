/**
 * What each criterion says of the fits, and what follows from all of them: numbers in, a verdict out.
 * The sources stand at each rule. Logarithms and powers are the JavaScript engine's, whose last bit may
 * differ from another's: these are scores for people, not results.
 */

export const CRITERIA = [
  'elbow',
  'silhouette',
  'gap',
  'fk',
  'cross-validation',
  'calinski-harabasz',
  'davies-bouldin',
  'bic',
  'stability',
] as const;

/** Who votes on the number of clusters. */
export type Criterion = (typeof CRITERIA)[number];

/** What was found for one k; a score that was not asked for, or has no value at this k, is missing. */
export interface KScore {
  k: number;
  inertia: number;
  /** How much sharper the inertia bends here than that of even noise would; above 1: sharper. */
  elbow?: number;
  /** Mean silhouette, and where it lies with 95 % confidence if only some rows were looked at. */
  silhouette?: number;
  silhouetteLow?: number;
  silhouetteHigh?: number;
  /** Gap statistic and its s_k. */
  gap?: number;
  gapError?: number;
  /** f(K): below 0.85 where K clusters are more than chance. */
  fk?: number;
  /** Prediction strength in two-fold cross-validation, 0 to 1, and its standard error. */
  crossValidation?: number;
  crossValidationError?: number;
  calinskiHarabasz?: number;
  daviesBouldin?: number;
  /** Of Gaussians of one round shape; higher is better. */
  bic?: number;
  /** Mean adjusted Rand index of clusterings learned from different rows. */
  stability?: number;
}

/** What a criterion votes for; null: it abstains. */
export type Votes = Partial<Record<Criterion, number | null>>;

export interface Verdict {
  k: number;
  clear: boolean;
  explanation: string;
}

/** f(K) below this speaks for clusters (Pham et al., section 3.2). */
const FK_LIMIT = 0.85;
/** "Well separated" in Tibshirani and Walther. */
const STRENGTH_LIMIT = 0.8;
/** A mean silhouette that is no more shows "no substantial structure" (Kaufman and Rousseeuw 1990). */
const SILHOUETTE_LIMIT = 0.25;
/** A bend that is not three times as sharp as that of noise is no elbow: 144 boards of noise came to 2.1. */
const ELBOW_LIMIT = 3;
/**
 * Gaps that differ by fewer s_k may be the same: the largest of many was looked for, and the points are
 * random as the references are. 144 boards of noise came to 5.9, blobs that lie apart to 50 and more.
 */
const GAP_ERRORS = 6;
/** Clusterings that agree less are not stable; and that agree as well as others, to so much. */
const STABLE = 0.8;
const AS_STABLE = 0.02;
/** So many of those who vote have to agree. */
const MAJORITY = 2 / 3;

/** Criteria that can say that one cluster is all there is. */
const CAN_SAY_ONE: readonly Criterion[] = ['gap', 'fk', 'cross-validation', 'bic'];

/** Votes for kMin to kMax. */
export function vote(
  criteria: readonly Criterion[],
  scores: readonly KScore[],
  kMin: number,
  kMax: number,
): Votes {
  const own = scores.filter(({ k }) => k >= kMin && k <= kMax);
  const best = (of: (score: KScore) => number | undefined, allowed = (_: number) => true) => {
    let winner: number | null = null;
    let most = -Infinity;
    for (const score of own) {
      const value = of(score);
      if (value === undefined || !(value > most) || !allowed(value)) continue;
      most = value;
      winner = score.k;
    }
    return winner;
  };
  const rules: Record<Criterion, () => number | null> = {
    elbow: () =>
      best(
        ({ elbow }) => elbow,
        (value) => value >= ELBOW_LIMIT,
      ),
    silhouette: () =>
      best(
        ({ silhouette }) => silhouette,
        (value) => value > SILHOUETTE_LIMIT,
      ),
    gap: () => gapVote(own),
    fk: () =>
      best(
        ({ fk }) => fk && -fk,
        (value) => -value < FK_LIMIT,
      ) ?? (kMin === 1 ? 1 : null),
    'cross-validation': () =>
      own
        .filter(
          ({ crossValidation, crossValidationError }) =>
            crossValidation! + crossValidationError! >= STRENGTH_LIMIT,
        )
        .at(-1)?.k ?? null,
    'calinski-harabasz': () => best(({ calinskiHarabasz }) => calinskiHarabasz),
    'davies-bouldin': () => best(({ daviesBouldin }) => daviesBouldin && -daviesBouldin),
    bic: () => best(({ bic }) => bic),
    stability: () => {
      const most = Math.max(...own.map(({ stability = -1 }) => stability));
      if (most < STABLE) return null;
      return own.filter(({ stability = -1 }) => stability >= most - AS_STABLE).at(-1)!.k;
    },
  };
  return Object.fromEntries(criteria.map((criterion) => [criterion, rules[criterion]()]));
}

/**
 * The smallest k whose gap is as large as the largest, but for some s_k of that.
 * R. Tibshirani, G. Walther, T. Hastie, "Estimating the number of clusters in a data set via the gap
 * statistic", J. R. Statist. Soc. B 63, 2001; the rule is S. Dudoit's and J. Fridlyand's (Genome Biology
 * 3, 2002; `globalSEmax` of R's clusGap). The first paper's own, Gap(k) ≥ Gap(k + 1) − s_{k+1}, looks one
 * step ahead, and stops at 1 where clusters are many.
 */
function gapVote(scores: readonly KScore[]): number | null {
  let most: KScore | null = null;
  for (const score of scores) if (score.gap! > (most?.gap ?? -Infinity)) most = score;
  if (most === null) return null;
  const enough = most.gap! === Infinity ? Infinity : most.gap! - GAP_ERRORS * most.gapError!;
  return scores.find(({ gap }) => gap! >= enough)!.k;
}

/**
 * f(K) of every fit: its inertia by what is expected from that of K − 1 clusters in even noise.
 * D. T. Pham, S. S. Dimov, C. D. Nguyen, "Selection of K in K-means clustering", Proc. IMechE C 219, 2005.
 */
export function addFk(scores: readonly KScore[], columns: number): void {
  let alpha = 1 - 3 / (4 * columns);
  for (let k = 3; k < scores[0].k + 1; k++) alpha += (1 - alpha) / 6;
  scores.forEach((score, i) => {
    const { k } = score;
    if (k === 1) {
      score.fk = 1;
      return;
    }
    if (i === 0) return;
    if (k > 2) alpha += (1 - alpha) / 6;
    const before = scores[i - 1].inertia;
    score.fk = before === 0 ? 1 : score.inertia / (alpha * before);
  });
}

/**
 * The bend at every k: how much the k-th cluster took off, by what the next one takes off (at least
 * what splitting even noise would), over the same for even noise, whose inertia goes with k^(−2/columns).
 */
export function addElbow(scores: readonly KScore[], columns: number): void {
  const noise = (k: number) => k ** (-2 / columns);
  // a fit that is worse than one with fewer clusters tells of the search, not of the points
  const inertias = scores.map(({ inertia }) => inertia);
  for (let i = 1; i < inertias.length; i++) inertias[i] = Math.min(inertias[i], inertias[i - 1]);
  for (let i = 1; i + 1 < scores.length; i++) {
    const { k } = scores[i];
    const took = inertias[i - 1] - inertias[i];
    const ordinary = inertias[i] * (1 - noise(k + 1) / noise(k));
    const takes = Math.max(inertias[i] - inertias[i + 1], ordinary);
    const usual = (noise(k - 1) - noise(k)) / (noise(k) - noise(k + 1));
    scores[i].elbow = takes > 0 ? took / takes / usual : took > 0 ? Infinity : 0;
  }
}

/**
 * The Bayesian information criterion of k round Gaussians of one variance.
 * D. Pelleg, A. Moore, "X-means: Extending K-means with Efficient Estimation of the Number of Clusters",
 * ICML 2000, with the variance over all columns. Infinite where no row is off its centroid.
 */
export function bic(sizes: ArrayLike<number>, inertia: number, rows: number, columns: number) {
  const k = sizes.length;
  const variance = inertia / (columns * (rows - k));
  const parameters = k * (columns + 1);
  let mixing = 0;
  for (let j = 0; j < k; j++) if (sizes[j] > 0) mixing += sizes[j] * Math.log(sizes[j] / rows);
  const likelihood =
    mixing - (rows * columns * Math.log(2 * Math.PI * variance)) / 2 - (columns * (rows - k)) / 2;
  return likelihood - (parameters * Math.log(rows)) / 2;
}

/**
 * The k of most votes, the smaller of two. It is clear where two thirds of those who voted agree on
 * more than one cluster, none of those who can say that there is only one does, and there is an elbow.
 */
export function judgeVotes(votes: Votes, kMin: number): Verdict {
  const cast = Object.entries(votes).filter(
    (entry): entry is [Criterion, number] => entry[1] !== null,
  );
  const abstained = Object.keys(votes).filter((name) => votes[name as Criterion] === null);
  const forK = new Map<number, Criterion[]>();
  for (const [criterion, k] of cast) forK.set(k, [...(forK.get(k) ?? []), criterion]);
  const ranked = [...forK].sort(([a, x], [b, y]) => y.length - x.length || a - b);
  const account = [
    ...ranked.map(([k, names]) => `${k}: ${names.join(', ')}`),
    ...(abstained.length > 0 ? [`no vote: ${abstained.join(', ')}`] : []),
  ].join('; ');
  const judges = cast.filter(([criterion]) => CAN_SAY_ONE.includes(criterion));
  const one = judges.filter(([, k]) => k === 1);
  if (ranked.length === 0)
    return { k: kMin, clear: false, explanation: `No criterion found structure (${account}).` };
  if (one.length > 0 && 2 * one.length >= judges.length)
    return {
      k: 1,
      clear: false,
      explanation: `There may be no clusters at all: ${one.length} of the ${judges.length} criteria that can say so do (${account}).`,
    };
  const [k, names] = ranked[0];
  const said = `${names.length} of ${cast.length} votes are for ${k}`;
  if (k === 1)
    return {
      k,
      clear: false,
      explanation: `There may be no clusters at all: ${said} (${account}).`,
    };
  const doubts = [
    ...(one.length > 0 ? [`${one.map(([name]) => name).join(', ')} found no clusters`] : []),
    ...(votes.elbow === null ? ['the inertia bends no more than that of noise'] : []),
  ];
  if (doubts.length > 0)
    return {
      k,
      clear: false,
      explanation: `No clear k: ${said}, but ${doubts.join(' and ')} (${account}).`,
    };
  const clear =
    names.length >= MAJORITY * cast.length && 2 * cast.length > Object.keys(votes).length;
  return { k, clear, explanation: `${clear ? '' : 'No clear k: '}${said} (${account}).` };
}
