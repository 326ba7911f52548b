/**
 * Sets a value as the newest of its map; where there are more than `most` then, the oldest tenth is forgotten: what others fill cannot
 * grow without end.
 */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  // Many at once: one by one, each walk to the oldest goes over the holes of those before it (80 µs in 50,000, Node 20.20).
  let tooMany = Math.ceil(most / 10);
  for (const [oldest] of map) {
    map.delete(oldest);
    tooMany -= 1;
    if (tooMany === 0) return;
  }
}
