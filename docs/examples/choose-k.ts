import { blobs, chooseK, uniformBoard } from 'centroids';

const points = blobs(600, 5, { deviation: 0.07, seed: 6 });
const { k, clear, votes, scores, explanation } = await chooseK(points, { kMax: 8, seed: 1 });
console.log(k, clear);
console.log(explanation);
for (const [criterion, vote] of Object.entries(votes)) console.log(criterion.padEnd(17), vote);

const at5 = scores.find((score) => score.k === 5)!;
console.log('silhouette', at5.silhouette!.toFixed(3), 'gap', at5.gap!.toFixed(3));

const noise = await chooseK(uniformBoard(600, { seed: 6 }), { kMax: 8, seed: 1 });
console.log(noise.k, noise.clear);
console.log(noise.explanation);
