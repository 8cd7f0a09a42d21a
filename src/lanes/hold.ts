/** Rows brought to lanes: of points that have been laid on the grid before, or that are to be. */
import { powerOfTwo, SUM_BITS, type GridFacts } from '../grid.ts';
import type { Rows } from '../matrix.ts';
import { give, write } from './lane.ts';
import { Team, type Shard, type TeamOptions } from './team.ts';

/**
 * A team that holds points; whoever asks for it disposes it.
 * @throws EngineUnavailableError where WebAssembly or SIMD is missing; OutOfMemoryError
 */
export async function holdOnLanes(
  grid: GridFacts,
  values: () => Promise<Float32Array>,
  options: Pick<TeamOptions, 'k' | 'threads' | 'workers' | 'worker' | 'signal'>,
): Promise<Team> {
  const { rows, columns, weights } = grid;
  const weighted = weights !== null;
  const team = await Team.open({ ...options, rows, columns, weighted, numberBytes: 4 });
  try {
    await bringLaid(team, grid, await values());
    return team;
  } catch (error) {
    team.dispose();
    throw error;
  }
}

/** Laid points into a team of their size. */
export async function bringLaid(
  team: Team,
  { rows, columns, weights, columnExponents }: GridFacts,
  values: Float32Array,
): Promise<void> {
  const steps = Float32Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e));
  await team.each(async (shard) => {
    const { lane, first, rows: own, at } = shard;
    await lane.run([
      write(at.sumStepsAt, steps),
      ...(weights ? [give(at.weightsAt, weights.slice(first, first + own))] : []),
    ]);
    await bring({ data: values, rows, columns }, shard, false);
  });
}

/** Bytes of a piece. */
const PIECE_BYTES = 2 ** 20;

/** A shard's rows into its lane, as float32 or `wide`. */
export async function bring({ data, columns }: Rows, shard: Shard, wide: boolean): Promise<void> {
  const { lane, at } = shard;
  const Numbers = wide ? Float64Array : Float32Array;
  const bytes = Numbers.BYTES_PER_ELEMENT;
  const asTheyAre = data instanceof Numbers;
  const shared = !(data.buffer instanceof ArrayBuffer);
  const count = shard.rows * columns;
  const inPiece = PIECE_BYTES / bytes;
  let buffer = new ArrayBuffer(0);
  for (let from = 0; from < count; from += inPiece) {
    const start = shard.first * columns + from;
    const piece = data.subarray(start, start + Math.min(inPiece, count - from));
    const address = at.pointsAt + bytes * from;
    if (asTheyAre && (lane.near || shared)) await lane.run([write(address, piece)]);
    else {
      if (buffer.byteLength === 0) buffer = new ArrayBuffer(bytes * piece.length);
      const copy = new Numbers(buffer, 0, piece.length);
      copy.set(piece);
      [buffer] = (await lane.run([give(address, copy)])) as [ArrayBuffer];
    }
  }
}
