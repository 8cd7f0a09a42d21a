/** The fewest colours that are enough. */

/**
 * The smallest k from `least` to `most` with `enough(k)`, where that does not change back as k grows:
 * found by doubling, then by halving the span. `most` where nothing is enough.
 */
export async function fewest(
  least: number,
  most: number,
  enough: (k: number) => Promise<boolean>,
): Promise<number> {
  let low = least - 1;
  let high = least;
  while (high < most && !(await enough(high))) {
    low = high;
    high = Math.min(most, 2 * high);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
