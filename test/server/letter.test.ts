import { describe, expect, it } from 'vitest';
import { type Event, type Notice, writeLetter } from '../../server/src/mail/notice';
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
    customer: { id: 'contoso', name: 'Contoso Ltd' },
    subscription: { id: subscriptionId('89fd93d4'), name: 'Production' },
    at: new Date('2026-03-01T12:00:05Z'),
    by: 'Ada Admin',
    requestId: 'b1946ac9-request',
    ...wish,
  };
}

const letterOf = (notice: Notice) => writeLetter(notice, wordsOf(ENGLISH, null));

describe('a mail to a partner', () => {
  it('says all that there is to say, in words', () => {
    expect(
      letterOf(notice('assigned')).text,
    ).toBe(`Fabrikam Cloud Services (4852013) is now the partner of record of this subscription.

Customer: Contoso Ltd (contoso)
Subscription: Production (89fd93d4)
When: 1 March 2026, 12:00:05 UTC
By: Ada Admin
Request: b1946ac9-request

From now on you can see:
- The customer’s ID and name
- The subscription’s ID and name
- Its start date and its current end date
- Total metered consumption or seat usage, as amounts and seat numbers
- The date you were associated with it
- Totals for the services and seat-based workloads in use

This is the record of the organisation that runs this service, not Microsoft’s; nothing was changed at Microsoft.
`);
  });

  it.each([
    [
      'assigned',
      'You are now the partner of record: Production, Contoso Ltd',
      'is now the',
      'From now on you can see:',
    ],
    [
      'changedTo',
      'You are now the partner of record: Production, Contoso Ltd',
      'in another partner’s place',
      'From now on',
    ],
    [
      'changedFrom',
      'You are no longer the partner of record: Production, Contoso Ltd',
      'Another partner',
      'no longer see:',
    ],
    [
      'removed',
      'You are no longer the partner of record: Production, Contoso Ltd',
      'It has none now',
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
      .replace(/^[\s\S]*<body>/, '')
      .replace(/<th[^>]*>(.*?)<\/th><td>/g, '$1: ')
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

  it('leaves the request out where no caller asked', () => {
    expect(letterOf(notice('assigned', { requestId: null })).text).not.toContain('Request');
  });

  it.each(['assigned', 'changedTo', 'changedFrom', 'removed'] as const)(
    'has nothing but the catalogue’s words when it tells of %s',
    (event) => {
      const words = wordsOf(inOtherScript(ENGLISH), null);
      const { subject, text, html } = writeLetter(
        notice(event, {
          partner: { partnerId: partnerId('4852013'), name: inGeorgianLetters('Fabrikam') },
          customer: { id: '17', name: inGeorgianLetters('Contoso') },
          subscription: { id: subscriptionId('89'), name: inGeorgianLetters('Production') },
          by: inGeorgianLetters('Ada'),
          requestId: '19468',
        }),
        words,
      );
      const shown = [subject, text, html.replace(/<[^>]*>/g, '').replace(/&#?\w+;/g, '')];
      expect(shown.filter((words) => /\p{Script=Latin}/u.test(words))).toEqual([]);
      expect(html).toContain('<html lang="ka">');
    },
  );

  it('isolates names, so that one written from right to left turns nothing around it', () => {
    const { html } = letterOf(notice('assigned', { by: 'عادة' }));
    expect(html).toContain('<bdi>عادة</bdi>');
    expect(html).toContain('<bdi>Contoso Ltd</bdi> (<bdi>contoso</bdi>)');
  });
});
