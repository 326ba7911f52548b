import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { pauses } from '../ui/pause';

/** What came of the work. `isCurrent`: of the parts that there are now; else of those before. */
export interface Sliced<T> {
  readonly value: T;
  readonly isCurrent: boolean;
}

/**
 * What long work makes of its parts, slice by slice, so that keys are answered meanwhile. Null until it was done once; then what was
 * made last, until the next is whole. One runs at a time and to its end: parts that become others all the while keep nothing from
 * being shown.
 * @param make awaits `pause` between its slices, which throws once nobody wants it any more
 * @param parts when one of them is another, it is made anew
 */
export function useSliced<T>(
  make: (pause: () => Promise<void>) => Promise<T>,
  parts: readonly unknown[],
): Sliced<T> | null {
  const work = useMemo(() => ({ make }), parts);
  const newest = useRef(work);
  newest.current = work;
  const [made, setMade] = useState<{ readonly by: typeof work; readonly value: T } | null>(null);
  const isRunning = useRef(false);
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);
  useEffect(() => {
    if (isRunning.current) return;
    isRunning.current = true;
    const { signal } = ended.current;
    const pause = pauses(signal);
    const run = async () => {
      for (let by = null; by !== newest.current; ) {
        by = newest.current;
        const value = await by.make(pause);
        signal.throwIfAborted();
        setMade({ by, value });
      }
      isRunning.current = false;
    };
    run().catch((cause: unknown) => {
      // As if it had been thrown while it was drawn: whoever draws it decides.
      if (!signal.aborted)
        setMade(() => {
          throw cause;
        });
    });
  }, [work]);
  return made && { value: made.value, isCurrent: made.by === work };
}
