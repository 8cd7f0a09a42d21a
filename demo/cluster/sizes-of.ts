/** Rows in every cluster, where nobody has counted them. */
export function sizesOf(labels: Uint32Array, k: number): Uint32Array {
  const sizes = new Uint32Array(k);
  for (const label of labels) sizes[label]++;
  return sizes;
}
