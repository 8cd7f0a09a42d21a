/**
 * A codebook as bytes. Kept are the centroids on their grid and the grid's frame (grid.ts), not
 * rounded coordinates: so a codebook that is read back gives the same codes to the bit.
 *
 * Version 1, little-endian, without gaps; w = columns / m.
 *
 *   offset  type     what
 *        0  8 × u8   "centbook" in ASCII
 *        8  u32      version: 1
 *       12  u32      columns of a row
 *       16  u32      m, subspaces: a divisor of columns; 1 for a plain codebook
 *       20  u32      k, codes of each subspace
 *       24  u32      1 where columns are scaled (whiten), otherwise 0
 *       28           m times, one subspace after the other:
 *           i32      exponent e, −1000 to 1000
 *           w × f64  centre of each column
 *           w × f64  scale of each column, above 0; only where columns are scaled
 *           k·w × f32  centroids y, row-major, −1 to 1; coordinates are (y · 2^e + centre) · scale
 *      end  u32      CRC-32 of all bytes before it, as in zlib and PNG
 *
 * A reader looks at the length first: nothing is allocated that the bytes do not account for.
 */
import { crc32 } from '../crc32.ts';
import { refuse } from '../errors.ts';
import type { Model } from '../predict.ts';

const MAGIC = 'centbook';
const VERSION = 1;
const HEADER_BYTES = 28;
const CHECKSUM_BYTES = 4;
const MOST_EXPONENT = 1000;

interface Sizes {
  columns: number;
  subspaces: number;
  k: number;
  scaled: boolean;
}

function bytesOf({ columns, subspaces, k, scaled }: Sizes): number {
  const perColumn = 8 + (scaled ? 8 : 0) + 4 * k;
  return HEADER_BYTES + 4 * subspaces + columns * perColumn + CHECKSUM_BYTES;
}

/** Models of all subspaces, alike in columns and k. */
export function pack(models: readonly Model[]): Uint8Array {
  const [{ frame, k }] = models;
  const columns = models.length * frame.columns;
  const scaled = frame.scale !== null;
  const bytes = new Uint8Array(bytesOf({ columns, subspaces: models.length, k, scaled }));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  [VERSION, columns, models.length, k, scaled ? 1 : 0].forEach((word, i) =>
    view.setUint32(8 + 4 * i, word, true),
  );
  let at = HEADER_BYTES;
  const doubles = (values: Float64Array) => {
    for (const value of values) view.setFloat64((at += 8) - 8, value, true);
  };
  for (const { frame, centroids } of models) {
    view.setInt32((at += 4) - 4, frame.exponent, true);
    doubles(frame.centre);
    if (frame.scale) doubles(frame.scale);
    for (const value of centroids) view.setFloat32((at += 4) - 4, value, true);
  }
  view.setUint32(at, crc32(bytes, 0, at), true);
  return bytes;
}

/** The models that {@link pack} was given. @throws InvalidInputError on anything else */
export function unpack(bytes: Uint8Array): Model[] {
  const { columns, subspaces, k, scaled } = judgeFrame(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = columns / subspaces;
  let at = HEADER_BYTES;
  const doubles = () =>
    Float64Array.from({ length: width }, () => view.getFloat64((at += 8) - 8, true));
  return Array.from({ length: subspaces }, (_, s) => {
    const exponent = view.getInt32((at += 4) - 4, true);
    const centre = doubles();
    const scale = scaled ? doubles() : null;
    const centroids = Float32Array.from({ length: k * width }, () =>
      view.getFloat32((at += 4) - 4, true),
    );
    const where = `bytes (subspace ${s})`;
    judge(`exponent of ${where}`, exponent, Math.abs(exponent) <= MOST_EXPONENT, EXPONENTS);
    for (const [t, x] of centre.entries())
      judge(`centre of column ${t} of ${where}`, x, Number.isFinite(x), 'a finite number');
    for (const [t, x] of scale?.entries() ?? [])
      judge(
        `scale of column ${t} of ${where}`,
        x,
        x > 0 && x < Infinity,
        'a finite number above 0',
      );
    for (const [i, y] of centroids.entries())
      judge(`centroid value ${i} of ${where}`, y, y >= -1 && y <= 1, 'a number from −1 to 1');
    return { frame: { columns: width, centre, scale, exponent }, centroids, k };
  });
}

const EXPONENTS = `a whole number from −${MOST_EXPONENT} to ${MOST_EXPONENT}`;
const DAMAGED = 'The file is cut short or damaged: copy it again, or save the codebook again.';

function judge(name: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) refuse(name, value, expected, DAMAGED);
}

/** Everything but the numbers themselves: that the bytes are a codebook, whole and unharmed. */
function judgeFrame(bytes: Uint8Array): Sizes {
  if (!(bytes instanceof Uint8Array))
    refuse('bytes', bytes, 'a Uint8Array', 'Wrap an ArrayBuffer: new Uint8Array(buffer).');
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (!MAGIC.startsWith(magic))
    refuse(
      'the beginning of bytes',
      magic.replace(/[^ -~]/g, '?'),
      `'${MAGIC}'`,
      'Pass the bytes that save() of a codebook returned.',
    );
  const least = bytesOf({ columns: 1, subspaces: 1, k: 1, scaled: false });
  judge('bytes.length', bytes.length, bytes.length >= least, `at least ${least}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, columns, subspaces, k, scaled] = [8, 12, 16, 20, 24].map((at) =>
    view.getUint32(at, true),
  );
  if (version > VERSION)
    refuse(
      'the version of bytes',
      version,
      `at most ${VERSION}`,
      'Update centroids: this file was saved by a newer release.',
    );
  judge('the version of bytes', version, version === VERSION, `${VERSION}`);
  judge('columns of bytes', columns, columns > 0, 'at least 1');
  const divides = subspaces > 0 && columns % subspaces === 0;
  judge('subspaces of bytes', subspaces, divides, `a divisor of ${columns} (its columns)`);
  judge('k of bytes', k, k > 0, 'at least 1');
  judge('the scaled flag of bytes', scaled, scaled <= 1, '0 or 1');
  const sizes = { columns, subspaces, k, scaled: scaled === 1 };
  const size = bytesOf(sizes);
  judge('bytes.length', bytes.length, bytes.length === size, `${size}, by the sizes in its header`);
  const end = bytes.length - CHECKSUM_BYTES;
  const sum = crc32(bytes, 0, end);
  const noted = view.getUint32(end, true);
  judge('the checksum of bytes', sum, sum === noted, `${noted}, as noted at its end`);
  return sizes;
}
