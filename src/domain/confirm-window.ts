import { inOneLine } from './pasted-characters';
import type { SubscriptionId } from './subscription';
import { type LinkTarget, targetKey } from './target';

/** Longer than any Partner ID that a person types. */
export const LONGEST_TYPED = 64;

/** What stands in a text box, as it goes into that window's own: as one line, and whole or not at all, since a part may be another ID. */
export function typedForWindow(typed: string): string {
  const text = inOneLine(typed).trim();
  return text.length > LONGEST_TYPED ? '' : text;
}

/** Whose link a window is about, and in which tenant, as people know both. */
export interface ConfirmLink {
  readonly target: LinkTarget;
  readonly account: string;
  readonly tenant: string;
}

/** What a window may be asked for about. */
export interface ConfirmAbout {
  /** Whose record it is about, or on whose page the link was shown. */
  readonly subscriptionId: SubscriptionId;
  /** The connection that the change is for; absent: the default. */
  readonly connectionId?: string;
  /** Absent: it is about the record. */
  readonly link?: ConfirmLink;
}

/** What the extension's own window is about, fixed from the moment it was asked for. */
export interface ConfirmSubject extends ConfirmAbout {
  /** A UUID; a window knows by it what is its own. */
  readonly id: string;
  /** What stood in the panel's text box: text that nobody has checked. */
  readonly typed: string;
}

/** That window, as the worker knows it. */
export interface ConfirmWindow {
  readonly subject: ConfirmSubject;
  /** Null until the browser has told its number. */
  readonly windowId: number | null;
  /** An ID was checked, a removal asked about, or a change is on its way there. */
  readonly underWay: boolean;
}

/**
 * What happens when that window is asked for. A window about the same record or link comes to the front. One about another
 * is replaced by a new one, if nothing is under way in it; `busy`: something is, so it comes to the front and the other one
 * waits. What a window is about never changes before a person's eyes.
 */
export function windowFor(present: ConfirmWindow | null, asked: ConfirmAbout): 'open' | 'focus' | 'busy' {
  if (present === null) return 'open';
  if (keyOf(present.subject) === keyOf(asked)) return 'focus';
  return present.underWay ? 'busy' : 'open';
}

/** One text for each record and each link. */
function keyOf({ subscriptionId, connectionId, link }: ConfirmAbout): string {
  return link === undefined ? JSON.stringify([subscriptionId, connectionId]) : targetKey(link.target);
}
