import { createBackend, kindFacts } from '../backends/kinds';
import { serve } from '../messaging/serve';
import { browser } from '../platform/browser';
import { systemClock } from '../platform/clock';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { closeStorageToContentScripts } from '../platform/storage-access';
import { isPortalOrigin } from '../portals';
import { onPolicyChanged } from '../storage/settings';
import { speak } from '../words/words';
import { keepAlarm } from './standing-alarm';
import { CHANGES_ALARM, CHECKS_ALARM, HISTORY_ALARM } from './wakefulness';
import { createWorker } from './worker';

// All listeners are set in the first turn of the worker: an event that starts it finds only those.

const PRUNE_ALARM = 'prune';
const PRUNE_EVERY_MINUTES = 24 * 60;

speak(browserCatalogue);
const worker = createWorker({ clock: systemClock, log: consoleLog, createBackend, kinds: kindFacts() });

const report = (what: string) => (cause: unknown) => consoleLog.error(what, cause);

serve(
  worker.handlers,
  async () => {
    const { portals } = await worker.settings();
    return (origin) => isPortalOrigin(origin, portals);
  },
  consoleLog,
);

browser.runtime.onInstalled.addListener(({ reason }) => {
  worker.settle().catch(report('Open pages could not be served anew'));
  if (reason !== 'install') return;
  browser.tabs
    .create({ url: browser.runtime.getURL('src/options/index.html#welcome') })
    .catch(report('The first page could not be opened'));
});

browser.runtime.onStartup.addListener(() => {
  worker.settle().catch(report('Open pages could not be served'));
});

browser.alarms.onAlarm.addListener(({ name }) => {
  if (name === CHANGES_ALARM) void worker.engine.run();
  if (name === CHECKS_ALARM) void worker.checks.run();
  if (name === HISTORY_ALARM) void worker.updateHistory();
  if (name === PRUNE_ALARM) worker.prune().catch(report('Old rows could not be removed'));
});

// A panel learns from its port that this worker has ended. The port carries no message and gives nobody anything.
browser.runtime.onConnect.addListener(() => undefined);

browser.windows.onRemoved.addListener((windowId) => {
  worker.confirmWindows.closed(windowId).catch(report('What a window was about could not be forgotten'));
});

browser.permissions.onAdded.addListener(() => {
  // A portal or a backend that was withheld can be reached now.
  worker.settle().catch(report('Open pages could not be served anew'));
  void worker.engine.run();
});

browser.permissions.onRemoved.addListener(worker.announcer.badge);

onPolicyChanged(async (before) => {
  await worker.followSettings(before);
  void worker.engine.run();
}, report('A change of policy could not be followed'));

keepPruning().catch(report('Old rows will not be removed by themselves'));
closeStorageToContentScripts().catch(report('The storage could not be closed to content scripts'));
// Whatever started the worker, it takes up changes and checks that an earlier worker left open.
void worker.engine.run();
void worker.checks.run();
void worker.updateHistory();
worker.tellUntold().catch(report('What an earlier worker had not told could not be told'));

/** Firefox keeps no alarms when it closes (MDN, alarms): where there was none, the last time may be long ago. */
async function keepPruning(): Promise<void> {
  if (await keepAlarm(PRUNE_ALARM, PRUNE_EVERY_MINUTES, systemClock)) await worker.prune();
}
