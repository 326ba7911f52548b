import { PARTNER_WILL_SEE } from '../../../src/domain/disclosure';
import type { Partner } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';
import { visibleText } from '../../../src/domain/visible-text';
import type { Filling, Key, Words } from '../../words/words';

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
const SEES: Record<Event, boolean> = { assigned: true, changedTo: true, changedFrom: false, removed: false };

/** What stands in a mail: words of the catalogue, and texts from elsewhere, whose direction stays their own affair. */
type Sentence = readonly (string | Named)[];
interface Named {
  readonly name: string;
}

/** Writes a mail in plain text and in HTML that say the same. Names are shown as text, with what is invisible written out. */
export function writeLetter(notice: Notice, words: Words): Letter {
  const { event, partner } = notice;
  const sentence = <K extends Key>(key: K, ...values: Filling<K, string | Named>): Sentence =>
    words.parts<K, string | Named>(key, ...values);
  const customer = named(notice.customer.name);
  const subscription = named(notice.subscription.name);
  const subject = inText(sentence(`mail.${event}.subject`, { subscription, customer }));
  const what = sentence(`mail.${event}.what`, { partner: named(partner.name), partnerId: partner.partnerId });
  const nameAndId = (name: Named, id: string) => sentence('mail.nameAndId', { name, id: named(id) });
  const fact = (name: 'customer' | 'subscription' | 'when' | 'by' | 'request', value: Sentence) =>
    [words.t(`mail.facts.${name}`), value] as const;
  const facts = [
    fact('customer', nameAndId(customer, notice.customer.id)),
    fact('subscription', nameAndId(subscription, notice.subscription.id)),
    fact('when', [readableTime(notice.at, words)]),
    fact('by', [named(notice.by)]),
    ...(notice.requestId === null ? [] : [fact('request', [notice.requestId])]),
  ];
  const listTitle = words.t(SEES[event] ? 'mail.sees' : 'mail.seesNoMore');
  const list = PARTNER_WILL_SEE.map((one) => words.t(`mail.seen.${one}`));
  const whoseRecord = words.t('mail.whoseRecord');
  return {
    subject: shortened(subject),
    text: [
      inText(what),
      '',
      ...facts.map(([name, value]) => words.t('mail.fact', { name, value: inText(value) })),
      '',
      listTitle,
      ...list.map((line) => words.t('mail.seenItem', { what: line })),
      '',
      whoseRecord,
      '',
    ].join('\n'),
    html: [
      '<!doctype html>',
      `<html lang="${words.language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>`,
      `<p>${inHtml(what)}</p>`,
      '<table>',
      ...facts.map(
        ([name, value]) => `<tr><th align="left" scope="row">${escapeHtml(name)}</th><td>${inHtml(value)}</td></tr>`,
      ),
      '</table>',
      `<p>${escapeHtml(listTitle)}</p>`,
      '<ul>',
      ...list.map((line) => `<li>${escapeHtml(line)}</li>`),
      '</ul>',
      `<p>${escapeHtml(whoseRecord)}</p>`,
      '</body></html>',
      '',
    ].join('\n'),
  };
}

function named(text: string): Named {
  return { name: visibleText(text) };
}

function inText(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.name)).join('');
}

function inHtml(sentence: Sentence): string {
  return sentence
    .map((part) => (typeof part === 'string' ? escapeHtml(part) : `<bdi>${escapeHtml(part.name)}</bdi>`))
    .join('');
}

/** A time for people, in UTC, since nobody knows where the partner is. */
function readableTime(at: Date, words: Words): string {
  const date = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(words.locale, { timeStyle: 'medium', timeZone: 'UTC' });
  return words.t('mail.time', { date: date.format(at), time: time.format(at) });
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
