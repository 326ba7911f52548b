/** The way to a backend: what left, oldest first, and how much was under way at once. */
export function createFakeWire() {
  const requests: string[] = [];
  const wire = { now: 0, most: 0 };
  return {
    requests,
    wire,
    async onTheWire<T>(request: string, work: () => Promise<T>): Promise<T> {
      requests.push(request);
      wire.now += 1;
      wire.most = Math.max(wire.most, wire.now);
      try {
        return await work();
      } finally {
        wire.now -= 1;
      }
    },
  };
}
