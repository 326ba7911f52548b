import { render } from 'preact';
import { DEFAULT_DOCK, type Dock, nextCorner } from '../domain/dock';
import type { SubscriptionId } from '../domain/subscription';
import { CallError, call, isGone } from '../messaging/call';
import type { PanelStart, PanelWords, Push, ShownPage } from '../messaging/protocol';
import { browser, type Runtime } from '../platform/browser';
import baseStyles from '../ui/base.css?inline';
import { formatTime } from '../ui/format';
import { Notice } from '../ui/notice';
import { watchWorker } from '../messaging/watch-worker';
import { OnPageContext } from '../ui/on-page';
import { gone, noStart } from '../words/en/panel.json';
import { speakIn, t } from '../words/words';
import { left, panelIsHere } from './markers';
import { mayFold } from './folding';
import { type Mounted, mountPanel } from './mount';
import { Panel } from './panel';
import panelStyles from './panel.css?inline';
import { type PanelController, type PanelNews, runPanel } from './panel-controller';
import type { Shown } from './panel-state';
import type { Place } from './placement';
import type { Sureness } from './seeing';
import { watchAddress } from './watch-address';

const STYLES = baseStyles + panelStyles;
const LOOK_WHETHER_GONE_MS = 1000;
/** The worker may learn a tab's new address a moment after the page; in 60 tries Chromium 156 and Firefox 153 never were late. */
const ADDRESS_FOLLOWS_MS = 50;
const ADDRESS_FOLLOWS_WITHIN = 40;
/** A panel that has nothing to say yet waits so long before it shows: what stands below it then moves once and not twice. */
const SHOWS_WITHIN_MS = 300;

/** What a panel can say that got no words from the worker, by the sentences' names. */
const WITHOUT_WORKER: Readonly<Partial<Record<string, string>>> = {
  panel_gone: gone,
  panel_noStart: noStart,
};

/** The panel of one subscription's page. */
interface OpenPanel {
  readonly subscriptionId: SubscriptionId;
  readonly controller: AbortController;
  /** One a region. */
  readonly regions: readonly PanelController[];
  readonly push: (push: Push) => void;
}

/** Whether the worker has answered this script, which then has its words. */
let heardWorker = false;

// Injected again, the script finds the panel that is here.
if (!panelIsHere()) {
  speakIn({ language: 'en', locale: 'en', direction: 'ltr' }, (id) => WITHOUT_WORKER[id] ?? '');
  start();
}

