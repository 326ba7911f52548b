import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';

/**
 * Sees to it that an alarm comes every so many minutes. An alarm that is there is left alone, since setting it anew puts it off. One
 * that is further off than its period is set anew: the clock was put back, and the alarm would stand still until that time comes again
 * (Chromium 156).
 * @returns whether the work behind the alarm is due now: there was no alarm, or it was too far off
 */
export async function keepAlarm(name: string, periodInMinutes: number, clock: Pick<Clock, 'now'>): Promise<boolean> {
  const present = await browser.alarms.get(name);
  if (present !== undefined && present.scheduledTime - clock.now() <= periodInMinutes * 60_000) return false;
  browser.alarms.create(name, { periodInMinutes });
  return true;
}
