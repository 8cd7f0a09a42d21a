/** What the page knows of the real data beside this file before it loads them; README.md has their sources. */

export interface DataSetFacts {
  rows: number;
  columns: number;
  /** Kinds that people tell apart in it: the k that a reader expects. */
  k: number;
  what: string;
  by: string;
  source: string;
}

export const DATA_SETS = {
  iris: {
    rows: 150,
    columns: 4,
    k: 3,
    what: '150 iris flowers, four lengths of each',
    by: 'R. A. Fisher',
    source: 'https://archive.ics.uci.edu/dataset/53/iris',
  },
  wine: {
    rows: 178,
    columns: 13,
    k: 3,
    what: '178 wines, 13 measurements of each in different units (try equal scale)',
    by: 'S. Aeberhard and M. Forina',
    source: 'https://archive.ics.uci.edu/dataset/109/wine',
  },
  digits: {
    rows: 600,
    columns: 64,
    k: 10,
    what: '600 handwritten digits of 8 × 8 pixels',
    by: 'E. Alpaydin and C. Kaynak',
    source: 'https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits',
  },
} as const satisfies Record<string, DataSetFacts>;

export type DataSet = keyof typeof DATA_SETS;

export const isDataSet = (board: string): board is DataSet => Object.hasOwn(DATA_SETS, board);
