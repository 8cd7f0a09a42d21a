/** Numbers as a table: a heading a column, and the first cell of a line names it. */
import { element } from '../dom.ts';

export function figures(
  heads: readonly string[],
  rows: readonly (readonly (string | HTMLElement)[])[],
): HTMLTableElement {
  const table = element('table', '', 'figures');
  const headRow = table.createTHead().insertRow();
  for (const text of heads) {
    const cell = element('th', text);
    cell.scope = 'col';
    headRow.append(cell);
  }
  const body = table.createTBody();
  for (const [first, ...others] of rows) {
    const row = body.insertRow();
    const cell = element('th');
    cell.scope = 'row';
    cell.append(first);
    row.append(cell);
    for (const text of others) row.insertCell().append(text);
  }
  return table;
}
