/**
 * Sets a value as the newest of its map, and forgets the oldest beyond `most` of them: what somebody else fills cannot grow without
 * end.
 */
export function setNewest<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const [oldest] of map) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
