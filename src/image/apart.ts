/**
 * Entries that are at least so far apart that an eye tells them from each other: the two nearest become
 * one, their mean by weight, until no two are nearer than CIEDE2000 allows. Locked ones stay what they
 * are.
 */
import { deltaE2000, labOf } from './quality/delta-e.ts';
import { pick } from './palette.ts';
import { fromSpace, toSpace, type ColorSpace } from './spaces.ts';

type Pause = () => Promise<void> | undefined;
type Lab = readonly [number, number, number];

/** CIEDE2000 ≥ |ΔL| / S_L, and S_L < 1.75: what differs by more in lightness need not be compared. */
const LIGHTNESS = 1.75;

/**
 * @param held so many entries at the front stay
 * @param weights what each entry stands for
 * @param least CIEDE2000; where alpha is in play, over black or over white, whichever tells more
 */
export async function apart(
  entries: Uint8Array,
  held: number,
  weights: ArrayLike<number>,
  least: number,
  space: ColorSpace,
  pause: Pause,
): Promise<Uint8Array> {
  const rgba = entries.slice();
  const weight = Float64Array.from(weights);
  const seen = Array.from(weight, (_, i) => lookOf(rgba, i));
  const size = weight.length;
  const alive = new Uint8Array(size).fill(1);
  /** Of each entry the nearest that is nearer than allowed and may become one with it; itself: none. */
  const partner = new Uint32Array(size);
  const distance = new Float64Array(size);
  const look = (i: number) => {
    partner[i] = i;
    distance[i] = least;
    for (let j = 0; j < size; j++) {
      if (j === i || alive[j] === 0 || (i < held && j < held)) continue;
      if (Math.abs(seen[i][0][0] - seen[j][0][0]) > LIGHTNESS * least && seen[i].length === 1)
        continue;
      const between = difference(seen[i], seen[j]);
      if (between >= distance[i]) continue;
      distance[i] = between;
      partner[i] = j;
    }
  };
  for (let i = 0; i < size; i++) {
    look(i);
    await pause();
  }
  for (;;) {
    let nearest = -1;
    for (let i = 0; i < size; i++)
      if (alive[i] === 1 && partner[i] !== i && (nearest < 0 || distance[i] < distance[nearest]))
        nearest = i;
    if (nearest < 0) break;
    const stays = Math.min(nearest, partner[nearest]); // locked ones come first
    const goes = Math.max(nearest, partner[nearest]);
    alive[goes] = 0;
    if (stays >= held) rgba.set(meanOf(rgba, weight, stays, goes, space), 4 * stays);
    weight[stays] += weight[goes];
    seen[stays] = lookOf(rgba, stays);
    for (let i = 0; i < size; i++) {
      if (alive[i] === 0) continue;
      if (i === stays || partner[i] === stays || partner[i] === goes) look(i);
      else if (i >= held || stays >= held) {
        const between = difference(seen[i], seen[stays]);
        if (between < distance[i]) {
          distance[i] = between;
          partner[i] = stays;
        }
      }
    }
    await pause();
  }
  return pick(
    rgba,
    [...alive.keys()].filter((i) => alive[i] === 1),
  );
}

/** The least CIEDE2000 between two entries that are not both held; Infinity where there are none. */
export function leastDifference(entries: Uint8Array, held: number): number {
  const size = entries.length / 4;
  const seen = Array.from({ length: size }, (_, i) => lookOf(entries, i));
  let least = Infinity;
  for (let i = held; i < size; i++)
    for (let j = 0; j < i; j++) least = Math.min(least, difference(seen[i], seen[j]));
  return least;
}

/** A colour in CIELAB: as it is where it is opaque, otherwise over black and over white. */
function lookOf(rgba: Uint8Array, i: number): readonly Lab[] {
  const [r, g, b, alpha] = rgba.subarray(4 * i, 4 * i + 4);
  if (alpha === 255) return [labOf(r, g, b)];
  return [0, 255].map((background) => {
    const over = (v: number) => Math.round((v * alpha + background * (255 - alpha)) / 255);
    return labOf(over(r), over(g), over(b));
  });
}

function difference(a: readonly Lab[], b: readonly Lab[]): number {
  const most = Math.max(a.length, b.length);
  let largest = 0;
  for (let t = 0; t < most; t++)
    largest = Math.max(largest, deltaE2000(a[t] ?? a[0], b[t] ?? b[0]));
  return largest;
}

function meanOf(
  rgba: Uint8Array,
  weight: Float64Array,
  i: number,
  j: number,
  space: ColorSpace,
): Uint8Array {
  const { data, columns } = toSpace(pick(rgba, [i, j]), space, true);
  const total = weight[i] + weight[j];
  const share = total > 0 ? weight[i] / total : 0.5;
  const mean = new Float32Array(columns);
  for (let t = 0; t < columns; t++) mean[t] = share * data[t] + (1 - share) * data[columns + t];
  return fromSpace({ data: mean, columns }, space);
}
