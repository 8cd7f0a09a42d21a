/** Codes of a plain codebook and of a product; and what codes of more bytes lose. */
import { blobs, Codebook, type Matrix } from 'centroids';
import {
  BLUE,
  card,
  chart,
  coloursOf,
  curve,
  discs,
  dots,
  label,
  panelOf,
  RED,
  regions,
  sideOf,
  square,
} from './draw/draw.ts';

const BITS = [2, 3, 4, 5, 6, 7, 8];

export async function picture(): Promise<string> {
  const board = blobs(1200, 9, { deviation: 0.12, seed: 6 });
  const on = square(sideOf(3), 1.25);
  const plain = await Codebook.train(board, 16, { seed: 1 });
  const product = await Codebook.train(board, 4, { seed: 1, subspaces: 2 });
  const all = product.decode(Array.from({ length: 32 }, (_, i) => (i % 2 ? i >> 3 : (i >> 1) & 3)));
  const codes = [
    await panelOfCodes(plain, plain.centroids[0], ['16 codes', '4 bits per row']),
    await panelOfCodes(product, all, ['2 subspaces of 4 codes', '2 × 2 bits per row']),
  ];

  const wide = blobs(1500, 100, { columns: 8, deviation: 0.1, seed: 3 });
  const losses = async (subspaces: number): Promise<[number, number][]> => {
    const found: [number, number][] = [];
    for (const bits of BITS) {
      const book = await Codebook.train(wide, 2 ** bits, { seed: 1, subspaces });
      found.push([subspaces * bits, await book.distortion(wide)]);
    }
    return found;
  };
  const [one, two, four] = [await losses(1), await losses(2), await losses(4)];
  const loss = chart({
    width: sideOf(3),
    height: sideOf(3) + 34,
    x: [0, 33],
    y: [0.006, 3],
    log: 'y',
    ticks: [5, 3],
    title: 'distortion, 8 columns',
    xTitle: 'bits per row (points: 256)',
    body: (x, y) => [
      curve(one, x, y, BLUE),
      curve(two, x, y, RED),
      curve(four, x, y, '#009e73'),
      label('1', x(9), y(one[6][1]) + 4, BLUE, 'start'),
      label('2', x(17), y(two[6][1]) + 4, RED, 'start'),
      label('4 subspaces', x(32), y(four[0][1]) + 4, '#00785a', 'end'),
    ],
  });
  return card('Plain and product codes', [...codes, loss]);

  async function panelOfCodes(book: Codebook, centroids: Matrix, caption: readonly string[]) {
    const colours = coloursOf(centroids);
    /** One number a row of codes. */
    const number = async (points: Matrix) => {
      const { codes } = await book.encode(points);
      return Uint32Array.from({ length: points.rows }, (_, i) =>
        book.subspaces === 1 ? codes[i] : codes[2 * i] + 4 * codes[2 * i + 1],
      );
    };
    return panelOf(
      on,
      [
        await regions(on, number, colours, 80),
        dots(on, board, await number(board), colours, { every: 2 }),
        discs(on, centroids, { r: 3.5 }),
      ],
      caption,
    );
  }
}
