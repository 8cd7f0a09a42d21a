/** The rows of a lane in spatial order, in calls that are short. */
import { call, type Lane, type Step } from './lane.ts';

/** Numbers that ordering looks at in a call, some nine times each in all. */
const ORDER_WORK = 2 ** 23;

/**
 * Orders the rows after `open`, which may find that they are.
 * @param signal asked between calls
 * @throws the signal's reason
 */
export async function orderRows(lane: Lane, open: Step, signal?: AbortSignal): Promise<void> {
  const goOn = call('order', ORDER_WORK);
  for (let [, more] = await lane.run([open, goOn]); more !== 0; [more] = await lane.run([goOn]))
    signal?.throwIfAborted();
}
