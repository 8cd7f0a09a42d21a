import { blobs, Codebook, kmeans } from 'centroids';

// 128 numbers per text, as a language model returns them: similar texts have similar directions.
const embeddings = blobs(4000, 20, { columns: 128, deviation: 0.5, seed: 9 });

const topics = await kmeans(embeddings, 20, { metric: 'cosine', nInit: 5, seed: 1, margins: true });
const margins = topics.margins!;
const unsure = margins.indexOf(margins.reduce((a, b) => Math.min(a, b)));
console.log(`${topics.sizes.length} topics; text ${unsure} is nearest to being elsewhere,`);
console.log(`  with ${topics.secondLabels![unsure]} instead of ${topics.labels[unsure]}`);

// Show each topic by the text nearest to its centre.
const [centre] = [topics.centroids.data.subarray(0, 128)];
let best = { row: -1, cosine: -Infinity };
for (let row = 0; row < embeddings.rows; row++) {
  if (topics.labels[row] !== 0) continue;
  const text = embeddings.data.subarray(128 * row, 128 * (row + 1));
  const dot = text.reduce((sum, value, t) => sum + value * centre[t], 0);
  const cosine = dot / Math.hypot(...text);
  if (cosine > best.cosine) best = { row, cosine };
}
console.log(`topic 0 is best told by text ${best.row}`);

// For search: 16 bytes a text instead of 512.
const codebook = await Codebook.train(embeddings, 256, { subspaces: 16, seed: 1 });
const { codes } = await codebook.encode(embeddings);
const error = await codebook.distortion(embeddings);
console.log(`${codes.byteLength / embeddings.rows} bytes a text, distortion ${error.toFixed(2)}`);
