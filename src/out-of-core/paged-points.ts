/** Points on the grid that are brought page by page: what seeding and a session out of core are given. */
import { breather } from '../breathe.ts';
import { factsOfRows, type DistanceOptions, type Distances } from '../distances.ts';
import type { GridFacts } from '../grid.ts';
import type { LaidPoints, PartHolder } from '../laid-points.ts';
import type { LabelStore } from './labels.ts';
import { weightsOf } from './lay-pages.ts';
import { pagedDistances } from './paged-distances.ts';
import type { Page, Pages } from './pages.ts';

/** A page, and where somebody holds it. */
export interface Held extends Page {
  readonly laid: LaidPoints;
}

export class PagedPoints implements LaidPoints {
  readonly lanes = null;
  readonly grid: GridFacts;
  /** Of the iterations; whoever iterates keeps to it alone. */
  readonly labels: LabelStore;
  /** Whether labels of all rows are put together at all. */
  readonly allLabels: boolean;
  readonly #pages: Pages;
  readonly #holder: PartHolder;
  /** How often something was held. */
  #holds = 0;
  readonly #signal: AbortSignal | undefined;

  constructor(
    pages: Pages,
    grid: GridFacts,
    labels: LabelStore,
    { allLabels, holder, signal }: {
      allLabels: boolean;
      holder: PartHolder;
      signal: AbortSignal | undefined;
    }, // prettier-ignore
  ) {
    this.#pages = pages;
    this.grid = grid;
    this.labels = labels;
    this.allLabels = allLabels;
    this.#holder = holder;
    this.#signal = signal;
  }

  get pageRows(): number {
    return this.#pages.pageRows;
  }

  get pageCount(): number {
    return this.#pages.count;
  }

  rowsOf(page: number): number {
    return this.#pages.rowsOf(page);
  }

  /** All pages on the grid, each until the next one is asked for; only those that are wanted. */
  pages(
    signal: AbortSignal | undefined,
    wanted?: (index: number) => boolean,
  ): AsyncGenerator<Page, void> {
    return this.#pages.laid(this.grid, signal, wanted);
  }

  /** What is known of a page's points. */
  factsOf({ first, rows }: Pick<Page, 'first' | 'rows'>): GridFacts {
    const weights = weightsOf(this.grid, first, rows);
    const totalWeight = weights ? weights.reduce((sum, weight) => sum + weight, 0) : rows;
    return { ...this.grid, rows, weights, totalWeight };
  }

  /** Where seeding looks at rows; an engine on lanes may work there too, one part after the other. */
  readonly holder: PartHolder = {
    hold: (grid, values) => {
      this.#holds++;
      return this.#holder.hold(grid, values);
    },
    dispose: () => this.#holder.dispose(),
  };

  /** Changes whenever {@link holder} is given something else. */
  get holds(): number {
    return this.#holds;
  }

  /** Pages one after the other, where `holder` has them. */
  async *held(
    holder: PartHolder,
    signal: AbortSignal | undefined,
    wanted?: (index: number) => boolean,
  ): AsyncGenerator<Held, void> {
    for await (const page of this.pages(signal, wanted))
      yield { ...page, laid: await holder.hold(this.factsOf(page), page.data) };
  }

  values(): Promise<Float32Array> {
    return Promise.reject(new Error('Points out of core are never in memory as a whole.'));
  }

  async gather(rows: Uint32Array): Promise<Float32Array> {
    const { columns } = this.grid;
    const gathered = new Float32Array(rows.length * columns);
    const places = new Map<number, number[]>();
    rows.forEach((row, place) => {
      const page = Math.floor(row / this.pageRows);
      const own = places.get(page);
      if (own) own.push(place);
      else places.set(page, [place]);
    });
    for await (const { index, first, data } of this.pages(this.#signal, (page) => places.has(page)))
      for (const place of places.get(index)!) {
        const from = (rows[place] - first) * columns;
        gathered.set(data.subarray(from, from + columns), place * columns);
      }
    return gathered;
  }

  /**
   * Of some rows, which are gathered, as if there were no others; of all of them page by page, where centres
   * come by many at once. One by one they are only asked for where all rows are no more than a sample.
   */
  async distances(options: DistanceOptions): Promise<Distances> {
    const { weights, ...others } = options;
    if (!options.rows && options.owners) {
      const held = (wanted?: (index: number) => boolean) =>
        this.held(this.holder, this.#signal, wanted);
      return pagedDistances(this, held, options, breather(this.#signal));
    }
    const rows = options.rows ?? Uint32Array.from({ length: this.grid.rows }, (_, row) => row);
    const facts = factsOfRows(this.grid, { rows, weights });
    const laid = await this.holder.hold(facts, await this.gather(rows));
    return laid.distances({ ...others, rows: null });
  }

  /** What holds pages; the pages themselves are whoever's that opened them. */
  dispose(): void {
    this.holder.dispose();
  }
}
