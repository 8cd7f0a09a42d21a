/** Code that is loaded when it is first wanted. */
export interface Once<T> {
  (): Promise<T>;
  /** What came of it, if anybody has asked. */
  made?: Promise<T>;
}

/** `make` once, whoever asks; where that fails, whoever asks next tries again. */
export function once<T>(make: () => Promise<T>): Once<T> {
  const get: Once<T> = () =>
    (get.made ??= make().catch((error: unknown) => {
      delete get.made;
      throw error;
    }));
  return get;
}
