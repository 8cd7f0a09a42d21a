import { gaussianBoard, kmeans } from 'centroids';

const points = gaussianBoard(5000, 6, { seed: 7 });
const { labels, secondLabels, margins, centroids, hash } = await kmeans(points, 6, {
  seed: 1,
  margins: true,
});
console.log(hash === (await kmeans(points, 6, { seed: 1 })).hash); // nothing else changes

const doubtful = [...margins!.keys()].sort((a, b) => margins![a] - margins![b]).slice(0, 3);
for (const row of doubtful)
  console.log(
    `row ${row}: cluster ${labels[row]}, or ${secondLabels![row]}; margin ${margins![row].toFixed(5)}`,
  );

const row = 0;
const distance = (j: number) =>
  Math.hypot(
    points.data[2 * row] - centroids.data[2 * j],
    points.data[2 * row + 1] - centroids.data[2 * j + 1],
  );
const margin = distance(secondLabels![row]) - distance(labels[row]);
console.log(margin.toFixed(5) === margins![row].toFixed(5));

const clear = margins!.reduce((count, value) => count + (value > 0.1 ? 1 : 0), 0);
console.log(((100 * clear) / points.rows).toFixed(1), '% of the rows are clear by more than 0.1');
