import * as oauth from 'oauth4webapi';
import { expect, it } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import { AnotherPerson, isAway, NotLetThrough, verdictOf, wordsOf } from '../../../src/background/sign-in-errors';

const authorizePage = (error: string, error_description?: string) =>
  new oauth.AuthorizationResponseError('no', {
    cause: new URLSearchParams({ error, ...(error_description !== undefined && { error_description }) }),
  });
const tokenEndpoint = (status: number, error: string) =>
  new oauth.ResponseBodyError('no', { cause: { error }, response: new Response(null, { status }) });
const browser = (words: string) => new NotLetThrough(words);
const unreadable = (code: string) => new oauth.OperationProcessingError('What is this?', { code });
const challenge = new oauth.WWWAuthenticateChallengeError('no', {
  cause: [{ scheme: 'basic', parameters: {} }],
  response: new Response(null, { status: 401 }),
});

it.each([
  ['login_required', authorizePage('login_required'), 'no', false],
  ['interaction_required', authorizePage('interaction_required'), 'no', false],
  ['consent_required', authorizePage('consent_required'), 'no', false],
  ['account_selection_required', authorizePage('account_selection_required'), 'no', false],
  ['unmet_authentication_requirements', authorizePage('unmet_authentication_requirements'), 'no', false],
  ['access_denied', authorizePage('access_denied'), 'cancelled', false],
  ['temporarily_unavailable', authorizePage('temporarily_unavailable'), 'later', true],
  ['server_error', authorizePage('server_error'), 'later', true],
  ['invalid_scope', authorizePage('invalid_scope'), 'later', false],
  ['unauthorized_client', authorizePage('unauthorized_client'), 'later', false],
  ['a code of nobody’s', authorizePage('LOGIN_REQUIRED '), 'later', false],
  ['a code named like what every object has', authorizePage('constructor'), 'later', false],
  ['400 invalid_grant', tokenEndpoint(400, 'invalid_grant'), 'no', false],
  ['401 invalid_grant', tokenEndpoint(401, 'invalid_grant'), 'no', false],
  ['400 interaction_required', tokenEndpoint(400, 'interaction_required'), 'no', false],
  ['400 invalid_client', tokenEndpoint(400, 'invalid_client'), 'later', false],
  ['408 invalid_grant', tokenEndpoint(408, 'invalid_grant'), 'later', true],
  ['429 invalid_grant', tokenEndpoint(429, 'invalid_grant'), 'later', true],
  ['500 invalid_grant', tokenEndpoint(500, 'invalid_grant'), 'later', true],
  ['503 login_required', tokenEndpoint(503, 'login_required'), 'later', true],
  ['a 401 that asks for other credentials', challenge, 'later', true],
  [
    'Chromium: interaction',
    browser('User interaction required. Try setting `abortOnLoadForNonInteractive` and more.'),
    'no',
    false,
  ],
  ['Chromium: closed', browser('The user did not approve access.'), 'cancelled', false],
  ['Chromium: not loaded', browser('Authorization page could not be loaded.'), 'later', true],
  ['Chromium: too slow', browser('Authorization page load timed out.'), 'later', true],
  ['Chromium: no window', browser('Couldn’t create a browser window to display an authorization page.'), 'later', true],
  ['Chromium: elsewhere', browser('Did not redirect to the right URL.'), 'later', true],
  ['Firefox: interaction', browser('Requires user interaction'), 'no', false],
  ['Firefox: closed', browser('User cancelled or denied access.'), 'cancelled', false],
  ['Firefox: not loaded', browser('Invalid request'), 'later', true],
  ['words that only hold a no', browser('Could not tell: User interaction required.'), 'later', true],
  ['a proxy’s page', unreadable(oauth.RESPONSE_IS_NOT_JSON), 'later', true],
  ['another status than is known', unreadable(oauth.RESPONSE_IS_NOT_CONFORM), 'later', true],
  ['half a text', unreadable(oauth.PARSE_ERROR), 'later', true],
  ['somebody else’s state', unreadable(oauth.INVALID_RESPONSE), 'later', false],
  ['another issuer', unreadable(oauth.JSON_ATTRIBUTE_COMPARISON), 'later', false],
  ['a network without an answer', new TypeError('Failed to fetch'), 'later', true],
  ['the end of its time', new DOMException('timed out', 'TimeoutError'), 'later', true],
  ['too large an answer', new BackendError({ reason: 'tooLarge' }), 'later', true],
  ['somebody else', new AnotherPerson('somebody else'), 'no', false],
  ['what is no error', 'login_required', 'later', true],
])('%s is read from what was said', (_what, cause, verdict, away) => {
  expect([verdictOf(cause), isAway(cause)]).toEqual([verdict, away]);
});

it('takes the provider’s own words, as many as anybody reads', () => {
  expect(wordsOf(authorizePage('server_error', 'Back at noon'))).toBe('Back at noon');
  expect(wordsOf(authorizePage('server_error'))).toBe('server_error');
  expect(wordsOf(authorizePage('server_error', 'w'.repeat(100_000)))?.length).toBeLessThan(600);
  expect(wordsOf(browser('Authorization page could not be loaded.'))).toBeNull();
});
