/** What every criterion sees, and what it votes for. */
import { blobs, chooseK, type Criterion, type KScore } from 'centroids';
import { BLUE, card, chart, curve, RED, sideOf } from './draw/draw.ts';

const SHOWN: readonly [Criterion, keyof KScore, string][] = [
  ['elbow', 'elbow', 'elbow: sharpest bend'],
  ['silhouette', 'silhouette', 'silhouette: highest'],
  ['gap', 'gap', 'gap: first as high as any'],
  ['fk', 'fk', 'f(K): lowest'],
  ['cross-validation', 'crossValidation', 'strength: last ≥ 0.8'],
  ['calinski-harabasz', 'calinskiHarabasz', 'Caliński–Harabasz: highest'],
  ['davies-bouldin', 'daviesBouldin', 'Davies–Bouldin: lowest'],
  ['bic', 'bic', 'BIC: highest'],
  ['stability', 'stability', 'stability: last of the best'],
];

export async function picture(): Promise<string> {
  const points = blobs(600, 5, { deviation: 0.07, seed: 6 });
  const { scores, votes } = await chooseK(points, { kMax: 8, seed: 1 });
  const panels = SHOWN.map(([criterion, name, title], at) => {
    const bottom = at >= 6;
    const values = scores.flatMap((score): [number, number][] => {
      const value = score[name];
      return value === undefined ? [] : [[score.k, value]];
    });
    const numbers = values.map(([, value]) => value);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const air = 0.12 * (high - low);
    const vote = votes[criterion];
    return chart({
      width: sideOf(3),
      height: bottom ? 156 : 140,
      x: [0.7, 8.3],
      y: [low - air, high + air],
      ticks: [8, 3],
      title: `${title} → ${vote}`,
      ...(bottom && { xTitle: 'k' }),
      body: (x, y) => {
        const chosen = values.find(([k]) => k === vote);
        return [
          curve(values, x, y, BLUE),
          ...(chosen
            ? [
                `<circle cx="${Math.round(x(chosen[0]))}" cy="${Math.round(y(chosen[1]))}" r="7" fill="none" stroke="${RED}" stroke-width="2"/>`,
              ]
            : []),
        ];
      },
    });
  });
  return card(
    'Nine criteria for k = 1 to 8, and the vote of each',
    panels.slice(0, 3),
    panels.slice(3, 6),
    panels.slice(6),
  );
}
