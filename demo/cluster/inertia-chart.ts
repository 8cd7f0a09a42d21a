/**
 * The inertia as it falls, and how many points still move, by uPlot: the lightest library that draws
 * a live line with a cursor. What it shows is in words at the slider below it, for those who do not
 * see it. Colours are the page's, in both themes.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count, measure, rough } from '../format.ts';
import type { Records } from './timeline.ts';

export interface InertiaChart {
  /** @param late inertia above the lowest, by powers of ten: late gains are seen */
  draw(records: Records, late: boolean): void;
  /** Marks the iteration that is looked at. */
  mark(iteration: number): void;
}

export interface ChartEvents {
  look(iteration: number): void;
  /** The cursor is over this iteration; null where it left. */
  hover(iteration: number | null): void;
}

const HEIGHT = 132;

export function inertiaChart(box: HTMLElement, events: ChartEvents): InertiaChart {
  const colour = (name: string) => getComputedStyle(box).getPropertyValue(name);
  let records: Records = { iterations: [], inertias: [], moves: [] };
  let isLate = false;
  let marked = 0;
  let plot: uPlot | null = null;

  const axis = (scale: string, more: Partial<uPlot.Axis>): uPlot.Axis => ({
    scale,
    stroke: () => colour('--muted'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
    ...more,
  });

  const make = () => {
    plot?.destroy();
    const options: uPlot.Options = {
      width: box.clientWidth,
      height: HEIGHT,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false },
        y: isLate ? { distr: 3 } : { range: (_, least, most) => padded(least, most) },
        // Few points move for long: equal steps for powers of ten, and a place for none.
        moved: { distr: 4, range: (_, __, most) => [0, Math.max(1, most)] },
      },
      axes: [
        axis('x', { size: 24, space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200] }),
        axis('y', { size: 52, space: 28, values: (_, values) => values.map(tick) }),
      ],
      series: [
        {},
        { label: 'Inertia', scale: 'y', stroke: () => colour('--accent'), width: 2 },
        {
          label: 'Moved',
          scale: 'moved',
          stroke: () => colour('--muted'),
          width: 1.2,
          dash: [4, 4],
          points: { show: false },
        },
      ],
      hooks: {
        draw: [drawMark],
        setCursor: [
          ({ cursor }) => events.hover(cursor.idx == null ? null : records.iterations[cursor.idx]),
        ],
      },
    };
    plot = new uPlot(options, data(), box);
    plot.over.addEventListener('click', () => {
      const { idx } = plot!.cursor;
      if (idx != null) events.look(records.iterations[idx]);
    });
  };

  const data = (): uPlot.AlignedData => {
    const { iterations, inertias, moves } = records;
    const least = Math.min(...inertias);
    const above = inertias.map((inertia) => (inertia > least ? inertia - least : null));
    return [iterations, isLate ? above : inertias, moves];
  };

  const drawMark = (drawn: uPlot) => {
    const { ctx, bbox } = drawn;
    if (marked < 1 || records.iterations.length === 0) return;
    const x = Math.round(drawn.valToPos(marked, 'x', true));
    ctx.save();
    ctx.strokeStyle = colour('--ink');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  };

  new ResizeObserver(() => {
    if (box.clientWidth > 0) plot?.setSize({ width: box.clientWidth, height: HEIGHT });
  }).observe(box);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot?.redraw());

  return {
    draw(next, late) {
      records = next;
      if (!plot || late !== isLate) {
        isLate = late;
        make();
      } else plot.setData(data());
      plot?.root.classList.toggle('unseen', records.iterations.length === 0);
      box.setAttribute('aria-label', inWords(records));
    },
    mark(iteration) {
      marked = iteration;
      plot?.redraw(false);
    },
  };
}

/** A twentieth of room above and below. */
function padded(least: number, most: number): [number, number] {
  const room = (most - least) / 20 || Math.abs(most) / 20 || 1;
  return [least - room, most + room];
}

/** In full, as far as they are round: two of a kind would say nothing. */
function tick(value: number | null): string {
  if (value == null) return '';
  const round = Number(value.toPrecision(7));
  return Math.abs(round) >= 10_000 ? rough(round, 7) : measure(round);
}

function inWords({ iterations, inertias, moves }: Records): string {
  const last = iterations.length - 1;
  if (last < 0) return 'Inertia by iteration: none yet';
  return (
    `Inertia by iteration: ${measure(inertias[0])} after iteration ${iterations[0]}, ` +
    `${measure(inertias[last])} after iteration ${iterations[last]}, ` +
    `where ${count(moves[last])} points changed their cluster`
  );
}
