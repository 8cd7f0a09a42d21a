/** Chunks put together to groups of a size that files are made of. */
import { concatenated } from './select.ts';
import type { Chunk, ColumnInfo } from './table.ts';

/** Rows of a row group or record batch, at least, but for the last. */
const GROUP_ROWS = 1 << 16;

export async function* regrouped(
  chunks: AsyncIterable<Chunk>,
  columns: readonly ColumnInfo[],
): AsyncGenerator<Chunk, void> {
  let held: Chunk[] = [];
  let rows = 0;
  const group = (): Chunk => ({
    start: held[0].start,
    rows,
    columns: columns.map((info, c) =>
      concatenated(
        info,
        held.map((chunk) => chunk.columns[c]),
      ),
    ),
  });
  for await (const chunk of chunks) {
    held.push(chunk);
    rows += chunk.rows;
    if (rows < GROUP_ROWS) continue;
    yield group();
    [held, rows] = [[], 0];
  }
  if (held.length > 0) yield group();
}