/** Follows the page's address and the worker's pushes, and opens and closes the one panel accordingly. */
function start(): void {
  const script = new AbortController();
  const { signal } = script;
  left.panel = signal;
  let open: OpenPanel | null = null;
  /** While there is nothing but that to show. */
  let saying: AbortController | null = null;

  function follow(address: string): void {
    // Whatever it is now: a panel does not wait on another subscription's page for the worker to say so.
    if (open !== null && !mayShow(address, open.subscriptionId)) close();
    look(address).catch((cause: unknown) => {
      if (!(cause instanceof CallError) || heardWorker) {
        script.abort();
        throw cause;
      }
      say('panel.noStart');
    });
  }

  /** Has the worker recognise the page. An answer that comes when the page is elsewhere is dropped: that address has a look of its own. */
  async function look(address: string): Promise<void> {
    for (let times = 0; times < ADDRESS_FOLLOWS_WITHIN; times += 1) {
      const answer = await recognised();
      if (signal.aborted || location.href !== address) return;
      // A script without its extension shows nothing new; what it shows already says that the page is to be reloaded.
      if (answer === 'gone') return showGone();
      if (answer !== null) hearWords(answer.words);
      if (answer === null || answer.address === address) return show(answer?.page ?? null);
      await new Promise((resolve) => setTimeout(resolve, ADDRESS_FOLLOWS_MS));
    }
  }

  function show(page: ShownPage | null): void {
    saying?.abort();
    if (page?.subscriptionId === open?.subscriptionId) return;
    close();
    if (page !== null) open = openPanel(page, () => script.abort(), startAnew);
  }

  function close(): void {
    open?.controller.abort();
    open = null;
  }

  function startAnew(): void {
    script.abort();
    start();
  }

  function showGone(): void {
    if (open !== null) for (const region of open.regions) region.endAsGone();
    else if (heardWorker) script.abort();
    else say('panel.gone');
  }

  function say(sentence: 'panel.gone' | 'panel.noStart'): void {
    saying ??= sayWithoutWorker(sentence);
  }

  function take(push: Push): void {
    if (push.push === 'portals') follow(location.href);
    else open?.push(push);
  }

  // What the worker pushed meanwhile never arrived, and what it was asked was never answered: nothing known counts.
  window.addEventListener(
    'pageshow',
    ({ persisted }) => {
      if (!persisted) return;
      if (isGone()) showGone();
      else startAnew();
    },
    { signal },
  );
  const listener = (message: unknown, sender: Runtime.MessageSender): undefined => {
    if (sender.id === browser.runtime.id && isPush(message)) take(message);
  };
  browser.runtime.onMessage.addListener(listener);
  const watch = watchAddress(follow);
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && isGone()) showGone();
  }, LOOK_WHETHER_GONE_MS);
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') for (const region of open?.regions ?? []) region.refresh();
    },
    { signal },
  );
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(timer);
      watch.stop();
      open?.controller.abort();
      saying?.abort();
      if (!isGone()) browser.runtime.onMessage.removeListener(listener);
    },
    { once: true },
  );
  watch.look();
  // The first format of dates that a page makes takes the browser 25 ms (Chromium 156): now, while the worker is asked.
  formatTime(0);
}

function hearWords({ sentences, writing }: PanelWords): void {
  if (heardWorker) return;
  heardWorker = true;
  speakIn(writing, (id) => sentences[id] ?? '');
}

/** The worker put this script here and then does not answer it: the person, who waits for a panel, is shown that. */
function sayWithoutWorker(sentence: 'panel.gone' | 'panel.noStart'): AbortController {
  const controller = new AbortController();
  const { signal } = controller;
  const end = () => controller.abort();
  const mounting = { ...DEFAULT_DOCK, selectors: [], styles: STYLES, onReplaced: end, onReopened: end };
  const { surface } = mountPanel({ ...mounting, onChange: () => undefined }, signal);
  const said = (
    <Notice role="alert" tone="warn">
      {t(sentence)}
    </Notice>
  );
  render(<section class="panel panel-docked card">{said}</section>, surface);
  signal.addEventListener('abort', () => render(null, surface), { once: true });
  return controller;
}

/** What the worker recognises in this tab; null when its portal is not served. */
async function recognised(): Promise<PanelStart | 'gone' | null> {
  try {
    // A worker that ended in the middle starts again.
    return await call('panel.start', {}).catch(() => call('panel.start', {}));
  } catch (cause) {
    if (!(cause instanceof CallError)) throw cause;
    if (cause.problem === 'gone') return 'gone';
    if (cause.problem === 'notAllowed') return null;
    throw cause;
  }
}

/** Whether an address may still be that subscription's: it names it, in whatever spelling. */
function mayShow(address: string, subscriptionId: SubscriptionId): boolean {
  try {
    return decodeURIComponent(address).toLowerCase().includes(subscriptionId);
  } catch {
    // What cannot be decoded is judged by the worker alone.
    return false;
  }
}

