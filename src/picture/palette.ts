/**
 * Colours of clusters, for every kind of colour sight.
 *
 * The table was chosen by farthest-point sampling in OKLab, where the distance of two colours is the
 * least of four: as seen normally and under simulated protanopia, deuteranopia and tritanopia
 * (Machado, Oliveira and Fernandes, 2009). Twenty-four is as many as stay apart; beyond that colours
 * come again, but as on a map: far from each other.
 */
import { Delaunay } from 'd3-delaunay';

const TABLE = [
  '#337cda',
  '#dbcb02',
  '#b4410d',
  '#47dcfd',
  '#d98883',
  '#864c79',
  '#34acf2',
  '#afd49d',
  '#fc740e',
  '#b06d95',
  '#6c4dab',
  '#c86553',
  '#bf8fbd',
  '#9a444c',
  '#e6a8cb',
  '#c7b467',
  '#8b5fa5',
  '#4bc2f8',
  '#a45a72',
  '#7ea93c',
  '#2694eb',
  '#9c80c1',
  '#3061d8',
  '#ed9a9e',
];

/** A colour by its number, where there is no map. */
export function colourOf(j: number): string {
  return TABLE[j % TABLE.length];
}

/** Clusters up to which a map is painted in no time: pairs are compared. */
export const MOST_PAINTED = 512;

/** How far apart two colours of the table look: OKLab, brightness as it is, both directions of hue. */
const APART = distances();

/**
 * A colour of the table for every centroid (k × 2). Begins with the table in its order, whose first
 * colours differ the most, and swaps pairs for as long as that sets neighbours further apart.
 */
export function paintMap(centroids: Float32Array): string[] {
  const k = centroids.length / 2;
  const delaunay = new Delaunay(centroids);
  const neighbours = Array.from({ length: k }, (_, j) => [...delaunay.neighbors(j)]);
  const chosen = Array.from({ length: k }, (_, j) => j % TABLE.length);
  /** How much cluster j would look like its neighbours in a colour, while `other` has mine. */
  const confusion = (j: number, colour: number, other: number) => {
    let sum = 0;
    for (const at of neighbours[j]) {
      const apart = APART[colour][at === other ? chosen[j] : chosen[at]];
      sum += 1 / (apart * apart + 1e-4);
    }
    return sum;
  };
  for (let sweep = 0, better = true; better && sweep < 20; sweep++) {
    better = false;
    for (let i = 0; i < k; i++)
      for (let j = i + 1; j < k; j++) {
        const now = confusion(i, chosen[i], -1) + confusion(j, chosen[j], -1);
        const then = confusion(i, chosen[j], j) + confusion(j, chosen[i], i);
        if (then >= now - 1e-9) continue;
        [chosen[i], chosen[j]] = [chosen[j], chosen[i]];
        better = true;
      }
  }
  return chosen.map((colour) => TABLE[colour]);
}

/** What a colour costs that another cluster has: about as much as looking like a neighbour. */
const TAKEN = 20;

/** A colour for one more centroid, the last of these, where the others keep theirs. */
export function paintOneMore(centroids: Float32Array, colours: readonly string[]): string {
  const neighbours = [...new Delaunay(centroids).neighbors(colours.length)];
  const others = colours.map((colour) => TABLE.indexOf(colour));
  const costs = TABLE.map((_, colour) => {
    let cost = TAKEN * others.filter((other) => other === colour).length;
    for (const at of neighbours) cost += 1 / (APART[colour][others[at]] ** 2 + 1e-4);
    return cost;
  });
  return TABLE[costs.indexOf(Math.min(...costs))];
}

/** Red, green and blue, 0 to 255, of '#rrggbb'. */
export function channels(colour: string): [number, number, number] {
  const value = parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function distances(): number[][] {
  const places = TABLE.map(oklab);
  return places.map((a) => places.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])));
}

/** Björn Ottosson's OKLab (bottosson.github.io/posts/oklab). */
function oklab(colour: string): [number, number, number] {
  const [r, g, b] = channels(colour).map((value) => {
    const x = value / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
