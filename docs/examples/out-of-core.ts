import { blobsChunks, kmeans, type Matrix, type PointSource } from 'centroids';
import { openSource } from 'centroids/io';

// A source returns the same rows in every pass: from a file, from a query, or generated.
const board = blobsChunks(200_000, 12, { columns: 4, seed: 1, chunkRows: 10_000 });
const result = await kmeans(board, 12, { seed: 1, maxMemory: 16 * 2 ** 20, output: 'stream' });
console.log(result.rows, 'rows,', result.iterations, 'iterations, hash', result.hash);

// The same bits as for the same rows in memory.
const data = new Float32Array(board.rows * board.columns);
let at = 0;
for await (const chunk of board.chunks()) {
  data.set(chunk.data, at);
  at += chunk.data.length;
}
const whole = await kmeans({ data, columns: 4 }, 12, { seed: 1 });
console.log(whole.hash === result.hash);

// Labels come in parts, as often as you ask.
const farthest = { row: 0, distance: 0 };
for await (const { first, distances } of result.labels())
  distances.forEach((distance, i) => {
    if (distance > farthest.distance) Object.assign(farthest, { row: first + i, distance });
  });
console.log('farthest from its centroid: row', farthest.row);
await result.dispose(); // removes the kept rows

// A file is parsed once; errors say where they are.
const csv = new TextEncoder().encode('x,y\n1,2\n3,4\n9,8\n9,7\n');
const { labels } = await kmeans(await openSource(csv), 2, { seed: 1 });
console.log(labels.join(' '));

// And a source of your own.
const squares: PointSource = {
  columns: 1,
  rows: 1000,
  async *chunks(): AsyncGenerator<Matrix> {
    for (let from = 0; from < 1000; from += 250) {
      const data = Float32Array.from({ length: 250 }, (_, i) => (from + i) ** 2);
      yield { data, rows: 250, columns: 1 };
    }
  },
};
console.log((await kmeans(squares, 3, { init: 'k-means||' })).sizes.join(' '));
