import { expect, test } from 'vitest';
import { FAILURE_REASONS, type Failure } from '../../../src/domain/failure';
import { failureText } from '../../../src/words/failure';

test.each<[failure: Failure, words: string]>([
  [
    { reason: 'refused', status: 418, said: 'No tea.', requestId: 'r-7' },
    'The service refused (418). The service said: “No tea.” (Request r-7)',
  ],
  [{ reason: 'serverError', status: 502, said: 'Down.' }, 'The service has a problem (502). The service said: “Down.”'],
  [
    { reason: 'noAnswer', code: 'IdentityProviderAway', said: 'Maintenance' },
    'Your identity provider gave no token. You stay signed in; try again later. Your identity provider said: “Maintenance”',
  ],
  [
    { reason: 'unreadable', status: 200, detail: { code: 'fieldUnexpected', field: 'nextLink' } },
    'The service’s list does not go on at its own address (nextLink). Check the service’s address in the options; if it is right, ask whoever runs the service to set PUBLIC_URL to what stands there before /v1.',
  ],
  [
    { reason: 'signInNeeded', code: 'SignInFailed', said: 'The account is locked.' },
    'Signing in did not work. Sign in again. Your identity provider said: “The account is locked.”',
  ],
])('what somebody else said is a quotation, with who said it: %j', (failure, words) => {
  expect(failureText(failure)).toBe(words);
});

test.each<[failure: Failure, words: string]>([
  [
    { reason: 'noAnswer', detail: { code: 'unreachable', name: 'Contoso partners' } },
    'Contoso partners can’t be reached. Check your network or VPN, then try again.',
  ],
  [
    { reason: 'timedOut', detail: { code: 'unreachable', name: 'Contoso partners' } },
    'Contoso partners did not answer in time. Try again.',
  ],
  [{ reason: 'noAnswer' }, 'The service can’t be reached. Check your network or VPN, then try again.'],
  [
    { reason: 'keptOut', detail: { code: 'keptOut', host: 'por.example.com' } },
    'Your browser or organisation keeps the extension out of por.example.com. Ask whoever manages this browser.',
  ],
  [
    { reason: 'wrongContract', detail: { code: 'otherVersion', version: 2, own: 1 } },
    'This service speaks version 2; this extension speaks version 1. Update the older of the two.',
  ],
  [
    { reason: 'unreadable', status: 200, detail: { code: 'fieldUnreadable', field: 'value.0.kind' } },
    'The service’s answer could not be read: its field value.0.kind is missing or wrong. Check the service’s address in the options, or tell its operator.',
  ],
  [
    { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'technical', words: 'Failed to fetch' } },
    'Signing in did not work. Sign in again. For support: Failed to fetch',
  ],
  ...(
    [
      [2 * 60 - 0.1, '2 hours ahead'],
      [-2 * 60, '2 hours behind'],
      [7, '7 minutes ahead'],
      [-100, '2 hours behind'],
      [24 * 60, '1 day ahead'],
      [-366 * 24 * 60, '366 days behind'],
    ] as const
  ).map(([minutes, amount]): [Failure, string] => [
    { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'clockOff', aheadMs: minutes * 60_000 } },
    `This computer’s clock is ${amount}. Set it right, then sign in again.`,
  ]),
  [{ reason: 'signInNeeded' }, 'You are not signed in.'],
  [
    { reason: 'signInNeeded', status: 401 },
    'The service refused your sign-in: it has expired or was withdrawn. Sign in again.',
  ],
])('what we know is told in our own words, and is no quotation: %j', (failure, words) => {
  expect(failureText(failure)).toBe(words);
  expect(failureText(failure)).not.toContain('“');
});

test('a page of a network that came in place of an answer is told as that', () => {
  for (const [reason, status] of [
    ['unreadable', 200],
    ['signInNeeded', 401],
    ['refused', 403],
  ] as const) {
    expect(failureText({ reason, status, detail: { code: 'webPage' } })).toBe(
      'A web page came in place of the service’s answer. Open the service’s address in a tab, sign in if you are asked to, then try again. Else check the address in the options.',
    );
  }
});

test('an answer that was cut short is told as that, and not as no answer', () => {
  expect(failureText({ reason: 'noAnswer', status: 200, detail: { code: 'cutShort' } }, 'Contoso partners')).toBe(
    'The service’s answer was cut short on its way. Try again; if it stays so, ask whoever runs the service.',
  );
});

test('what has words of ours is said once', () => {
  const failure: Failure = {
    reason: 'refused',
    status: 404,
    code: 'SubscriptionNotFound',
    said: 'No such subscription.',
  };
  expect(failureText(failure)).toMatch(/^This subscription is not in your organisation’s list/);
  expect(failureText(failure)).not.toContain('No such subscription');
});

test('a service that does not say its name is called as its connection', () => {
  expect(failureText({ reason: 'noAnswer' }, 'Contoso partners')).toMatch(/^Contoso partners can’t be reached/);
});

test.each<[failure: Failure, words: string]>([
  [{ reason: 'noAnswer' }, 'Azure can’t be reached. Check your network or VPN, then try again.'],
  [
    { reason: 'timedOut', detail: { code: 'unreachable', name: 'My links' } },
    'Azure did not answer in time. Try again.',
  ],
  [
    { reason: 'refused', status: 403, said: 'No.', requestId: 'r-7' },
    'Azure refused (403). Azure said: “No.” (Request r-7)',
  ],
  [{ reason: 'serverError', status: 502 }, 'Azure has a problem (502).'],
  [{ reason: 'busy', status: 429 }, 'Azure is busy.'],
  [
    { reason: 'signInNeeded', status: 401 },
    'Azure refused your sign-in: it has expired or was withdrawn. Sign in again.',
  ],
  [
    { reason: 'signInNeeded', status: 401, detail: { code: 'moreProof' } },
    'Azure asks you to sign in once more, for example with a second factor.',
  ],
  [
    { reason: 'refused', code: 'TenantNotKnown' },
    'Nobody tells in which tenant this subscription is. Open its page in the Azure portal.',
  ],
  [
    { reason: 'unreadable', status: 200, detail: { code: 'fieldUnreadable', field: 'version' } },
    'Azure’s answer could not be read: its field version is missing or wrong. Try again later.',
  ],
  ...[
    'The user does not have an account in this tenant, work with the administrator to add the account.',
    'If you are a CSP partner logged in the customer tenant, you will not be able to link the Partner ID',
    'A Cloud Solution Provider may not link here.',
  ].map((said): [Failure, string] => [
    { reason: 'refused', status: 403, code: 'Forbidden', said },
    `Azure refuses a link by delegated administration. Sign in with an account that is a member or guest of the customer’s own tenant and has a role there, or link in your own tenant. Azure said: “${said}”`,
  ]),
])('of a link it is Azure that is spoken of, and no service: %j', (failure, words) => {
  expect(failureText(failure, 'My links', 'link')).toBe(words);
});

test('no sentence about a link’s failure speaks of the service or the partner of record', () => {
  const details = [undefined, { code: 'webPage' }, { code: 'cutShort' }, { code: 'moreProof' }] as const;
  for (const reason of FAILURE_REASONS) {
    // These are no failures of a backend's.
    if (['notConfigured', 'keptOut', 'wrongContract'].includes(reason)) continue;
    for (const detail of details) {
      const words = failureText({ reason, said: 'No.', ...(detail && { detail }) }, 'My links', 'link');
      expect(words).not.toMatch(/service|partner of record|identity provider/i);
    }
  }
});
