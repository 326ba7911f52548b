import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { asciiAddress, mailAddress } from '../../server/src/mail/address';
import { judge } from '../../server/src/mail/verdict';

describe('a reply of a mail server', () => {
  it.each([
    ['550 5.1.1 <a@b.example>: no such user', '5.1.1'],
    ['550 5.1.2 no such domain', '5.1.2'],
    ['553 5.1.3 that is no address', '5.1.3'],
    ['551 5.1.6 moved', '5.1.6'],
    ['556 5.1.10 takes no mail', '5.1.10'],
    ['550 5.1.1', '5.1.1'],
    [
      '550-5.1.1 The account does not exist.\r\n550-5.1.1 Look for mistakes.\r\n550 5.1.1 See https://b.example',
      '5.1.1',
    ],
    ['550-5.1.1 the code stands on this line alone\n550 see https://b.example', '5.1.1'],
    ['550-no such user\n550 5.1.1 and here alone', '5.1.1'],
  ])('to RCPT is final: %j', (text, enhancedCode) => {
    expect(judge({ command: 'RCPT TO', text })).toEqual({
      kind: 'recipientRefused',
      final: true,
      smtpCode: Number(text.slice(0, 3)),
      enhancedCode,
    });
    expect(judge({ command: 'rcpt to', text }).final).toBe(true);
    for (const command of ['MAIL FROM', 'DATA', 'AUTH PLAIN', 'EHLO', 'STARTTLS', 'CONN']) {
      expect(judge({ command, text })).toMatchObject({ final: false, enhancedCode });
    }
  });

  it.each([
    // Exchange Online and others say so of senders, directories and connectors.
    ['550 5.1.0 address rejected', '5.1.0'],
    ['550 5.4.1 Recipient address rejected: Access denied', '5.4.1'],
    ['554 5.7.1 <a@b.example>: Relay access denied', '5.7.1'],
    ['554 5.7.1 Client host rejected', '5.7.1'],
    ['550 5.7.606 Access denied, banned sending IP', '5.7.606'],
    ['550 5.6.0 content', '5.6.0'],
    ['552 5.2.2 over quota', '5.2.2'],
    ['550 5.1.8 sender address rejected', '5.1.8'],
    ['550 5.1.11 no', '5.1.11'],
    ['550 5.1.1.1 no', null],
    ['550 5.1.7 sender syntax', '5.1.7'],
    ['550 no such user here', null],
    ['550', null],
    // Not where RFC 2034 has it, or not in its form.
    ['550 no such user (#5.1.1)', null],
    ['550 #5.1.1 no such user', null],
    ['550 user5.1.1 unknown', null],
    // One that says two things may mean either.
    ['550-5.1.1 no such user\n550 5.7.1 or not for you', '5.1.1'],
    // A basic code for now, an enhanced one for good, and the other way round.
    ['450 5.1.1 soft bounce', '5.1.1'],
    ['550 4.1.1 not now', '4.1.1'],
    ['450 4.7.1 Greylisted', '4.7.1'],
    ['452 4.2.2 mailbox full', '4.2.2'],
    ['nonsense 5.1.1', null],
    ['', null],
  ])('to RCPT is not: %j', (text, enhancedCode) => {
    expect(judge({ command: 'RCPT TO', text })).toMatchObject({ final: false, enhancedCode });
  });

  it.each([
    ['CONN', '554 no SMTP service here', 'turnedAway'],
    ['CONN', '421 4.3.2 shutting down', 'turnedAway'],
    ['EHLO', '504 5.5.2 need a fully-qualified hostname', 'turnedAway'],
    ['STARTTLS', '454 4.7.0 TLS not available', 'notEncrypted'],
    ['AUTH LOGIN', '535 5.7.8 credentials invalid', 'signInRefused'],
    ['AUTH PLAIN', '454 4.7.0 not now', 'signInRefused'],
    ['MAIL FROM', '553 5.1.8 sender domain does not exist', 'senderRefused'],
    ['MAIL FROM', '530 5.7.0 authentication required', 'senderRefused'],
    ['RCPT TO', '450 4.7.1 greylisted', 'recipientDeferred'],
    ['RCPT TO', '554 5.7.1 relay access denied', 'recipientRefused'],
    ['DATA', '451 4.3.0 local error', 'mailDeferred'],
    ['DATA', '552 5.3.4 too big', 'mailRefused'],
  ])('to %s is counted, as in “%s”, among %s', (command, text, kind) => {
    expect(judge({ command, text })).toMatchObject({ kind, final: false, smtpCode: Number(text.slice(0, 3)) });
  });
});

describe('a mail address', () => {
  it.each([
    ['alliances@bücher.example', 'alliances@xn--bcher-kva.example'],
    ['alliances@BÜCHER.Example', 'alliances@xn--bcher-kva.example'],
    ['a+b@straße.example', 'a+b@xn--strae-oqa.example'],
    ['post@例え.テスト', 'post@xn--r8jz45g.xn--zckzah'],
    ['Alliances@fabrikam.example', 'Alliances@fabrikam.example'],
    ['post@xn--bcher-kva.example', 'post@xn--bcher-kva.example'],
  ])('%s stands on the wire as %s', (text, onWire) => {
    expect(asciiAddress(text)).toBe(onWire);
    expect(v.is(mailAddress, text)).toBe(true);
  });

  it.each([
    ['jörg@bücher.example', 'behind the @ only'],
    ['jörg@example.com', 'behind the @ only'],
    ['a@b\n.example', 'is written like'],
    ['a@bü\ncher.example', 'is written like'],
    ['a@bü%0acher.example', 'is written like'],
    ['a@b@bücher.example', 'is written like'],
    ['a@b..example', 'is written like'],
    ['@bücher.example', 'is written like'],
    ['bücher.example', 'is written like'],
    ['a@', 'is written like'],
    [`a@${'ü'.repeat(60)}.example`, 'is written like'],
    [`a@${'bücher.'.repeat(40)}example`, 'at most 254'],
  ])('is not %j', (text, sentence) => {
    expect(asciiAddress(text)).toBeNull();
    expect(v.safeParse(mailAddress, text).issues?.[0].message).toContain(sentence);
  });
});
