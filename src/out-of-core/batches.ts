/** A source's rows in batches of one size, for who looks at each once. */
import { refuseNonFinite } from '../grid.ts';
import type { Matrix, PointSource } from '../matrix.ts';
import { ahead } from './ahead.ts';
import { judgeChunk } from './pages.ts';

/** Some rows, until the next batch is asked for. */
export interface RowBatch extends Matrix {
  /** Number of the first row. */
  first: number;
}

/** @throws InvalidInputError with row and column */
export async function* batchesOf(
  source: PointSource,
  batchRows: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RowBatch, void> {
  const { columns } = source;
  const data = new Float32Array(batchRows * columns);
  let rows = 0;
  let first = 0;
  const batch = (): RowBatch => {
    const found = { data: data.subarray(0, rows * columns), rows, columns, first };
    refuseNonFinite(found, 'points', first);
    return found;
  };
  for await (const chunk of ahead(source.chunks(signal), signal)) {
    judgeChunk(chunk, columns, first + rows);
    for (let from = 0; from < chunk.rows;) {
      const count = Math.min(batchRows - rows, chunk.rows - from);
      data.set(chunk.data.subarray(from * columns, (from + count) * columns), rows * columns);
      from += count;
      rows += count;
      if (rows < batchRows) continue;
      yield batch();
      first += rows;
      rows = 0;
    }
  }
  if (rows > 0) yield batch();
}
