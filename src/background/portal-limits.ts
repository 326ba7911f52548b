import { isPresent, judge, manyChangesSeen, type PortalUses, type PortalWish } from '../domain/portal-limits';
import type { SubscriptionId } from '../domain/subscription';
import type { VerifiedSender } from '../messaging/serve';
import type { Clock } from '../platform/clock';
import { readPortalUses, writePortalUses } from '../storage/portal-uses';
import type { PageInAzure } from './azure-reader';

export interface PortalLimitsParts {
  readonly clock: Clock;
  /** Portals made many changes in a short time, or the person has met that. */
  readonly onManyChanges: () => void;
}

/** Counts what portals get, in the worker alone. Every answer is false where a person is to be asked first; pages always get true. */
export interface PortalLimits {
  /**
   * Whether this sender gets the record of the subscription on its page.
   * @param pressed the person asked for it by a press
   */
  mayShow(sender: VerifiedSender, subscriptionId: SubscriptionId, pressed: boolean): Promise<boolean>;
  /** Whether it gets the link of that account in the tenant that its page names. */
  mayShowLink(sender: VerifiedSender, page: PageInAzure, user: string | null): Promise<boolean>;
  mayChange(sender: VerifiedSender, subscriptionId: SubscriptionId): Promise<boolean>;
  mayCheck(sender: VerifiedSender): Promise<boolean>;
  /** Whether a window or page of the extension's own, or one to sign in, may be brought before the person. */
  mayOpenWindow(sender: VerifiedSender): Promise<boolean>;
  /** Of each tab, whether the record of that subscription was given to it. */
  shownIn(subscriptionId: SubscriptionId): Promise<(tabId: number) => boolean>;
  /** Of each subscription, whether the record of it was given to any tab that may show it now. */
  shownInTabs(): Promise<(subscriptionId: SubscriptionId) => boolean>;
  manyChangesSeen(): Promise<void>;
}

const LOCK = 'portal-limits';

export function createPortalLimits({ clock, onManyChanges }: PortalLimitsParts): PortalLimits {
  /** One after the other: a count that was read must not be spent twice, however many messages arrive at once. */
  async function update<T>(change: (before: PortalUses) => { readonly after: PortalUses } & T): Promise<T> {
    const { made, isNews } = await navigator.locks.request(LOCK, async () => {
      const before = await readPortalUses();
      const made = change(before);
      if (made.after !== before) await writePortalUses(made.after);
      return { made, isNews: made.after.manyChanges?.seen !== before.manyChanges?.seen };
    });
    if (isNews) onManyChanges();
    return made;
  }

  async function may(wish: PortalWish): Promise<boolean> {
    return (await update((before) => judge(before, wish, clock.now()))).granted;
  }

  return {
    async mayShow(sender, subscriptionId, pressed) {
      return sender.kind === 'page' || may({ kind: 'show', tabId: sender.tabId, subscriptionId, pressed });
    },
    async mayShowLink(sender, { subscriptionId, tenant }, user) {
      if (sender.kind === 'page') return true;
      return may({
        kind: 'show',
        tabId: sender.tabId,
        subscriptionId,
        pressed: false,
        link: JSON.stringify([tenant, user]),
      });
    },
    async mayChange(sender, subscriptionId) {
      return sender.kind === 'page' || may({ kind: 'change', tabId: sender.tabId, subscriptionId });
    },
    async mayCheck(sender) {
      return sender.kind === 'page' || may({ kind: 'check', tabId: sender.tabId });
    },
    async mayOpenWindow(sender) {
      return sender.kind === 'page' || may({ kind: 'window', tabId: sender.tabId });
    },
    async shownIn(subscriptionId) {
      const uses = await readPortalUses();
      return (tabId) => isPresent(uses, tabId, subscriptionId);
    },
    async shownInTabs() {
      const { present } = await readPortalUses();
      const shown = new Set(present.map(({ subscriptionId }) => subscriptionId));
      return (subscriptionId) => shown.has(subscriptionId);
    },
    async manyChangesSeen() {
      await update((before) => ({ after: manyChangesSeen(before) }));
    },
  };
}
