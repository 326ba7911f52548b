import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';

/**
 * Sees to it that an alarm comes every so many minutes. One that is there is left alone, since setting it anew puts it off; unless
 * it is further off than its period. Then the clock was put back since, and it would stand still until that time has come again
 * (Chromium 156).
 * @returns whether what it is for is due now: there was none, or only such a one
 */
export async function keepAlarm(name: string, periodInMinutes: number, clock: Pick<Clock, 'now'>): Promise<boolean> {
  const present = await browser.alarms.get(name);
  if (present !== undefined && present.scheduledTime - clock.now() <= periodInMinutes * 60_000) return false;
  browser.alarms.create(name, { periodInMinutes });
  return true;
}
