/** Names by which processors pose as GPUs; not every driver flags itself as a fallback. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp/i;

/** Whether an adapter that calls itself so is a processor. */
export function isSoftware(description: string): boolean {
  return SOFTWARE.test(description);
}
