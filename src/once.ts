/**
 * What only some calls need is loaded with the first of them and kept; after a failure it is tried
 * again. An `import()` of what is there already still takes longer than some whole problems do.
 */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = null;
      throw error;
    });
    return loaded;
  };
}
