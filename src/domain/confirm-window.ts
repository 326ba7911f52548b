import { inOneLine } from './pasted-characters';
import type { SubscriptionId } from './subscription';

/** Longer than any Partner ID that a person types. */
export const LONGEST_TYPED = 64;

/** What stands in a text box, as it goes into that window's own: as one line, and whole or not at all, since a part may be another ID. */
export function typedForWindow(typed: string): string {
  const text = inOneLine(typed).trim();
  return text.length > LONGEST_TYPED ? '' : text;
}

/** What a window may be asked for about. */
export interface ConfirmAbout {
  readonly subscriptionId: SubscriptionId;
  /** The connection that the change is for; absent: the default. */
  readonly connectionId?: string;
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
 * What happens when that window is asked for. A window about the same subscription comes to the front. One about another subscription
 * is replaced by a new one, if nothing is under way in it; `busy`: something is, so it comes to the front and the other subscription
 * waits. What a window is about never changes before a person's eyes.
 */
export function windowFor(present: ConfirmWindow | null, asked: ConfirmAbout): 'open' | 'focus' | 'busy' {
  if (present === null) return 'open';
  const { subscriptionId, connectionId } = present.subject;
  if (subscriptionId === asked.subscriptionId && connectionId === asked.connectionId) return 'focus';
  return present.underWay ? 'busy' : 'open';
}
