/** What was picked out of the picture, as tables that are read as well as seen. */
import { count, measure, plural, share } from '../format.ts';
import type { Inside } from './inside.ts';

/** Columns that are told: those in which the rows inside differ the most from all. */
const MOST_COLUMNS = 8;

export interface InsideCard {
  /** @param title what a column is called */
  show(inside: Inside | null, colours: readonly string[], title: (column: number) => string): void;
}

export function insideCard(card: HTMLElement, onClear: () => void): InsideCard {
  const heading = document.createElement('h2');
  heading.textContent = 'Selection';
  const clear = document.createElement('button');
  clear.type = 'button';
  clear.className = 'quiet small';
  clear.textContent = 'Clear';
  clear.addEventListener('click', onClear);
  const head = document.createElement('div');
  head.className = 'card-head';
  head.append(heading, clear);
  const words = document.createElement('p');
  words.role = 'status';
  const tables = document.createElement('div');
  tables.className = 'tables';
  tables.tabIndex = 0;
  tables.role = 'region';
  tables.ariaLabel = 'Clusters of the selection';
  const means = document.createElement('div');
  card.append(head, words, tables, means);

  return {
    show(inside, colours, title) {
      card.hidden = inside === null;
      if (!inside) {
        words.textContent = '';
        return;
      }
      const { rows, of, counts } = inside;
      const found = [...counts.keys()].filter((j) => counts[j] > 0);
      words.textContent =
        rows === 0
          ? `No points inside, of ${count(of)} drawn.`
          : `${plural(rows, 'point')} of ${count(of)} drawn (${share(rows / of)}), ` +
            `from ${plural(found.length, 'cluster')}.`;
      tables.hidden = means.hidden = rows === 0;
      tables.replaceChildren(byCluster(inside, found, colours));
      means.replaceChildren(byColumn(inside, title));
    },
  };
}

function byCluster(
  { rows, counts, sizes }: Inside,
  found: readonly number[],
  colours: readonly string[],
): HTMLTableElement {
  const ordered = [...found].sort((a, b) => counts[b] - counts[a]);
  return table(
    'By cluster',
    ['Cluster', 'Points', 'Of the selection', 'Of the cluster'],
    ordered.map((j) => {
      const name = document.createElement('span');
      const patch = document.createElement('i');
      patch.className = 'patch';
      patch.style.backgroundColor = colours[j] ?? 'transparent';
      name.append(patch, String(j)); // as labels count
      return [name, count(counts[j]), share(counts[j] / rows), share(counts[j] / sizes[j])];
    }),
  );
}

function byColumn(
  { means, allMeans, deviations }: Inside,
  title: (column: number) => string,
): HTMLTableElement {
  const away = (t: number) => (means[t] - allMeans[t]) / (deviations[t] || 1);
  const ordered = [...means.keys()].sort((a, b) => Math.abs(away(b)) - Math.abs(away(a)));
  const told = ordered.slice(0, MOST_COLUMNS).sort((a, b) => a - b);
  return table(
    told.length < means.length
      ? `Means of the ${told.length} columns that differ the most, of ${means.length}`
      : 'Means by column',
    ['Column', 'Inside', 'All', 'Difference in standard deviations'],
    told.map((t) => [
      title(t),
      measure(Number(means[t].toPrecision(4))),
      measure(Number(allMeans[t].toPrecision(4))),
      `${away(t) < 0 ? '−' : '+'}${Math.abs(away(t)).toFixed(2)}`,
    ]),
  );
}

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly (string | HTMLElement)[])[],
): HTMLTableElement {
  const made = document.createElement('table');
  made.className = 'figures';
  made.createCaption().textContent = title;
  const headRow = made.createTHead().insertRow();
  for (const text of heads) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = text;
    headRow.append(cell);
  }
  const body = made.createTBody();
  for (const [first, ...others] of rows) {
    const row = body.insertRow();
    const cell = document.createElement('th');
    cell.scope = 'row';
    cell.append(first);
    row.append(cell);
    for (const text of others) row.insertCell().append(text);
  }
  return made;
}
