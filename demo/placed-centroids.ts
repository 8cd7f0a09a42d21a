/**
 * Centroids that were placed by hand, in an address: their float32 as they are, little-endian, in base64url.
 * An address that has them gives the same run to the bit; one that cannot have them says so, and so does
 * the page that is opened with it.
 */

/** Numbers an address carries: 5 462 characters of it, which servers and messengers still take. */
export const MOST_NUMBERS = 1024;

/** In place of those that are too many, or of rows that only their file tells. */
const LEFT_OUT = 'left-out';

export function fitsAddress(centroids: Float32Array): boolean {
  return centroids.length <= MOST_NUMBERS;
}

/** @param isWhole whether an address of this run can give it back at all */
export function writeCentroids(centroids: Float32Array, isWhole: boolean): string {
  if (!isWhole || !fitsAddress(centroids)) return LEFT_OUT;
  const bytes = new DataView(new ArrayBuffer(4 * centroids.length));
  centroids.forEach((value, at) => bytes.setFloat32(4 * at, value, true));
  return btoa(String.fromCharCode(...new Uint8Array(bytes.buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** The centroids (k × columns), or a sentence that says why these are none. */
export function readCentroids(text: string, k: number, columns: number): Float32Array | string {
  if (text === LEFT_OUT)
    return (
      'The centroids of this address were placed by hand, and it has no room for them. The page ' +
      'chooses the first centroids itself: expect another result.'
    );
  const bytes = bytesOf(text);
  const wanted = `${k} × ${columns} float32 in base64url, ${4 * k * columns} bytes`;
  const instead = 'Copy the whole link again; the page chooses the first centroids itself.';
  if (bytes === null)
    return `centroids in the address are no base64url; expected ${wanted}. ${instead}`;
  if (bytes.length !== 4 * k * columns)
    return `centroids in the address have ${bytes.length} bytes; expected ${wanted}. ${instead}`;
  const view = new DataView(bytes.buffer);
  const centroids = Float32Array.from({ length: k * columns }, (_, at) =>
    view.getFloat32(4 * at, true),
  );
  return centroids.every(Number.isFinite)
    ? centroids
    : `centroids in the address have numbers that are not finite; expected ${wanted}. ${instead}`;
}

function bytesOf(text: string): Uint8Array | null {
  if (!/^[\w-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
      letter.charCodeAt(0),
    );
  } catch {
    return null; // a length that no bytes have
  }
}
