import { defineConfig } from 'vitest/config';
// Vitest 5 prints failures with Map.groupBy, which Node 20 lacks.
Map.groupBy ??= function <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K) {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};
export default defineConfig({ test: { testTimeout: 60000 } });
