/** Palettes as RGBA bytes: without doubles, and in an order that people can read. */
import { toSpace } from './spaces.ts';

/** Colours as numbers: equal where they are the same. Fully transparent ones all are. */
export function keysOf(rgba: Uint8Array): Uint32Array {
  const keys = new Uint32Array(rgba.length / 4);
  for (let i = 0, at = 0; i < keys.length; i++, at += 4)
    if (rgba[at + 3] > 0)
      keys[i] = (rgba[at] << 24) | (rgba[at + 1] << 16) | (rgba[at + 2] << 8) | rgba[at + 3];
  return keys;
}

/** The colours without those that came before. */
export function distinct(rgba: Uint8Array): Uint8Array {
  const keys = keysOf(rgba);
  const seen = new Set<number>();
  const kept: number[] = [];
  keys.forEach((key, i) => {
    if (seen.has(key)) return;
    seen.add(key);
    kept.push(i);
  });
  return pick(rgba, kept);
}

/** Some colours, in the order asked for. */
export function pick(rgba: Uint8Array, places: ArrayLike<number>): Uint8Array {
  const picked = new Uint8Array(4 * places.length);
  for (let i = 0; i < places.length; i++)
    picked.set(rgba.subarray(4 * places[i], 4 * places[i] + 4), 4 * i);
  return picked;
}

/** Chroma in coordinates of OKLab below which a colour has no hue to speak of. */
const GREY = 0.03;

/**
 * The places of entries in order, the first `held` where they are. By hue: greys from dark to light, then
 * around the circle from red; ties and equals by lightness, then by bytes.
 */
export function order(
  rgba: Uint8Array,
  counts: ArrayLike<number>,
  held: number,
  sort: 'use' | 'hue' | 'lightness',
): number[] {
  const keys = keysOf(rgba);
  const { data, columns } = toSpace(rgba, 'oklab', false);
  const hueOf = (i: number) => {
    const a = data[i * columns + 1];
    const b = data[i * columns + 2];
    if (Math.hypot(a, b) < GREY) return -1;
    const turn = Math.atan2(b, a) / (2 * Math.PI);
    return turn < 0 ? turn + 1 : turn;
  };
  const first = Array.from(keys, (_, i) =>
    sort === 'use' ? -counts[i] : sort === 'hue' ? hueOf(i) : data[i * columns],
  );
  const places = Array.from(keys.keys());
  const free = places
    .slice(held)
    .sort(
      (i, j) => first[i] - first[j] || data[i * columns] - data[j * columns] || keys[i] - keys[j],
    );
  return [...places.slice(0, held), ...free];
}
