import { describe, expect, it } from 'vitest';
import { type Letterhead, letterheadOf } from '../../server/src/mail/letterhead';
import { type Event, type Notice, type Notices, writeLetter } from '../../server/src/mail/notice';
import { ENGLISH } from '../../server/words/english';
import { wordsOf } from '../../server/words/words';
import { type PartnerId, parsePartnerId } from '../../src/domain/partner';
import { parseSubscriptionId, type SubscriptionId } from '../../src/domain/subscription';
import { inGeorgianLetters, inOtherScript } from './support/other-script';

function partnerId(text: string): PartnerId {
  const parsed = parsePartnerId(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.partnerId;
}

function subscriptionId(text: string): SubscriptionId {
  const parsed = parseSubscriptionId(text);
  if (parsed === null) throw new Error(`${text} is not a subscription ID.`);
  return parsed;
}

function notice(event: Event, wish: Partial<Notice> = {}): Notice {
  return {
    event,
    partner: { partnerId: partnerId('4852013'), name: 'Fabrikam Cloud Services' },
    customer: { id: 'c-0017', name: 'Contoso Ltd' },
    subscription: { id: subscriptionId('89fd93d4'), name: 'Production' },
    at: new Date('2026-03-01T12:00:05Z'),
    by: 'Ada Admin',
    requestId: 'b1946ac9-request',
    ...wish,
  };
}

const LETTERHEAD: Letterhead = {
  organization: 'Woodgrove Cloud Desk',
  contact: {
    kind: 'mail',
    text: 'por-desk@woodgrove.example',
    href: 'mailto:por-desk@woodgrove.example',
    address: 'por-desk@woodgrove.example',
  },
  partnerPageUrl: 'https://por.woodgrove.example/partner',
};

const letterOf = (notice: Notice, letterhead = LETTERHEAD) => writeLetter([notice], wordsOf(ENGLISH, null), letterhead);

const EVENTS = ['assigned', 'changedTo', 'changedFrom', 'removed'] as const;

describe('a mail to a partner', () => {
  it('says all that there is to say, in words', () => {
    expect(letterOf(notice('assigned')).text).toBe(`Woodgrove Cloud Desk · Partner of record

You are now the partner of record

You have been named the partner of record of this subscription.

Partner: Fabrikam Cloud Services
Customer: Contoso Ltd
Subscription: Production
When: 1 March 2026 at 12:00 UTC
Changed by: Ada Admin

The partner of record is the partner who helps the customer to design, build or manage what runs on a subscription. You need not do anything.

From now on you can see:
- The customer’s ID and name
- The subscription’s ID and name
- Its start date and its current end date
- How much is used in total: metered usage as amounts, seats as numbers
- The date on which you became its partner of record
- Totals for each service and seat-based product in use

You can see it here: https://por.woodgrove.example/partner

If this is wrong, answer this mail or write to por-desk@woodgrove.example.

This record belongs to Woodgrove Cloud Desk, not to Microsoft. Nothing was changed at Microsoft.

Subscription ID: 89fd93d4
`);
  });

  it('comes from the organisation, and answers to it go to its contact', () => {
    expect(letterOf(notice('assigned'))).toMatchObject({
      senderName: 'Woodgrove Cloud Desk (Partner of record)',
      replyTo: 'por-desk@woodgrove.example',
    });
    const words: Letterhead = { ...LETTERHEAD, contact: { kind: 'words', text: 'Service desk, extension 4711' } };
    expect(letterOf(notice('assigned'), words).replyTo).toBeNull();
  });

  it.each([
    ['desk@bücher.example', 'desk@xn--bcher-kva.example', 'mailto:desk@xn--bcher-kva.example'],
    ["o'neil+por@contoso.example", "o'neil+por@contoso.example", "mailto:o'neil%2Bpor@contoso.example"],
    ['a?cc=b&c%40d@contoso.example', 'a?cc=b&c%40d@contoso.example', 'mailto:a%3Fcc%3Db%26c%2540d@contoso.example'],
  ])(
    'leads answers to the contact %s, whose letters and signs are those of the wire there',
    (contact, replyTo, href) => {
      const settings = { organization: 'Woodgrove', contact, partnerPageUrl: null };
      const place = { partnerPageUrl: 'https://example.com/partner', isPublic: true, isSent: true };
      const letter = letterOf(notice('assigned'), letterheadOf(settings, place).letterhead);
      expect(letter.replyTo).toBe(replyTo);
      expect(letter.html).toContain(`<a href="${href.replaceAll("'", '&#39;')}">`);
      expect(letter.text).toContain(`answer this mail or write to ${contact}.`);
    },
  );

  it.each(EVENTS)('that tells of %s has no two full stops behind a name or a contact that has one', (event) => {
    const contact = { kind: 'words', text: 'Ask at the desk.' } as const;
    const { text } = letterOf(notice(event), { ...LETTERHEAD, organization: 'Contoso Ltd.', contact });
    expect(text).not.toContain('..');
  });

  it('has no header line that servers refuse for its length: a long ID is left out, none is cut', () => {
    const { headers } = letterOf(notice('assigned', { customer: { id: 'c'.repeat(2000), name: 'Contoso Ltd' } }));
    expect(Object.keys(headers)).not.toContain('X-Partner-Of-Record-Customer-ID');
    expect(headers['X-Partner-Of-Record-Subscription-ID']).toBe('89fd93d4');
  });

  it.each(EVENTS)('that tells of %s has no ID but the subscription’s, alone on the last line', (event) => {
    const { text, html, headers } = letterOf(notice(event));
    const lines = text.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('Subscription ID: 89fd93d4');
    expect(lines.filter((line) => line.includes('89fd93d4'))).toHaveLength(1);
    for (const id of ['4852013', 'c-0017', 'b1946ac9-request']) {
      expect(text).not.toContain(id);
      expect(html).not.toContain(id);
    }
    expect(headers).toEqual({
      'X-Partner-Of-Record-Event': event,
      'X-Partner-Of-Record-Partner-ID': '4852013',
      'X-Partner-Of-Record-Customer-ID': 'c-0017',
      'X-Partner-Of-Record-Subscription-ID': '89fd93d4',
      'X-Partner-Of-Record-Request-ID': 'b1946ac9-request',
    });
  });

  it.each([
    [
      { kind: 'page', text: 'https://help.example/por', href: 'https://help.example/por' },
      'see https://help.example/por.',
    ],
    [{ kind: 'words', text: 'Service desk, extension 4711' }, 'ask: Service desk, extension 4711'],
    [{ kind: 'nobody', text: 'por.example.com' }, 'ask whoever runs por.example.com.'],
  ] as const)('says what to do if it is wrong, with %j', (contact, words) => {
    const { text, html } = letterOf(notice('removed'), { ...LETTERHEAD, contact });
    expect(text).toContain(`\nIf this is wrong, ${words}\n`);
    expect(html.includes(`<a href="${contact.text}">`)).toBe(contact.kind === 'page');
  });

  it.each([
    [
      'assigned',
      'You are now the partner of record: Production, Contoso Ltd',
      'You have been named the partner of record of this subscription.\n',
      'From now on you can see:',
    ],
    [
      'changedTo',
      'You are now the partner of record: Production, Contoso Ltd',
      'in another partner’s place.',
      'From now on',
    ],
    [
      'changedFrom',
      'You are no longer the partner of record: Production, Contoso Ltd',
      'Another partner has taken your place',
      'no longer see:',
    ],
    [
      'removed',
      'You are no longer the partner of record: Production, Contoso Ltd',
      'It has no partner of record now.',
      'no longer see:',
    ],
  ] as const)('tells what %s means for the partner', (event, subject, what, sees) => {
    const letter = letterOf(notice(event));
    expect(letter.subject).toBe(subject);
    expect(letter.text).toContain(what);
    expect(letter.text).toContain(sees);
  });

  it('says the same in HTML as in plain text', () => {
    const { text, html } = letterOf(notice('changedFrom', { by: `O'Neil & "Sons" <x>` }));
    const shown = html
      .replace(/^[\s\S]*<body[^>]*>/, '')
      .replace(/<th[^>]*>(.*?)<\/th>/g, '$1: ')
      .replace(/<li>/g, '- ')
      .replace(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
    const lines = (whole: string) => whole.split('\n').filter((line) => line !== '');
    expect(lines(shown)).toEqual(lines(text));
  });

  it('shows names as text, whatever they hold', () => {
    const hostile = '<img src=x onerror=alert(1)>\r\nBcc: victim@example.com\u202Egpj.exe';
    const letter = letterOf(
      notice('assigned', {
        partner: { partnerId: partnerId('4852013'), name: hostile },
        customer: { id: hostile, name: hostile },
        subscription: { id: subscriptionId('89fd93d4'), name: hostile },
        by: hostile,
      }),
    );
    expect(letter.html).not.toContain('<img');
    expect(letter.html).toContain('&lt;img src=x onerror=alert(1)&gt;[U+000D][U+000A]Bcc: victim@example.com[U+202E]');
    expect(letter.subject).not.toMatch(/[\r\n\u202E]/);
    expect(letter.text).not.toMatch(/^Bcc/m);
    expect(letter.text).not.toContain('\u202E');
    expect(letter.headers['X-Partner-Of-Record-Customer-ID']).not.toMatch(/[\r\n]/);
  });

  it('keeps the subject to one line of 150 characters', () => {
    const long = '𝒳\n'.repeat(5000);
    const { subject } = letterOf(
      notice('removed', { subscription: { id: subscriptionId('x'), name: long }, customer: { id: 'c', name: long } }),
    );
    expect([...subject]).toHaveLength(150);
    expect(subject.endsWith('…')).toBe(true);
    expect(Buffer.from(subject).toString()).toBe(subject);
  });

  it('has no header for a request where no caller asked', () => {
    expect(Object.keys(letterOf(notice('assigned', { requestId: null })).headers)).not.toContain(
      'X-Partner-Of-Record-Request-ID',
    );
  });

  it.each(EVENTS)('has nothing but the catalogue’s words when it tells of %s', (event) => {
    const words = wordsOf(inOtherScript(ENGLISH), null);
    const { subject, text, html } = writeLetter(
      [
        notice(event, {
          partner: { partnerId: partnerId('4852013'), name: inGeorgianLetters('Fabrikam') },
          customer: { id: '17', name: inGeorgianLetters('Contoso') },
          subscription: { id: subscriptionId('89'), name: inGeorgianLetters('Production') },
          by: inGeorgianLetters('Ada'),
          requestId: '19468',
        }),
      ],
      words,
      { organization: inGeorgianLetters('Woodgrove'), contact: { kind: 'nobody', text: '17' }, partnerPageUrl: '17' },
    );
    const shown = [subject, text, html.replace(/<[^>]*>/g, '').replace(/&#?\w+;/g, '')];
    expect(shown.filter((words) => /\p{Script=Latin}/u.test(words))).toEqual([]);
    expect(html).toContain('<html lang="ka"');
  });

  it('isolates names, so that one written from right to left turns nothing around it', () => {
    const { html } = letterOf(notice('assigned', { by: 'عادة' }));
    expect(html).toContain('<bdi>عادة</bdi>');
    expect(html).toContain('<bdi>Contoso Ltd</bdi>');
  });

  it('loads nothing, and has no colour of text or paper that would be wrong in the dark', () => {
    const { html } = letterOf(notice('assigned'));
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).not.toMatch(/<(?:img|link|script|style|iframe|object|form)\b|\bsrc=|url\(|@import/i);
    expect(html).not.toMatch(/[";]color:|background|bgcolor/i);
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'https://por.woodgrove.example/partner',
      'mailto:por-desk@woodgrove.example',
    ]);
  });
});

describe('a mail of many changes', () => {
  const THREE: Notices = [
    notice('assigned', { subscription: { id: subscriptionId('s-1'), name: 'Web shop' } }),
    notice('changedTo', {
      subscription: { id: subscriptionId('s-2'), name: 'Field service' },
      by: 'Bo Admin',
      at: new Date('2026-03-01T12:01:05Z'),
      requestId: 'another-request',
    }),
    notice('assigned', { subscription: { id: subscriptionId('s-3'), name: 'Sandbox' } }),
  ];
  const ofMany = (notices: Notices) => writeLetter(notices, wordsOf(ENGLISH, null), LETTERHEAD);
  const alike = (count: number, event: Event = 'assigned', wish: Partial<Notice> = {}): Notices => [
    notice(event, wish),
    ...Array.from({ length: count - 1 }, (_, at) =>
      notice(event, { ...wish, subscription: { id: subscriptionId(`s-${at}`), name: `Production ${at}` } }),
    ),
  ];

  it('says of each what a mail of one says, in a list for each thing that happened', () => {
    expect(ofMany(THREE).text).toBe(`Woodgrove Cloud Desk · Partner of record

You are now the partner of record

Partner: Fabrikam Cloud Services
Customer: Contoso Ltd

You have been named the partner of record of 2 subscriptions:
- Web shop
  1 March 2026 at 12:00 UTC, by Ada Admin
  Subscription ID: s-1
- Sandbox
  1 March 2026 at 12:00 UTC, by Ada Admin
  Subscription ID: s-3

You have been named the partner of record of 1 subscription, in another partner’s place:
- Field service
  1 March 2026 at 12:01 UTC, by Bo Admin
  Subscription ID: s-2

The partner of record is the partner who helps the customer to design, build or manage what runs on a subscription. You need not do anything.

From now on you can see, of each of them:
- The customer’s ID and name
- The subscription’s ID and name
- Its start date and its current end date
- How much is used in total: metered usage as amounts, seats as numbers
- The date on which you became its partner of record
- Totals for each service and seat-based product in use

You can see it here: https://por.woodgrove.example/partner

If this is wrong, answer this mail or write to por-desk@woodgrove.example.

This record belongs to Woodgrove Cloud Desk, not to Microsoft. Nothing was changed at Microsoft.
`);
  });

  it.each([
    ['assigned', 'Contoso Ltd: you are now the partner of record for 200 subscriptions', 'From now on'],
    ['changedTo', 'Contoso Ltd: you are now the partner of record for 200 subscriptions', 'From now on'],
    ['changedFrom', 'Contoso Ltd: you are no longer the partner of record for 200 subscriptions', 'can no longer see'],
    ['removed', 'Contoso Ltd: you are no longer the partner of record for 200 subscriptions', 'can no longer see'],
  ] as const)('that tells of %s counts its subscriptions in the subject', (event, subject, sees) => {
    const letter = ofMany(alike(200, event));
    expect(letter.subject).toBe(subject);
    expect(letter.text).toContain(sees);
  });

  it('names the customer with each subscription where there are several, and none in the subject', () => {
    const [first] = THREE;
    const letter = ofMany([first, notice('assigned', { customer: { id: 'c-0018', name: 'Adventure Works' } })]);
    expect(letter.subject).toBe('You are now the partner of record for 2 subscriptions of several customers');
    expect(letter.text).toContain('- Web shop\n  Contoso Ltd\n');
    expect(letter.text).toContain('- Production\n  Adventure Works\n');
    expect(letter.text).not.toContain('Customer: ');
    expect(Object.keys(letter.headers)).not.toContain('X-Partner-Of-Record-Customer-ID');
  });

  it('has what all of them have in common in headers, and how many there are', () => {
    expect(ofMany(THREE).headers).toEqual({
      'X-Partner-Of-Record-Event': 'assigned, changedTo',
      'X-Partner-Of-Record-Changes': '3',
      'X-Partner-Of-Record-Partner-ID': '4852013',
      'X-Partner-Of-Record-Customer-ID': 'c-0017',
    });
  });

  it('says the same in HTML as in plain text', () => {
    const { text, html } = ofMany(THREE);
    const shown = html
      .replace(/^[\s\S]*<body[^>]*>/, '')
      .replace(/<th[^>]*>(.*?)<\/th>/g, '$1: ')
      .replace(/<li[^>]*>/g, '- ')
      .replaceAll('<br>', '\n')
      .replace(/<[^>]*>/g, '');
    const lines = (whole: string) => whole.split('\n').flatMap((line) => line.trim() || []);
    expect(lines(shown)).toEqual(lines(text));
  });

  it('is not cut off by mail programs that show 102 kB, with 200 changes of usual names', () => {
    const customer = (at: number) => ({ id: `c-${at % 2}`, name: `The Contoso Trading Company ${at % 2}` });
    const { html } = ofMany([
      ...alike(1),
      ...Array.from({ length: 199 }, (_, at) =>
        notice('assigned', {
          customer: customer(at),
          subscription: { id: subscriptionId(`89fd93d4-0000-4000-8000-${at}`), name: `Production of the year ${at}` },
        }),
      ),
    ]);
    expect(Buffer.byteLength(html)).toBeLessThan(75_000);
  });

  it('shows names as text, whatever they hold', () => {
    const hostile = '<img src=x onerror=alert(1)>\r\nBcc: victim@example.com\u202Egpj.exe';
    const letter = ofMany(
      alike(2, 'assigned', {
        partner: { partnerId: partnerId('4852013'), name: hostile },
        customer: { id: hostile, name: hostile },
        by: hostile,
      }),
    );
    expect(letter.html).not.toContain('<img');
    for (const text of [letter.subject, letter.text]) {
      expect(text).not.toMatch(/^Bcc/m);
      expect(text).not.toContain('\u202E');
    }
    for (const value of Object.values(letter.headers)) expect(value).not.toMatch(/[\r\n]/);
  });

  it.each(EVENTS)('has nothing but the catalogue’s words when it tells of %s', (event) => {
    const words = wordsOf(inOtherScript(ENGLISH), null);
    const one = notice(event, {
      partner: { partnerId: partnerId('4852013'), name: inGeorgianLetters('Fabrikam') },
      customer: { id: '17', name: inGeorgianLetters('Contoso') },
      subscription: { id: subscriptionId('89'), name: inGeorgianLetters('Production') },
      by: inGeorgianLetters('Ada'),
    });
    const other = { ...one, customer: { id: '18', name: inGeorgianLetters('Woodgrove') } };
    const letterhead: Letterhead = {
      organization: inGeorgianLetters('Woodgrove'),
      contact: { kind: 'nobody', text: '17' },
      partnerPageUrl: '17',
    };
    for (const notices of [
      [one, one],
      [one, other],
    ] as const) {
      const { subject, text, html } = writeLetter(notices, words, letterhead);
      const shown = [subject, text, html.replace(/<[^>]*>/g, '').replace(/&#?\w+;/g, '')];
      expect(shown.filter((words) => /\p{Script=Latin}/u.test(words))).toEqual([]);
    }
  });
});

describe('whom mails come from', () => {
  const NOT_SAID = { organization: null, contact: null, partnerPageUrl: null };
  const PLACE = {
    partnerPageUrl: 'https://example.com/por/partner',
    isPublic: true,
    isSent: true,
  };

  it('is what the operator said, and nothing is missing', () => {
    const said = {
      organization: 'Woodgrove',
      contact: 'desk@woodgrove.example',
      partnerPageUrl: 'https://desk.example/p',
    };
    expect(letterheadOf(said, PLACE)).toEqual({
      letterhead: {
        organization: 'Woodgrove',
        contact: {
          kind: 'mail',
          text: 'desk@woodgrove.example',
          href: 'mailto:desk@woodgrove.example',
          address: 'desk@woodgrove.example',
        },
        partnerPageUrl: 'https://desk.example/p',
      },
      warnings: [],
    });
  });

  it('is the public address’s host where nothing was said, of which the operator is warned', () => {
    expect(letterheadOf(NOT_SAID, PLACE)).toEqual({
      letterhead: {
        organization: 'example.com',
        contact: { kind: 'nobody', text: 'example.com' },
        partnerPageUrl: 'https://example.com/por/partner',
      },
      warnings: [
        expect.stringMatching(/^ORGANIZATION_NAME is not set, .*example\.com\./),
        expect.stringMatching(/^MAIL_CONTACT is not set, .*example\.com /),
      ],
    });
  });

  it('is this machine where there is no public address, which mails that leave it should not lead to', () => {
    const place = { ...PLACE, partnerPageUrl: 'http://localhost:8787/partner', isPublic: false };
    const { letterhead, warnings } = letterheadOf(NOT_SAID, place);
    expect(letterhead.partnerPageUrl).toBe('http://localhost:8787/partner');
    expect(warnings).toHaveLength(3);
    expect(warnings[2]).toMatch(/^PARTNER_PAGE_URL and PUBLIC_URL are not set, /);
    expect(letterheadOf(NOT_SAID, { ...place, isSent: false }).warnings).toHaveLength(2);
  });

  it.each([
    ['https://help.example/por', 'page'],
    ['Service desk, extension 4711', 'words'],
    ['desk@woodgrove.example, other@woodgrove.example', 'words'],
  ])('with the contact %s', (contact, kind) => {
    expect(letterheadOf({ ...NOT_SAID, contact }, PLACE).letterhead.contact.kind).toBe(kind);
  });
});
