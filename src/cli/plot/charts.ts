/**
 * The charts of the command, as SVG: clusters on a plane, scores by k, silhouettes by cluster. ECharts
 * draws them without a page; colours are the demo's, for every kind of colour sight.
 */
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ChosenK, KScore } from '../../choose-k/index.ts';
import type { Matrix } from '../../matrix.ts';
import { colourOf, MOST_PAINTED, paintMap } from '../../picture/palette.ts';
import { project, projectionOf } from '../../picture/projection.ts';
import { count, percent } from '../text.ts';

use([
  BarChart,
  GridComponent,
  LegendComponent,
  LineChart,
  ScatterChart,
  SVGRenderer,
  TitleComponent,
]);

const WIDTH = 960;
const HEIGHT = 720;
const INK = '#24292f';
const GREY = '#57606a';
const FAINT = '#d0d7de';
const BLUE = '#0072b2';
const RED = '#d55e00';
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';

function svgOf(option: object): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT, color: INK },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function titleOf(text: string, subtext: string) {
  return {
    text,
    subtext,
    left: 24,
    top: 14,
    textStyle: { fontSize: 19, color: INK },
    subtextStyle: { fontSize: 13, color: GREY },
  };
}

const AXIS = {
  type: 'value',
  scale: true,
  axisLabel: { color: GREY, hideOverlap: true },
  nameTextStyle: { color: INK, fontSize: 13 },
  splitLine: { lineStyle: { color: '#eaeef2' } },
  axisLine: { show: true, onZero: false, lineStyle: { color: FAINT } },
} as const;

// ---- clusters -----------------------------------------------------------------------------------

export interface ClustersShown {
  title: string;
  /** Some of the points, and their clusters. */
  points: Matrix;
  labels: Uint32Array;
  centroids: Matrix;
  names: readonly string[];
  whiten: boolean;
  /** How many points there are, with those that are not shown. */
  all: number;
}

/** Above it numbers beside the centroids hide each other. */
const MOST_NUMBERED = 64;

/** The points in the colours of their clusters: two columns as they are, of more the plane of most variance. */
export function clustersChart({ title, ...shown }: ClustersShown): string {
  const { points, labels, centroids, all } = shown;
  const { places, middles, axes, plane } = placesOf(shown);
  const k = centroids.rows;
  const colours =
    k <= MOST_PAINTED ? paintMap(middles) : Array.from({ length: k }, (_, j) => colourOf(j));
  const byColour = new Map<string, number[][]>();
  labels.forEach((label, i) => {
    const colour = colours[label];
    if (!byColour.has(colour)) byColour.set(colour, []);
    byColour.get(colour)!.push([places[2 * i], places[2 * i + 1]]);
  });
  const size = points.rows > 2000 ? 3 : 5;
  const series = [...byColour].map(([color, data]) => ({
    type: 'scatter',
    large: true, // one path for all of a colour
    largeThreshold: 1,
    progressive: 0,
    silent: true,
    symbolSize: size,
    itemStyle: { color, opacity: 0.75 },
    data,
  }));
  const centres = {
    type: 'scatter',
    silent: true,
    z: 3,
    symbolSize: k <= MOST_NUMBERED ? 20 : k <= MOST_PAINTED ? 7 : 4,
    data: Array.from(colours, (color, j) => ({
      value: [middles[2 * j], middles[2 * j + 1]],
      itemStyle: { color, borderColor: INK, borderWidth: k > MOST_NUMBERED ? 1 : 1.5 },
      label: {
        show: k <= MOST_NUMBERED,
        formatter: String(j),
        color: INK,
        fontSize: 11,
        fontWeight: 'bold',
        textBorderColor: '#ffffff',
        textBorderWidth: 2,
      },
    })),
  };
  const some = points.rows < all ? `${count(points.rows)} of ${count(all)}` : count(all);
  return svgOf({
    title: titleOf(
      title,
      `${some} points${plane}; ${k > MOST_NUMBERED ? 'ringed dots' : 'numbers'} are centroids`,
    ),
    grid: { left: 80, right: 36, top: 84, bottom: 64 },
    xAxis: { ...AXIS, name: axes[0], nameLocation: 'middle', nameGap: 34 },
    yAxis: { ...AXIS, name: axes[1], nameLocation: 'middle', nameGap: 52 },
    series: [...series, centres],
  });
}

function placesOf({ points, labels, centroids, names, whiten }: Omit<ClustersShown, 'title'>) {
  const { columns } = points;
  if (columns === 2)
    return { places: points.data, middles: centroids.data, axes: names, plane: '' };
  if (columns === 1) {
    const pairs = (xs: Float32Array, y: (i: number) => number) =>
      Float32Array.from({ length: 2 * xs.length }, (_, at) =>
        at % 2 === 0 ? xs[at >> 1] : y(at >> 1),
      );
    return {
      places: pairs(points.data, (i) => labels[i]),
      middles: pairs(centroids.data, (j) => j),
      axes: [names[0], 'cluster'],
      plane: '',
    };
  }
  const projection = projectionOf(points, whiten);
  return {
    places: project(points, projection),
    middles: project(centroids, projection),
    axes: ['first principal component', 'second principal component'],
    plane: ` of ${columns} columns, on the plane with ${percent(projection.share)} of their variance`,
  };
}

// ---- how many clusters --------------------------------------------------------------------------

