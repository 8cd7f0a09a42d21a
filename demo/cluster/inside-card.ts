/** What was picked out of the picture, as tables that are read as well as seen. */
import { element } from '../dom.ts';
import { count, measure, plural, share } from '../format.ts';
import { figures } from './figures.ts';
import type { Inside } from './inside.ts';

/** Columns that are told: those in which the rows inside differ the most from all. */
const MOST_COLUMNS = 8;

export interface InsideCard {
  /** @param title what a column is called */
  show(inside: Inside | null, colours: readonly string[], title: (column: number) => string): void;
}

export function insideCard(card: HTMLElement, onClear: () => void): InsideCard {
  const clear = element('button', 'Clear', 'quiet small');
  clear.type = 'button';
  clear.addEventListener('click', onClear);
  const head = element('div', '', 'card-head');
  head.append(element('h2', 'Selection'), clear);
  const words = element('p');
  words.role = 'status';
  const tables = element('div', '', 'tables');
  tables.tabIndex = 0;
  tables.role = 'region';
  tables.ariaLabel = 'Clusters of the selection';
  const means = element('div');
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
      const name = element('span');
      const patch = element('i', '', 'patch');
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

function table(title: string, ...[heads, rows]: Parameters<typeof figures>): HTMLTableElement {
  const made = figures(heads, rows);
  made.createCaption().textContent = title;
  return made;
}
