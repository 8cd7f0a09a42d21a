/**
 * How near the second-best centroid may come to the best, in float32 and direct form Σ(y − c)², before
 * integers have to decide. A row is settled where
 *
 *   second − best > relative · (best + second) + root · √(best + second) + absolute
 *
 * With e = 2^−23 an operation, in whichever direction it rounds, a distance errs by (d + 3)·e of
 * itself, all its terms being positive. The label grid, of step u = 2^−29, moves it by at most
 * 2u·√d·√distance + d·u²; and √best + √second ≤ √2·√(best + second). Each part is a little above
 * that, since the bound itself is computed in float32.
 */
export interface NearTieBound {
  readonly relative: number;
  readonly root: number;
  readonly absolute: number;
}

export function nearTieBound(columns: number): NearTieBound {
  const step = 2 ** -29;
  return {
    relative: (columns + 8) * 2 ** -23 * 1.001,
    root: 2 * step * Math.sqrt(2 * columns) * 1.01,
    absolute: 4 * columns * step * step,
  };
}

/**
 * The same of Σ|y − c|: each term goes through d roundings at most, and the label grid moves it by u.
 * Nothing is a square here, so there is no root.
 */
export function manhattanBound(columns: number): NearTieBound {
  return {
    relative: (columns + 8) * 2 ** -23 * 1.001,
    root: 0,
    absolute: 2 * columns * 2 ** -29 * 1.01,
  };
}
