import type { Page } from 'playwright-core';

/** What a page's main thread did between two marks of its own. In milliseconds of the processor's time. */
export interface ThreadWork {
  /** The longest task: no key is answered in it. */
  readonly longestTask: number;
  /** All tasks together. */
  readonly all: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds. */
  readonly ts: number;
  /** How much of the processor it had, in microseconds. */
  readonly tdur?: number;
}

/**
 * Has Chromium tell what the page's main thread does until the work is done, which marks in the page (`performance.mark`) where it
 * begins and where it ends. A task is told by the time that it had the processor (Chromium 156, `tdur`), not by the time that passed: whatever
 * else a machine has to do does not make it longer, and what holds up the page by itself does.
 */
export async function threadWork(
  page: Page,
  marks: { readonly begins: string; readonly ends: string },
  work: () => Promise<unknown>,
): Promise<ThreadWork> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['blink.user_timing', 'disabled-by-default-devtools.timeline'] },
  });
  try {
    await work();
    // The page may answer within the task that sets the last mark (Chromium 156): a trace that ends within a task tells no time of it.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  } finally {
    const told = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await told;
    await session.detach();
  }
  const begun = events.findLast(({ name }) => name === marks.begins);
  const ended = events.findLast(({ name }) => name === marks.ends);
  if (begun === undefined || ended === undefined) throw new Error('The page marked no beginning, or no end');
  const tasks = events.filter(
    ({ name, pid, tid, ts }) =>
      name === 'RunTask' && pid === begun.pid && tid === begun.tid && ts > begun.ts && ts < ended.ts,
  );
  const took = tasks.map(({ tdur }) => {
    if (tdur === undefined) throw new Error('The browser did not tell the processor’s time of a task');
    return tdur / 1000;
  });
  return { longestTask: Math.max(0, ...took), all: took.reduce((sum, one) => sum + one, 0) };
}
