/**
 * What Node 20 lacks of what the test runner uses. Imported first by vite.config.ts; goes when Node 22
 * is the oldest supported.
 */

/** Vitest 5 groups failures with it before printing them (Node has it from 21 on). */
function groupBy<Key, Item>(items: Iterable<Item>, keyOf: (item: Item, index: number) => Key) {
  const groups = new Map<Key, Item[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

if (!('groupBy' in Map)) Object.defineProperty(Map, 'groupBy', { value: groupBy, writable: true });
