import {
  adjustedRandIndex,
  blobs,
  blobsChunks,
  gaussianBoard,
  kmeans,
  moons,
  rings,
  uniformBoard,
  type Board,
} from 'centroids';

const boards: Record<string, [Board, number]> = {
  uniform: [uniformBoard(2000, { seed: 1 }), 3],
  gaussian: [gaussianBoard(2000, 5, { seed: 1 }), 5],
  blobs: [blobs(2000, 5, { seed: 1 }), 5],
  moons: [moons(2000, { seed: 1 }), 2],
  rings: [rings(2000, 3, { seed: 1 }), 3],
};
for (const [name, [board, k]] of Object.entries(boards)) {
  const { labels } = await kmeans(board, k, { seed: 1 });
  const found = adjustedRandIndex(board.labels, labels);
  console.log(name.padEnd(8), board.rows, '×', board.columns, 'adjusted Rand', found.toFixed(2));
}

// As a stream: the same rows, one chunk in memory at a time.
const whole = blobs(2000, 5, { seed: 1 });
let at = 0;
let same = true;
for await (const chunk of blobsChunks(2000, 5, { seed: 1, chunkRows: 300 }).chunks())
  for (const value of chunk.data) same &&= value === whole.data[at++];
console.log(at / 2, 'rows, the same:', same);
