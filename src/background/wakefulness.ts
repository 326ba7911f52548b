import { browser } from '../platform/browser';
import type { Wakefulness } from './engine';

export const CHANGES_ALARM = 'changes';

// A worker that only fetches and waits on timers is ended after 30 s; a call of the extension API starts that time anew.
const TOUCH_EVERY_MS = 20_000;
const ALARM_EVERY_MINUTES = 0.5;

export const wakefulness: Wakefulness = {
  async changesOpen() {
    // Creating it again would push the next one further away.
    if ((await browser.alarms.get(CHANGES_ALARM)) !== undefined) return;
    browser.alarms.create(CHANGES_ALARM, { periodInMinutes: ALARM_EVERY_MINUTES });
  },
  async allEnded() {
    await browser.alarms.clear(CHANGES_ALARM);
  },
  onTheWire(signal) {
    const touch = setInterval(() => void browser.runtime.getPlatformInfo(), TOUCH_EVERY_MS);
    signal.addEventListener('abort', () => clearInterval(touch), { once: true });
  },
};
