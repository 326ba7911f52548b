import type { PageView, SubscriptionView } from './protocol';

/** The newer parts of two views of one subscription or link, whichever arrived last: answers and pushes overtake each other. */
export function newerView<V extends PageView>(present: V | null, next: V): V {
  // What was shown here stays shown.
  if (next.withheld) return present ?? next;
  if (present === null || present.source !== next.source || !isSameLink(present, next)) return next;
  const { state, readAt, order, failure } = next.order < present.order ? present : next;
  const { standing, changeOrder } = hasEarlierChange(next, present) ? present : next;
  return { ...next, state, readAt, order, failure, standing, changeOrder };
}

function isSameLink({ link: one }: PageView, { link: other }: PageView): boolean {
  return one?.target?.tenant === other?.target?.tenant && one?.target?.user === other?.target?.user;
}

function hasEarlierChange(next: SubscriptionView, present: SubscriptionView): boolean {
  const [a, b] = [next.standing, present.standing];
  if (a !== null && a.changeId === b?.changeId) return a.progress < b.progress;
  return next.changeOrder < present.changeOrder;
}

/** A view once the worker has ended: what had found no room on the disk is lost with it, and the next worker's orders may begin below. */
export function afterWorker<V extends PageView>(view: V): V {
  return { ...view, order: 0 };
}
