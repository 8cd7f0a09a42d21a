import { blobs, Codebook } from 'centroids';

const points = blobs(4000, 200, { columns: 8, deviation: 0.1, seed: 3 });
const { rows, columns } = points;

const plain = await Codebook.train(points, 256, { seed: 1 });
const product = await Codebook.train(points, 256, { subspaces: 4, seed: 1 });
for (const [name, codebook] of Object.entries({ plain, product })) {
  const { codes } = await codebook.encode(points);
  const error = await codebook.distortion(points);
  const bytes = codebook.save().length;
  console.log(`${name}: ${codes.byteLength / rows} bytes a row, distortion ${error.toFixed(4)},`);
  console.log(`  ${bytes} bytes as a file, ${4 * columns} bytes a row before`);
}

const { codes, distances } = await product.encode(points);
const decoded = product.decode(codes);
console.log('decoded', decoded.rows, '×', decoded.columns);

const loaded = Codebook.load(product.save());
const same = (await loaded.encode(points)).codes;
console.log('the same codes', same.join() === codes.join());

// Search the codes: a table of the query's distances, then one sum per row.
const query = points.data.subarray(0, columns);
const { data: table } = product.distanceTable(query);
const squares = Float64Array.from({ length: rows }, (_, i) => {
  let sum = 0;
  for (let s = 0; s < 4; s++) sum += table[256 * s + codes[4 * i + s]];
  return sum;
});
console.log('nearest row', squares.indexOf(squares.reduce((a, b) => Math.min(a, b))));
console.log(Math.sqrt(squares[0]).toFixed(4) === distances[0].toFixed(4));
