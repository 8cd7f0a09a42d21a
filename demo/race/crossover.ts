/** Time against number of points, both in decades: a chart, and the same as a table. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { element } from '../dom.ts';
import { rough } from '../format.ts';
import { TICK, told } from './clock.ts';
import type { Contestant } from './contestants.ts';
import type { RaceRun } from './messages.ts';
import { timeOf } from './standings.ts';

const HEIGHT = 320;
/** uPlot's names of a scale by logarithms. */
const LOGARITHMIC = 3;
/** So many sizes have their names below the chart, on a phone, too. */
const FEW = 5;

export interface Crossover {
  draw(contestants: readonly Contestant[], sizes: readonly number[], runs: RaceRun[]): void;
}

export function crossover(box: HTMLElement, head: HTMLElement, body: HTMLElement): Crossover {
  let plot: uPlot | null = null;
  let last: Parameters<Crossover['draw']> | null = null;
  /** What the present plot was made for; another result is only put in. */
  let made = '';
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const redraw = () => last && draw(...last);
  dark.addEventListener('change', redraw);
  new ResizeObserver(() => {
    if (plot && box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  }).observe(box);

  const draw: Crossover['draw'] = (contestants, sizes, runs) => {
    last = [contestants, sizes, runs];
    const times = contestants.map(({ id }) => sizes.map((rows) => timeOf(runs, id, rows)));
    fill(contestants, sizes, times);
    const isEmpty = sizes.length < 2 || times.flat().every((time) => time === null);
    const wanted = isEmpty
      ? ''
      : [dark.matches, ...sizes, ...contestants.map(({ id }) => id)].join();
    // nothing is at zero on a scale of decades
    const places = times.map((line) =>
      line.map((time) => (time === null ? null : Math.max(time, TICK))),
    );
    if (plot && made === wanted) return plot.setData([[...sizes], ...places]);
    plot?.destroy();
    plot = null;
    made = wanted;
    if (isEmpty) return;
    const style = getComputedStyle(box);
    const axis = {
      stroke: style.getPropertyValue('--muted'),
      grid: { stroke: style.getPropertyValue('--line'), width: 1 },
      ticks: { stroke: style.getPropertyValue('--line'), width: 1 },
      font: '12px system-ui, sans-serif',
    };
    plot = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        scales: {
          x: { time: false, distr: LOGARITHMIC, range: [sizes[0], sizes.at(-1)!] },
          y: { distr: LOGARITHMIC },
        },
        axes: [
          {
            ...axis,
            splits: () => [...sizes],
            filter: (_, splits) => splits, // by itself it leaves out what is no decade
            values: (_, splits) => splits.map(sizes.length > FEW ? decade(rough) : rough),
          },
          { ...axis, size: 62, values: (_, splits) => splits.map(decade(told)) },
        ],
        series: [
          {},
          ...contestants.map(({ name, colour, kind }) => ({
            label: name,
            stroke: colour[dark.matches ? 1 : 0],
            width: 2,
            // ours and others are told apart without colours, too
            ...(kind === 'library' && { dash: [6, 4] }),
            points: { show: true, size: 7 },
            spanGaps: false,
          })),
        ],
        padding: [12, 18, 0, 0],
        // times are in the table below
        legend: { live: false },
      },
      [[...sizes], ...places],
      box,
    );
  };

  function fill(
    contestants: readonly Contestant[],
    sizes: readonly number[],
    times: (number | null)[][],
  ): void {
    const line = (cells: readonly [name: string, ...rest: string[]], scope: 'row' | 'col') => {
      const row = element('tr');
      row.append(
        ...cells.map((text, at) => {
          const cell = element(scope === 'col' || at === 0 ? 'th' : 'td', text);
          if (cell.tagName === 'TH') cell.setAttribute('scope', scope);
          return cell;
        }),
      );
      return row;
    };
    head.replaceChildren(line(['Points', ...sizes.map(rough)], 'col'));
    body.replaceChildren(
      ...contestants.map(({ name }, i) =>
        line([name, ...times[i].map((time) => (time === null ? '–' : told(time)))], 'row'),
      ),
    );
  }
  return { draw };
}

/** Names whole decades only: what lies between is a line of the grid. */
const decade = (name: (value: number) => string) => (value: number | null) =>
  value !== null && Number.isInteger(Number(Math.log10(value).toFixed(9))) ? name(value) : '';
