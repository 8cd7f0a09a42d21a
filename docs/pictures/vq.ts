/** What whitening does to the codes of features with different units. */
import { blobs, matrix } from 'centroids';
import { kmeans, vq, whiten, type DoubleMatrix } from 'centroids/vq';
import { card, coloursOf, discs, dots, panelOf, plane, regions, sideOf } from './draw/draw.ts';

const K = 3;

export async function picture(): Promise<string> {
  const blob = blobs(600, K, { deviation: 0.16, seed: 15 });
  // centimetres beside tonnes
  const raw = blob.data.map((x, at) => (at % 2 === 0 ? 170 + 60 * x : 5 + 3 * x));
  const columns = 2;
  const obs: DoubleMatrix = { data: Float64Array.from(raw), rows: raw.length / 2, columns };
  return card('Codes of raw and of whitened features', [
    await codesOf(obs, ['raw: the column of large numbers decides', 'cm →, t ↑']),
    await codesOf(whiten(obs), ['whitened: in standard deviations', 'both columns count']),
  ]);

  async function codesOf(observations: DoubleMatrix, caption: readonly string[]) {
    const { codebook } = await kmeans(observations, K, { seed: 1 });
    const { code } = await vq(observations, codebook);
    const points = matrix(observations.data, columns);
    const side = sideOf(2);
    const on = plane(side, 240, range(observations, 0), range(observations, 1));
    const book = matrix(codebook.data, columns);
    const colours = coloursOf(book);
    return panelOf(
      on,
      [
        await regions(on, async (places) => (await vq(places, codebook)).code, colours, 80),
        dots(on, points, code, colours, { size: 2.6 }),
        discs(on, book),
      ],
      caption,
    );
  }
}

function range({ data }: DoubleMatrix, column: 0 | 1): [number, number] {
  const values = data.filter((_, at) => at % 2 === column);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = 0.05 * (high - low);
  return [low - air, high + air];
}
