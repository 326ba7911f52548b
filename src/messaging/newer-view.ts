import type { SubscriptionView } from './protocol';

/** The newer parts of two views of one subscription, whichever arrived last: answers and pushes overtake each other. */
export function newerView(present: SubscriptionView | null, next: SubscriptionView): SubscriptionView {
  // What was shown here stays shown.
  if (next.withheld) return present ?? next;
  if (present === null || present.source !== next.source) return next;
  const { state, readAt, order, failure } = next.order < present.order ? present : next;
  const { standing, changeOrder } = hasEarlierChange(next, present) ? present : next;
  return { ...next, state, readAt, order, failure, standing, changeOrder };
}

function hasEarlierChange(next: SubscriptionView, present: SubscriptionView): boolean {
  const [a, b] = [next.standing, present.standing];
  if (a !== null && a.changeId === b?.changeId) return a.progress < b.progress;
  return next.changeOrder < present.changeOrder;
}

/** A view once the worker has ended: what had found no room on the disk is lost with it, and the next worker's orders may begin below. */
export function afterWorker(view: SubscriptionView): SubscriptionView {
  return { ...view, order: 0 };
}
