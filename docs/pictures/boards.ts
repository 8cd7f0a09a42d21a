/** The boards, each row in the colour of its group. */
import { blobs, gaussianBoard, moons, rings, uniformBoard, type Board } from 'centroids';
import { card, colours, dots, panelOf, sideOf, square } from './draw/draw.ts';

export async function picture(): Promise<string> {
  const shown: [string, string, number, Board][] = [
    ['uniformBoard', 'one group', 1, uniformBoard(600, { seed: 1 })],
    ['gaussianBoard', 'k spreads', 5, gaussianBoard(600, 5, { seed: 1 })],
    ['blobs', 'one spread', 5, blobs(600, 5, { seed: 1 })],
    ['moons', 'two arcs', 2, moons(600, { seed: 1 })],
    ['rings', 'k circles', 3, rings(600, 3, { seed: 1 })],
  ];
  const on = square(sideOf(shown.length), 1.1);
  return card(
    'Five kinds of test data',
    shown.map(([name, words, groups, board]) =>
      panelOf(on, [dots(on, board, board.labels, colours(groups), { size: 2.2 })], [name, words]),
    ),
  );
}
