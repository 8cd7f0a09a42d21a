/** The sizes of the clusters: as a bar, and in words. */
import { count, measure, plural, share } from '../format.ts';

/** One bar, a part for every cluster, largest first. */
export function sizeStrip(box: HTMLElement): {
  draw(sizes: Uint32Array, colours: readonly string[]): void;
} {
  return {
    draw(sizes, colours) {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const order = [...sizes.keys()].sort((a, b) => sizes[b] - sizes[a]);
      box.replaceChildren(
        ...order.map((j) => {
          const part = document.createElement('span');
          part.style.flexGrow = String(sizes[j]);
          part.style.backgroundColor = colours[j];
          part.title = `${count(sizes[j])} points (${share(sizes[j] / total)})`;
          return part;
        }),
      );
      const [largest, smallest] = [sizes[order[0]], sizes[order[order.length - 1]]];
      box.setAttribute(
        'aria-label',
        `Sizes of the ${sizes.length} clusters: ${count(smallest)} to ${count(largest)} points`,
      );
    },
  };
}

/** The sizes and the inertia of a result in a sentence, for those who do not see the picture. */
export function inWords(sizes: Uint32Array, inertia: number): string {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const size = (value: number) => `${count(value)} (${share(value / total)})`;
  const spread =
    sizes.length === 1
      ? ''
      : `: the largest has ${size(most)} of them, the smallest ${size(least)}`;
  return `${plural(sizes.length, 'cluster')} of ${plural(total, 'point')}${spread}. Inertia ${measure(inertia)}.`;
}
