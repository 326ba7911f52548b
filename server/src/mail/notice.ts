import { PARTNER_WILL_SEE } from '../../../src/domain/disclosure';
import type { Partner } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { Filling, Key, Words } from '../../words/words';
import { type Block, type Entry, inPlainText, type Named, named, type Sentence } from './letter-blocks';
import { exactText, shortText } from './header-line';
import { letterHtml } from './letter-html';
import { letterText } from './letter-text';
import type { Contact, Letterhead } from './letterhead';

/**
 * What a change means for the partner written to. `assigned`: there was no partner before; `changedTo` and `changedFrom`:
 * it took another partner's place, or another one took its; `removed`: there is no partner any more.
 */
export type Event = 'assigned' | 'changedTo' | 'changedFrom' | 'removed';

/** What a partner is told of a change, as it was when the change was made. */
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

/** What one mail tells, in the order in which the changes were made: of one partner, and all of the same direction. */
export type Notices = readonly [Notice, ...Notice[]];

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
export function writeLetter(notices: Notices, words: Words, letterhead: Letterhead): Letter {
  const [first, ...more] = notices;
  const { subject, told } = more.length === 0 ? ofOneChange(first, words) : ofManyChanges(notices, words);
  const { organization, contact, partnerPageUrl } = letterhead;
  const { event } = first;
  const sentence = sentencesOf(words);
  const sender = named(organization);
  const page = named(partnerPageUrl, partnerPageUrl);
  const blocks: readonly Block[] = [
    { kind: 'sender', sentence: sentence('mail.sender', { organization: sender }) },
    { kind: 'heading', sentence: sentence(`mail.${event}.heading`) },
    ...told,
    { kind: 'paragraph', sentence: sentence('mail.meaning') },
    {
      kind: 'list',
      title: words.t(`mail.${more.length === 0 ? '' : 'many.'}${SEES[event] ? 'sees' : 'seesNoMore'}`),
      items: PARTNER_WILL_SEE.map((one) => words.t(`mail.seen.${one}`)),
    },
    { kind: 'paragraph', sentence: sentence(SEES[event] ? 'mail.page' : 'mail.pageOfOthers', { page }) },
    { kind: 'paragraph', sentence: sentence(`mail.wrong.${contact.kind}`, { contact: contactName(contact) }) },
    { kind: 'small', sentence: sentence('mail.whoseRecord', { organization: sender }) },
    // In a mail of many each stands with its subscription.
    ...(more.length === 0 ? [{ kind: 'small' as const, sentence: idOf(first, words) }] : []),
  ];
  const wholeSubject = inPlainText(subject);
  return {
    senderName: inPlainText(sentence('mail.from', { organization: sender })),
    replyTo: contact.kind === 'mail' ? contact.address : null,
    subject: shortText(wholeSubject),
    text: letterText(blocks, words),
    html: letterHtml(blocks, wholeSubject, words.language),
    headers: headersOf(notices),
  };
}

/** What a mail says of its changes. */
interface Account {
  readonly subject: Sentence;
  readonly told: readonly Block[];
}

function ofOneChange(notice: Notice, words: Words): Account {
  const { event, partner, at, by } = notice;
  const sentence = sentencesOf(words);
  const customer = named(notice.customer.name);
  const subscription = named(notice.subscription.name);
  return {
    subject: sentence(`mail.${event}.subject`, { subscription, customer }),
    told: [
      { kind: 'paragraph', sentence: sentence(`mail.${event}.what`) },
      {
        kind: 'facts',
        facts: [
          [words.t('mail.facts.partner'), [named(partner.name)]],
          [words.t('mail.facts.customer'), [customer]],
          [words.t('mail.facts.subscription'), [subscription]],
          [words.t('mail.facts.when'), [readableTime(at, words)]],
          [words.t('mail.facts.by'), [named(by)]],
        ],
      },
    ],
  };
}

/** A list for each thing that happened. A customer that all have in common stands above them, and another one with its subscription. */
function ofManyChanges(notices: Notices, words: Words): Account {
  const sentence = sentencesOf(words);
  const { event, partner, customer: last } = lastOf(notices);
  const direction = SEES[event] ? 'gained' : 'lost';
  const customer = notices.every((notice) => notice.customer.id === last.id) ? last : null;
  const count = new Set(notices.map(({ subscription }) => subscription.id)).size;
  const entryOf = (notice: Notice): Entry => ({
    name: [named(notice.subscription.name)],
    details: [
      ...(customer === null ? [[named(notice.customer.name)]] : []),
      sentence('mail.many.made', { time: readableTime(notice.at, words), by: named(notice.by) }),
      idOf(notice, words),
    ],
  });
  return {
    subject:
      customer === null
        ? sentence(`mail.many.${direction}.subjectOfCustomers`, { count })
        : sentence(`mail.many.${direction}.subject`, { count, customer: named(customer.name) }),
    told: [
      {
        kind: 'facts',
        facts: [
          [words.t('mail.facts.partner'), [named(partner.name)]],
          ...(customer === null ? [] : [[words.t('mail.facts.customer'), [named(customer.name)]] as const]),
        ],
      },
      ...[...new Set(notices.map((notice) => notice.event))].map((one): Block => {
        const entries = notices.filter((notice) => notice.event === one).map(entryOf);
        return { kind: 'entries', title: sentence(`mail.many.${one}`, { count: entries.length }), entries };
      }),
    ],
  };
}

function sentencesOf(words: Words) {
  return <K extends Key>(key: K, ...values: Filling<K, string | Named>): Sentence =>
    words.parts<K, string | Named>(key, ...values);
}

function idOf({ subscription }: Notice, words: Words): Sentence {
  return sentencesOf(words)('mail.subscriptionId', { id: named(subscription.id) });
}

/** The last change's: names may have been others before. */
export function lastOf(notices: Notices): Notice {
  return notices.at(-1) ?? notices[0];
}

function contactName(contact: Contact): Named {
  return 'href' in contact ? named(contact.text, contact.href) : named(contact.text);
}

/** IDs are for programs and for support: a reader needs none but the subscriptions'. What differs from change to change is left out. */
function headersOf(notices: Notices): Record<string, string> {
  const { partner } = lastOf(notices);
  const same = (read: (notice: Notice) => string | null) => {
    const [value, ...others] = new Set(notices.map(read));
    return value === undefined || value === null || others.length > 0 ? null : exactText(value);
  };
  const values = {
    Event: [...new Set(notices.map(({ event }) => event))].join(', '),
    Changes: notices.length === 1 ? null : String(notices.length),
    'Partner-ID': partner.partnerId,
    'Customer-ID': same(({ customer }) => customer.id),
    'Subscription-ID': same(({ subscription }) => subscription.id),
    'Request-ID': same(({ requestId }) => requestId),
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
