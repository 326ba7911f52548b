import type { Letterhead } from '../../../../server/src/mail/letterhead';
import { type Event, type Notice, writeLetter } from '../../../../server/src/mail/notice';
import { ENGLISH } from '../../../../server/words/english';
import { wordsOf } from '../../../../server/words/words';
import { contoso, MANY } from './data';

const words = wordsOf(ENGLISH, null);
const HOSTILE = '<img src=x onerror=alert(1)>\r\nBcc: victim@example.com\u202egpj.exe';
const ONE_WORD = 'W'.repeat(200);
const RIGHT_TO_LEFT = 'فابريكام للخدمات السحابية';

const LETTERHEAD: Letterhead = {
  organization: 'Northwind Traders',
  contact: {
    kind: 'mail',
    text: 'por-desk@northwind.example',
    href: 'mailto:por-desk@northwind.example',
    address: 'por-desk@northwind.example',
  },
  partnerPageUrl: 'https://por.northwind.example/partner',
};
const NOBODY: Letterhead = {
  organization: 'por.northwind.example',
  contact: { kind: 'nobody', text: 'por.northwind.example' },
  partnerPageUrl: 'https://por.northwind.example/partner',
};

function mail(event: Event, name: string | null = null, letterhead = LETTERHEAD): string {
  const [subscription] = MANY;
  if (subscription === undefined) throw new Error('There are no subscriptions.');
  const notice: Notice = {
    event,
    partner: { partnerId: contoso.partnerId, name: name ?? contoso.name },
    customer: { id: '1001', name: name ?? 'Northwind Traders' },
    subscription: { id: subscription.subscriptionId, name: name ?? subscription.displayName },
    at: new Date('2026-11-26T10:45:30Z'),
    by: name ?? 'Ada Admin',
    requestId: null,
  };
  return writeLetter([notice], words, letterhead).html;
}

/** A mail of several changes, with what is longest in it. */
function mailOfMany(name: string | null = null): string {
  const [first, ...more] = MANY.slice(0, 20).map(
    (subscription, at): Notice => ({
      event: at % 3 === 0 ? 'changedTo' : 'assigned',
      partner: { partnerId: contoso.partnerId, name: name ?? contoso.name },
      customer: { id: String(at % 2), name: name ?? 'Northwind Traders' },
      subscription: { id: subscription.subscriptionId, name: name ?? subscription.displayName },
      at: new Date('2026-11-26T10:45:30Z'),
      by: name ?? 'Ada Admin',
      requestId: null,
    }),
  );
  if (first === undefined) throw new Error('There are no subscriptions.');
  return writeLetter([first, ...more], words, LETTERHEAD).html;
}

/** What mails to partners have in HTML, of the two kinds that look otherwise, and with what names may be. */
export const MAILS: readonly { readonly called: string; readonly html: string }[] = [
  { called: 'assigned', html: mail('assigned') },
  { called: 'changed from', html: mail('changedFrom') },
  { called: 'nobody named', html: mail('assigned', null, NOBODY) },
  { called: 'names of one long word', html: mail('assigned', ONE_WORD, { ...LETTERHEAD, organization: ONE_WORD }) },
  { called: 'hostile names', html: mail('assigned', HOSTILE) },
  { called: 'names from right to left', html: mail('assigned', RIGHT_TO_LEFT) },
  { called: 'many changes', html: mailOfMany() },
  { called: 'many changes, names of one long word', html: mailOfMany(ONE_WORD) },
];
