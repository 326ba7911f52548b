import { PARTNER_WILL_SEE } from '../../../src/domain/disclosure';
import type { Partner } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { Filling, Key, Words } from '../../words/words';
import { type Block, inPlainText, type Named, named, type Sentence } from './letter-blocks';
import { exactText, shortText } from './header-line';
import { letterHtml } from './letter-html';
import { letterText } from './letter-text';
import type { Contact, Letterhead } from './letterhead';

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

/** A mail's words, and whom it says that it comes from. */
export interface Letter {
  /** The sender's name, as mail programs show it. */
  readonly senderName: string;
  /** The address that answers go to, when it is another than the mail's own; null when none is known. */
  readonly replyTo: string | null;
  /** One line of at most 150 characters. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What programs and support may look for, by the header's name; each value is one line. */
  readonly headers: Readonly<Record<string, string>>;
}

const HEADER_PREFIX = 'X-Partner-Of-Record';

// The other partner of a change is not named: what a partner may see says nothing of other partners.
const SEES: Record<Event, boolean> = { assigned: true, changedTo: true, changedFrom: false, removed: false };

/** Writes a mail in plain text and in HTML that say the same. Names are shown as text, with what is invisible written out. */
export function writeLetter(
  notice: Notice,
  words: Words,
  { organization, contact, partnerPageUrl }: Letterhead,
): Letter {
  const { event } = notice;
  const sentence = <K extends Key>(key: K, ...values: Filling<K, string | Named>): Sentence =>
    words.parts<K, string | Named>(key, ...values);
  const sender = named(organization);
  const customer = named(notice.customer.name);
  const subscription = named(notice.subscription.name);
  const page = named(partnerPageUrl, partnerPageUrl);
  const subject = inPlainText(sentence(`mail.${event}.subject`, { subscription, customer }));
  const fact = (name: 'partner' | 'customer' | 'subscription' | 'when' | 'by', value: Sentence) =>
    [words.t(`mail.facts.${name}`), value] as const;
  const blocks: readonly Block[] = [
    { kind: 'sender', sentence: sentence('mail.sender', { organization: sender }) },
    { kind: 'heading', sentence: sentence(`mail.${event}.heading`) },
    { kind: 'paragraph', sentence: sentence(`mail.${event}.what`) },
    {
      kind: 'facts',
      facts: [
        fact('partner', [named(notice.partner.name)]),
        fact('customer', [customer]),
        fact('subscription', [subscription]),
        fact('when', [readableTime(notice.at, words)]),
        fact('by', [named(notice.by)]),
      ],
    },
    { kind: 'paragraph', sentence: sentence('mail.meaning') },
    {
      kind: 'list',
      title: words.t(SEES[event] ? 'mail.sees' : 'mail.seesNoMore'),
      items: PARTNER_WILL_SEE.map((one) => words.t(`mail.seen.${one}`)),
    },
    { kind: 'paragraph', sentence: sentence(SEES[event] ? 'mail.page' : 'mail.pageOfOthers', { page }) },
    { kind: 'paragraph', sentence: sentence(`mail.wrong.${contact.kind}`, { contact: contactName(contact) }) },
    { kind: 'small', sentence: sentence('mail.whoseRecord', { organization: sender }) },
    { kind: 'small', sentence: sentence('mail.subscriptionId', { id: named(notice.subscription.id) }) },
  ];
  return {
    senderName: inPlainText(sentence('mail.from', { organization: sender })),
    replyTo: contact.kind === 'mail' ? contact.address : null,
    subject: shortText(subject),
    text: letterText(blocks, words),
    html: letterHtml(blocks, subject, words.language),
    headers: headersOf(notice),
  };
}

function contactName(contact: Contact): Named {
  return 'href' in contact ? named(contact.text, contact.href) : named(contact.text);
}

/** IDs are for programs and for support: a reader of the mail needs none but the subscription's. */
function headersOf({ event, partner, customer, subscription, requestId }: Notice): Record<string, string> {
  const values = {
    Event: event,
    'Partner-ID': partner.partnerId,
    'Customer-ID': exactText(customer.id),
    'Subscription-ID': exactText(subscription.id),
    'Request-ID': requestId,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[`${HEADER_PREFIX}-${name}`, value]])),
  );
}

/** A time for people, in UTC, since nobody knows where the partner is. */
function readableTime(at: Date, words: Words): string {
  const date = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(words.locale, { timeStyle: 'short', timeZone: 'UTC' });
  return words.t('mail.time', { date: date.format(at), time: time.format(at) });
}
