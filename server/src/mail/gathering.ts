import type { PartnerId } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';

/** What a change means for a partner: it has the subscription from now on, or it has it no more. */
export type Direction = 'gained' | 'lost';

/** A change that a partner is to be told of, and that is in no mail yet. */
export interface OwedNotice {
  readonly noticeId: string;
  readonly partnerId: PartnerId;
  readonly direction: Direction;
  readonly subscriptionId: SubscriptionId;
  /** How long ago the change was made. A little below zero for one that was made while they were read. */
  readonly ageSeconds: number;
}

/** For how long a mail waits for more changes to tell the same partner. */
export interface Gathering {
  /** The longest after the last one; 0 gathers only what is there already. */
  readonly longestWaitSeconds: number;
}

/** With as many its HTML is some 50 kB: mail programs cut off what is above 102. */
export const MOST_IN_A_MAIL = 200;
/** One change alone is a person's, who may be waiting for it; the more come one after another, the more are to be expected. */
const WAIT_SECONDS_FOR_EACH = 3;
/** What trickles in without end is told after so many of the longest waits, counted from the first change. */
const LONGEST_WAITS_IN_ALL = 5;
/** Further off in the future than a change that is committed late: written before the database's clock was put back. */
const PUT_BACK_SECONDS = 60;

interface Draft {
  readonly place: number;
  readonly notices: OwedNotice[];
  /** Drafts that tell of an earlier change of one of its subscriptions, in the other direction. */
  readonly after: Set<Draft>;
}

/**
 * Gathers notices into mails and returns those that leave now, in the order in which they are to leave; what is in none of them
 * waits for more. A mail is about one partner and one direction, has at most 200 changes, and leaves
 *
 * - once it is full,
 * - once nothing came for 3 seconds for each change in it, at most the longest wait,
 * - five times the longest wait after its first change,
 * - and before any mail that leaves with a later change of one of its subscriptions: what was given and taken back is told in that
 *   order, whichever of the two was waited for longer.
 *
 * @param owed in the order in which the changes were made
 */
export function mailsThatLeave(owed: readonly OwedNotice[], gathering: Gathering): (readonly OwedNotice[])[] {
  const leaving = new Set<Draft>();
  const drafts = draftsOf(owed);
  // From the last one: whom it has to follow stands before it.
  for (const draft of drafts.toReversed()) {
    if (!leaving.has(draft) && !isDue(draft.notices, gathering)) continue;
    leaving.add(draft);
    for (const earlier of draft.after) leaving.add(earlier);
  }
  return drafts.filter((draft) => leaving.has(draft)).map(({ notices }) => notices);
}

function draftsOf(owed: readonly OwedNotice[]): readonly Draft[] {
  const drafts: Draft[] = [];
  /** The last draft by partner and direction. */
  const open = new Map<string, Draft>();
  /** The last draft that tells of a subscription, by partner, direction and subscription. */
  const telling = new Map<string, Draft>();
  for (const notice of owed) {
    const { partnerId, direction, subscriptionId } = notice;
    const other: Direction = direction === 'gained' ? 'lost' : 'gained';
    const earlier = telling.get(`${partnerId} ${other} ${subscriptionId}`);
    const last = open.get(`${partnerId} ${direction}`);
    const fits =
      last !== undefined &&
      last.notices.length < MOST_IN_A_MAIL &&
      (earlier === undefined || last.place > earlier.place);
    const draft: Draft = fits ? last : { place: drafts.length, notices: [], after: new Set() };
    if (!fits) drafts.push(draft);
    draft.notices.push(notice);
    if (earlier !== undefined) draft.after.add(earlier);
    open.set(`${partnerId} ${direction}`, draft);
    telling.set(`${partnerId} ${direction} ${subscriptionId}`, draft);
  }
  return drafts;
}

function isDue(notices: readonly OwedNotice[], { longestWaitSeconds }: Gathering): boolean {
  if (notices.length >= MOST_IN_A_MAIL) return true;
  const ages = notices.map(({ ageSeconds }) => ageSeconds);
  const [newest, oldest] = [Math.min(...ages), Math.max(...ages)];
  return (
    newest < -PUT_BACK_SECONDS ||
    newest >= Math.min(WAIT_SECONDS_FOR_EACH * notices.length, longestWaitSeconds) ||
    oldest >= LONGEST_WAITS_IN_ALL * longestWaitSeconds
  );
}
