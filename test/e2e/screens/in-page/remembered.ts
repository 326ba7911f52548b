/** What was found out of the page, for as long as it stays as it is: most of it is asked for again by all that lies within. */

const forgets: (() => void)[] = [];

/** The page has changed since it was asked. */
export function lookAnew(): void {
  for (const forget of forgets) forget();
}

/** The same function, which looks at each thing once until {@link lookAnew}. */
export function remembered<K, V>(look: (thing: K) => V): (thing: K) => V {
  const known = new Map<K, V>();
  forgets.push(() => known.clear());
  return (thing) => {
    const there = known.get(thing);
    if (there !== undefined) return there;
    const found = look(thing);
    known.set(thing, found);
    return found;
  };
}