function openPanel(page: ShownPage, onReplaced: () => void, onReopened: () => void): OpenPanel {
  const { subscriptionId, anchors } = page;
  const controller = new AbortController();
  const { signal } = controller;
  let { dock } = page;
  let stand: { readonly place: Place; readonly sureness: Sureness } | null = null;
  let record: PanelNews | null = null;
  let link: PanelNews | null = null;
  let hasLink = false;
  let mounted: Mounted | null = null;

  /** The record, and below it the link: each where there is anything of it. */
  function draw(): void {
    if (record === null || stand === null || mounted === null) return;
    const both = { ...stand, dock, onFold: fold, onMove: move };
    hasLink = link !== null && tellsOfLink(link.shown, record.shown, hasLink);
    // Without a service the record is nobody's: the link says all that there is to say.
    const isAlone = hasLink && record.shown.state === 'notConfigured' && !record.shown.unread;
    const linkRegion = hasLink && link !== null && <Panel {...link} {...both} about="link" below={!isAlone} />;
    const panel = isAlone ? (
      linkRegion
    ) : (
      <Panel {...record} {...both} about="record" below={false} mayFoldBelow={link === null || mayFold(link.shown)}>
        {linkRegion}
      </Panel>
    );
    render(<OnPageContext.Provider value={mounted.onPage}>{panel}</OnPageContext.Provider>, mounted.surface);
  }

  function mount(): void {
    clearTimeout(mountTimer);
    const mounting = {
      selectors: anchors,
      styles: STYLES,
      corner: dock.corner,
      onChange(place: Place, sureness: Sureness) {
        stand = { place, sureness };
        draw();
      },
      onReplaced,
      onReopened,
    };
    mounted ??= mountPanel(mounting, signal);
    draw();
  }

  function keep(next: Dock): void {
    dock = next;
    draw();
    call('panel.dock', { dock }).catch((cause: unknown) => {
      // It is as the person wants it here; the next page begins as they left it before.
      if (!(cause instanceof CallError)) throw cause;
    });
  }
  const fold = (folded: boolean) => keep({ ...dock, folded });
  function move(): void {
    const corner = nextCorner(dock.corner);
    mounted?.dockIn(corner);
    keep({ ...dock, corner });
  }

  const mountTimer = setTimeout(mount, SHOWS_WITHIN_MS);
  // One for the panel, whatever it has in it: each is a port to the worker.
  const watch = watchWorker((idle) => {
    for (const region of regions) region.workerEnded(idle);
  }, signal);
  const regions: readonly PanelController[] = [
    runPanel(
      'record',
      subscriptionId,
      (next) => {
        const wasWithheld = record?.shown.state === 'withheld';
        record = next;
        // What the person asked for by a press is for the link too.
        if (wasWithheld && next.shown.state !== 'withheld') regions[1]?.push({ push: 'connection' });
        // Whether there is a link in its place is told in a moment.
        const waits = next.shown.state === 'notConfigured' && (link === null || link.shown.state === 'reading');
        if (mounted === null && next.shown.state !== 'reading' && !waits) mount();
        else draw();
      },
      watch,
      signal,
    ),
    runPanel(
      'link',
      subscriptionId,
      (next) => {
        link = next;
        if (mounted === null && record?.shown.state === 'notConfigured' && next.shown.state !== 'reading') mount();
        else draw();
      },
      watch,
      signal,
    ),
  ];
  function push(news: Push): void {
    watch.heard();
    for (const region of regions) region.push(news);
  }
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(mountTimer);
      if (mounted !== null) render(null, mounted.surface);
    },
    { once: true },
  );
  return { subscriptionId, controller, regions, push };
}

/**
 * Whether there is anything of a link on the page. What keeps all of the panel from its work, the record's region says.
 * @param told there was until now
 */
function tellsOfLink(link: Shown, record: Shown, told: boolean): boolean {
  switch (link.state) {
    case 'read':
      return true;
    case 'unread':
      return link.link !== null || told;
    case 'reading':
      return told || record.state === 'notConfigured';
    case 'withheld':
      return record.state !== 'withheld';
    case 'absent':
    case 'gone':
    case 'notConfigured':
      return false;
  }
}

/** Only the worker sends messages here. */
function isPush(message: unknown): message is Push {
  return typeof message === 'object' && message !== null && 'push' in message;
}
