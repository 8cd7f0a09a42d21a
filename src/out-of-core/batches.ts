/** A source's rows in batches of one size, for who looks at each once. */
import { refuseNonFinite } from '../grid.ts';
import type { Matrix, PointSource } from '../matrix.ts';
import { ahead } from './ahead.ts';
import { packed } from './packed.ts';

/** Some rows, until the next batch is asked for. */
interface RowBatch extends Matrix {
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
  const buffer = new Float32Array(batchRows * columns);
  const chunks = ahead(source.chunks(signal), signal);
  for await (const { data, rows, first } of packed(chunks, columns, batchRows, () => buffer)) {
    const batch = { data, rows, columns, first };
    refuseNonFinite(batch, 'points', first);
    yield batch;
  }
}
