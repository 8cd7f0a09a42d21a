/** Two small charts: inertia by iteration, and the sizes of the clusters. */
import { count, share } from '../format.ts';

/** How much the small gains of late iterations are stretched; the first ones win the most by far. */
const STEEP = 20;

/** A falling line. */
export function sparkline(svg: SVGSVGElement): { draw(values: readonly number[]): void } {
  const path = svg.querySelector('path')!;
  const { width, height } = svg.viewBox.baseVal;
  return {
    draw(values) {
      if (values.length < 2) return path.removeAttribute('d');
      const last = Math.min(...values);
      const range = Math.max(...values) - last || 1;
      const level = (value: number) =>
        Math.log1p(((value - last) / range) * STEEP) / Math.log1p(STEEP);
      const points = values.map((value, at) => {
        const x = (at / (values.length - 1)) * width;
        const y = 2 + (1 - level(value)) * (height - 4);
        return `${x.toFixed(2)} ${y.toFixed(2)}`;
      });
      path.setAttribute('d', `M${points.join('L')}`);
    },
  };
}

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