/** Inertia, silhouette and gap by k, and the votes. */
export function chooseKChart({ k, clear, scores, votes }: ChosenK): string {
  const cast = Object.values(votes).filter((vote) => vote !== null);
  const of = (name: keyof KScore) =>
    scores.flatMap((score) => (score[name] === undefined ? [] : [[score.k, score[name]]]));
  const curve = (at: number, data: (number | undefined)[][], extra: object = {}) => ({
    type: 'line',
    xAxisIndex: at,
    yAxisIndex: at,
    silent: true,
    data,
    symbol: 'circle',
    symbolSize: 7,
    lineStyle: { color: BLUE, width: 2 },
    itemStyle: { color: BLUE },
    ...extra,
  });
  const edge = (at: number, data: (number | undefined)[][]) =>
    curve(at, data, { symbol: 'none', lineStyle: { color: BLUE, width: 1, type: 'dashed' } });
  const chosen = (at: number, name: keyof KScore) =>
    curve(
      at,
      of(name).filter(([x]) => x === k),
      { symbolSize: 13, itemStyle: { color: RED }, z: 3 },
    );
  const gapEdge = (sign: number) =>
    scores.flatMap(({ k, gap, gapError }) =>
      gap === undefined || gapError === undefined ? [] : [[k, gap + sign * gapError]],
    );
  const ks = scores.map((score) => score.k);
  const panels = [
    'Inertia: an elbow is where it stops falling',
    ...[
      ['silhouette', 'Silhouette and where 95 % lie: higher is better'] as const,
      ['gap', 'Gap and its error: first as high as any'] as const,
    ].map(([name, title]) =>
      votes[name] === undefined ? `No ${name}: not among the criteria` : title,
    ),
    'Votes of the criteria',
  ];
  return svgOf({
    title: [
      titleOf(`k = ${k}`, clear ? 'the votes agree' : 'the votes do not agree clearly'),
      ...panels.map((title, at) => ({
        text: title,
        left: at % 2 === 0 ? 64 : 544,
        top: at < 2 ? 76 : 396,
        textStyle: { fontSize: 14, color: INK },
      })),
    ],
    grid: panels.map((_, at) => ({
      left: at % 2 === 0 ? 64 : 544,
      top: at < 2 ? 110 : 430,
      width: 380,
      height: 220,
    })),
    xAxis: panels.map((_, gridIndex) => ({
      ...AXIS,
      gridIndex,
      ...(gridIndex === 3
        ? { type: 'category', data: ks.map(String), axisTick: { show: false } }
        : { min: Math.min(...ks), max: Math.max(...ks), minInterval: 1 }),
      name: gridIndex > 1 ? 'k' : '',
      nameLocation: 'middle',
      nameGap: 26,
    })),
    yAxis: panels.map((_, gridIndex) => ({
      ...AXIS,
      gridIndex,
      ...(gridIndex === 3 && { minInterval: 1, scale: false }),
    })),
    series: [
      curve(0, of('inertia')),
      chosen(0, 'inertia'),
      curve(1, of('silhouette')),
      edge(1, of('silhouetteLow')),
      edge(1, of('silhouetteHigh')),
      chosen(1, 'silhouette'),
      curve(2, of('gap')),
      edge(2, gapEdge(-1)),
      edge(2, gapEdge(1)),
      chosen(2, 'gap'),
      {
        type: 'bar',
        xAxisIndex: 3,
        yAxisIndex: 3,
        silent: true,
        barWidth: 14,
        data: ks.map((x) => ({
          value: cast.filter((vote) => vote === x).length,
          itemStyle: { color: x === k ? RED : BLUE },
        })),
      },
    ],
  });
}

// ---- silhouettes --------------------------------------------------------------------------------

/** Share of the rows below which a cluster has no room for its name. */
const LEAST_NAMED = 0.02;

/** The silhouette of every row, cluster by cluster, each from its highest down. */
export function silhouetteChart(
  title: string,
  silhouettes: Float64Array,
  labels: Uint32Array,
  all: number,
): string {
  const order = [...labels.keys()].sort(
    (a, b) => labels[a] - labels[b] || silhouettes[b] - silhouettes[a],
  );
  // The middle row of a cluster says which it is, where there is room.
  const middles = new Set<number>();
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && labels[order[to]] === labels[order[from]]) to++;
    if (to - from > LEAST_NAMED * order.length) middles.add((from + to) >> 1);
  }
  const mean = silhouettes.reduce((sum, s) => sum + s, 0) / silhouettes.length;
  const some = labels.length < all ? `${count(labels.length)} of ${count(all)}` : count(all);
  return svgOf({
    title: titleOf(
      title,
      `silhouettes of ${some} points, cluster by cluster from the top; mean ${mean.toFixed(3)}`,
    ),
    grid: { left: 60, right: 36, top: 84, bottom: 64 },
    xAxis: {
      ...AXIS,
      scale: false,
      max: 1,
      name: 'silhouette',
      nameLocation: 'middle',
      nameGap: 34,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: order.map((i) => String(labels[i])),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: INK, interval: (at: number) => middles.has(at) },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        barCategoryGap: 0,
        barGap: 0,
        data: order.map((i) => ({
          value: silhouettes[i],
          itemStyle: { color: colourOf(labels[i]) },
        })),
      },
    ],
  });
}
