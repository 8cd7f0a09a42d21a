/** The chunks of a source, judged and put together to parts of one size. */
import { refuse } from '../errors.ts';
import type { Matrix } from '../matrix.ts';

/** Some rows, until the next are asked for. */
export interface Part {
  readonly index: number;
  /** Number of the first row. */
  readonly first: number;
  readonly rows: number;
  /** Row-major. */
  readonly data: Float32Array;
}

/**
 * Parts of so many rows, but for the last. `bufferOf` has room for a part; `told` hears how many rows there
 * are with every chunk, before they are taken.
 *
 * @throws InvalidInputError where a chunk is none
 */
export async function* packed(
  chunks: AsyncIterable<Matrix>,
  columns: number,
  partRows: number,
  bufferOf: (index: number) => Float32Array,
  told: (rows: number) => void = () => {},
): AsyncGenerator<Part, void> {
  let [index, first, rows] = [0, 0, 0];
  const part = (): Part => {
    const data = bufferOf(index).subarray(0, rows * columns);
    return { index, first, rows, data };
  };
  for await (const chunk of chunks) {
    judgeChunk(chunk, columns, first + rows);
    told(first + rows + chunk.rows);
    for (let from = 0; from < chunk.rows;) {
      const count = Math.min(partRows - rows, chunk.rows - from);
      const some = chunk.data.subarray(from * columns, (from + count) * columns);
      bufferOf(index).set(some, rows * columns);
      from += count;
      rows += count;
      if (rows < partRows) continue;
      yield part();
      first += rows;
      rows = 0;
      index++;
    }
  }
  if (rows > 0) yield part();
}

/** What a source gives; numbers themselves are judged as they are laid. */
function judgeChunk(chunk: Matrix, columns: number, before: number): void {
  const where = `the chunk of points after row ${before}`;
  if (!(chunk?.data instanceof Float32Array))
    refuse(
      `data of ${where}`,
      chunk?.data,
      'a Float32Array',
      'Make it with matrix(data, columns).',
    );
  if (chunk.columns !== columns)
    refuse(
      `columns of ${where}`,
      chunk.columns,
      `${columns}, as the source says`,
      'Give every row the same columns.',
    );
  if (chunk.data.length !== chunk.rows * columns)
    refuse(
      `data.length of ${where}`,
      chunk.data.length,
      `rows × columns (${chunk.rows} × ${columns})`,
      'Check the shape.',
    );
}
