import type { ConfirmOpenAnswer, PanelWords } from '../../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../../messaging/serve';
import { browser } from '../../platform/browser';
import type { Clock } from '../../platform/clock';
import type { Log } from '../../platform/log';
import { anchorsFor, recognise, type SubscriptionPage } from '../../portals';
import { readDock, writeDock } from '../../storage/docks';
import { notePlace } from '../../storage/places';
import type { Settings } from '../../domain/settings';
import type { SubscriptionId } from '../../domain/subscription';
import type { ConfirmWindows } from '../confirm-window';
import type { Links } from '../links';
import type { MessageScope } from '../message-scope';
import type { PortalLimits } from '../portal-limits';
import { injectPanel } from '../portal-tabs';
import { visitOptions } from '../sign-in-visit';
import type { Subscriptions } from '../subscriptions';

export interface PanelParts {
  readonly scope: MessageScope;
  readonly settings: () => Promise<Settings>;
  readonly limits: PortalLimits;
  readonly confirmWindows: ConfirmWindows;
  readonly subscriptions: Pick<Subscriptions, 'readAhead'>;
  readonly links: Pick<Links, 'placeFor'>;
  /** What panels say. */
  readonly words: () => PanelWords;
  readonly clock: Clock;
  readonly log: Log;
}

type PanelMessage =
  | 'page.seen'
  | 'manyChanges.seen'
  | 'options.open'
  | Extract<keyof Handlers, `panel.${string}` | `confirm.open${string}` | 'confirm.underWay'>;

/** What portals' pages and panels lead to: the panel itself, its place, and windows of the extension's own. */
export function createPanelHandlers(parts: PanelParts): Pick<Handlers, PanelMessage> {
  const { settings, limits, confirmWindows, subscriptions, log } = parts;
  const { pageShownIn, pageMeant, shownIn, connectionMeant, currentFor, unlessDefault } = parts.scope;

  /** The tabs that a panel is on its way to. A page that passes by many subscriptions meanwhile has one read ahead. */
  const awaited = new Set<number>();

  return {
    async 'page.seen'(_input, sender) {
      const subscriptionId = await shownIn(sender);
      if (sender.kind !== 'portal' || subscriptionId === null) return null;
      const { tabId } = sender;
      const injected = injectPanel(tabId, log);
      if (!awaited.has(tabId)) {
        awaited.add(tabId);
        await Promise.all([injected, readAhead(subscriptionId, sender)]).finally(() => awaited.delete(tabId));
      }
      await injected;
      return null;
    },

    async 'panel.start'(_input, sender) {
      if (sender.kind === 'page') throw new NotAllowed('No panel on this page');
      const { address } = sender;
      const page = recognise(address, (await settings()).portals);
      const words = parts.words();
      if (page === null) return { address, page, words };
      if (page.portal !== 'own') {
        notePlace(page.subscriptionId, { cloud: page.cloud, tenant: page.tenant }).catch((cause: unknown) =>
          log.error('Where a subscription was met could not be noted', cause),
        );
      }
      const dock = await readDock(new URL(address).host);
      return { address, page: { subscriptionId: page.subscriptionId, anchors: anchorsFor(page.portal), dock }, words };
    },

    async 'panel.dock'({ dock }, sender) {
      if (sender.kind === 'page' || (await shownIn(sender)) === null) throw new NotAllowed('No panel on this page');
      await writeDock(new URL(sender.address).host, dock);
      return null;
    },

    async 'confirm.open'({ typed, link }, sender) {
      const page = await pageShownIn(sender);
      if (page === null) throw new NotAllowed('No subscription on this page');
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      if (link !== undefined) return showLink(page, link.user, typed, sender);
      const { subscriptionId } = page;
      const current = await connectionMeant(undefined, sender);
      return confirmWindows.show({ subscriptionId, ...(await unlessDefault(current?.id)) }, typed);
    },

    async 'confirm.openFor'({ subscriptionId, connectionId, link }, sender) {
      if (link !== undefined) return showLink(await pageMeant(subscriptionId, sender), link.user, '', sender);
      return confirmWindows.show({ subscriptionId, ...(await unlessDefault(connectionId)) }, '');
    },

    async 'confirm.underWay'({ id, underWay }) {
      await confirmWindows.noteUnderWay(id, underWay);
      return null;
    },

    async 'options.open'(_input, sender) {
      // Each of these takes the focus away from the person's work.
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      await browser.runtime.openOptionsPage();
      return 'opened';
    },

    async 'manyChanges.seen'() {
      await limits.manyChangesSeen();
      return null;
    },
  };

  /** The window about the link that counts on a page, of the account that was chosen there: whose it is stays as it is now. */
  async function showLink(
    page: SubscriptionPage,
    user: string | null,
    typed: string,
    sender: VerifiedSender,
  ): Promise<ConfirmOpenAnswer> {
    const place = await parts.links.placeFor(page, user);
    if (place === null) throw new NotAllowed('No link on this page');
    const { target, account, tenant } = place.link;
    if (account === null) {
      await visitOptions('notSignedIn', sender, parts.clock.now());
      return 'optionsOpened';
    }
    if (target === null || tenant === null) return 'linkUnread';
    const { connectionId } = target;
    const link = { target, account: account.name, tenant: tenant.name ?? tenant.id };
    return confirmWindows.show({ subscriptionId: page.subscriptionId, connectionId, link }, typed);
  }

  /** The panel's scripts take as long to get there as the backend to answer. It gets no more than the panel itself may ask for. */
  async function readAhead(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<void> {
    if (await limits.mayShow(sender, subscriptionId, false))
      await subscriptions.readAhead(await currentFor(sender), subscriptionId);
  }
}
