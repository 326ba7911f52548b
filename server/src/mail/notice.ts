import { PARTNER_WILL_SEE } from '../../../src/domain/disclosure';
import type { Partner } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';
import { visibleText } from '../../../src/domain/visible-text';

/**
 * What a change means for the partner written to. `assigned`: there was no partner before; `changedTo` and `changedFrom`:
 * it took another partner's place, or another one took its; `removed`: there is no partner any more.
 */
export type Event = 'assigned' | 'changedTo' | 'changedFrom' | 'removed';

/** The facts of a mail to a partner, as they were when the change was made. */
export interface Notice {
  readonly event: Event;
  readonly partner: Partner;
  readonly customer: { readonly id: string; readonly name: string };
  readonly subscription: { readonly id: SubscriptionId; readonly name: string };
  readonly at: Date;
  /** The name of who made the change. */
  readonly by: string;
  readonly requestId: string | null;
}

/** A mail's words. The subject is one line of at most 150 characters. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const LONGEST_SUBJECT = 150;

// The other partner of a change is not named: what a partner may see says nothing of other partners.
const WORDS: Record<Event, { readonly subject: string; readonly what: string; readonly sees: boolean }> = {
  assigned: {
    subject: 'You are now the partner of record',
    what: 'is now the partner of record of this subscription.',
    sees: true,
  },
  changedTo: {
    subject: 'You are now the partner of record',
    what: "is now the partner of record of this subscription, in another partner's place.",
    sees: true,
  },
  changedFrom: {
    subject: 'You are no longer the partner of record',
    what: 'is no longer the partner of record of this subscription. Another partner has taken its place.',
    sees: false,
  },
  removed: {
    subject: 'You are no longer the partner of record',
    what: 'is no longer the partner of record of this subscription. It has none now.',
    sees: false,
  },
};

/** The domain's list is worded for the administrator; this is the same list, line by line, for the partner. */
const SEEN: Record<(typeof PARTNER_WILL_SEE)[number], string> = {
  customer: "The customer's ID and name",
  subscription: "The subscription's ID and name",
  dates: 'Its start date and its current end date',
  usage: 'Total metered consumption or seat usage, as amounts and seat numbers',
  association: 'The date you were associated with it',
  services: 'Totals for the services and seat-based workloads in use',
};

const WHOSE_RECORD =
  "This is the record of the organisation that runs this service, not Microsoft's; nothing was changed at Microsoft.";

/** Writes a mail in plain text and in HTML that say the same. Names are shown as text, with what is invisible written out. */
export function writeLetter(notice: Notice): Letter {
  const { subject, what, sees } = WORDS[notice.event];
  const customer = visibleText(notice.customer.name);
  const subscription = visibleText(notice.subscription.name);
  const opening = `${visibleText(notice.partner.name)} (${notice.partner.partnerId}) ${what}`;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Customer', `${customer} (${visibleText(notice.customer.id)})`],
    ['Subscription', `${subscription} (${visibleText(notice.subscription.id)})`],
    ['When', readableTime(notice.at)],
    ['By', visibleText(notice.by)],
    ...(notice.requestId === null ? [] : [['Request', notice.requestId] as const]),
  ];
  const listTitle = sees ? 'From now on you can see:' : 'You can no longer see:';
  const list = PARTNER_WILL_SEE.map((line) => SEEN[line]);
  return {
    subject: shortened(`${subject}: ${subscription}, ${customer}`),
    text: [
      opening,
      '',
      ...facts.map(([name, value]) => `${name}: ${value}`),
      '',
      listTitle,
      ...list.map((line) => `- ${line}`),
      '',
      WHOSE_RECORD,
      '',
    ].join('\n'),
    html: [
      '<!doctype html>',
      `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>`,
      `<p>${escapeHtml(opening)}</p>`,
      '<table>',
      ...facts.map(
        ([name, value]) => `<tr><th align="left" scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`,
      ),
      '</table>',
      `<p>${listTitle}</p>`,
      '<ul>',
      ...list.map((line) => `<li>${escapeHtml(line)}</li>`),
      '</ul>',
      `<p>${escapeHtml(WHOSE_RECORD)}</p>`,
      '</body></html>',
      '',
    ].join('\n'),
  };
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** A time for people and, in brackets, for programs; both in UTC. */
function readableTime(at: Date): string {
  const iso = at.toISOString();
  return `${DAY.format(at)}, ${iso.slice(11, 19)} UTC (${iso})`;
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST_SUBJECT ? `${characters.slice(0, LONGEST_SUBJECT - 1).join('')}…` : text;
}

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML_ESCAPES[character] ?? character);
}
