import { kmeans } from 'centroids';
import { labelled, matrixTable, openSource, openTable, readPoints, writeTable } from 'centroids/io';

// Input can be a path, a URL, a File from an input element, or a stream; here it is bytes.
const file = new TextEncoder().encode(`plant;mm;grams
a;10.5;2
b;11;2.25
"c; the odd one";NA;3
d;40;9.5
e;42;10
`);

const read = await readPoints(file, { id: 'plant', missing: 'label' });
console.log(read.names, read.points.rows, 'points of', read.rows, 'rows');

const { labels, margins, centroids } = await kmeans(read.points, 2, { seed: 1, margins: true });
const table = labelled(read, { cluster: labels, margin: margins! });
console.log(await new Response(writeTable(table, 'csv')).text());
console.log(await new Response(writeTable(matrixTable(centroids, read.names), 'json-lines')).text());

// To Parquet and back, reading one column.
const parquet = await new Response(writeTable(table, 'parquet')).blob();
const { columns, rows } = await openTable(parquet);
console.log(rows, 'rows:', columns.map(({ name, type }) => `${name} ${type}`).join(', '));

// Out of core: one chunk in memory at a time, in as many passes as you like.
const source = await openSource(parquet, { columns: ['grams'] });
for await (const chunk of source.chunks()) console.log(chunk.rows, 'points', chunk.data.join(' '));

// Errors name file, row and column.
const wrong = new TextEncoder().encode('x,y\n1,2\n3,four\n');
await readPoints(wrong, { name: 'wrong.csv', columns: ['x', 'y'] }).catch((error: Error) => {
  console.log(error.message);
});
