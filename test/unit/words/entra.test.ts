import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Failure } from '../../../src/domain/failure';
import { hasEntraWords } from '../../../src/words/entra';
import { failureSentence, failureText } from '../../../src/words/failure';

/** Those that people meet who sign in at many tenants. */
const MET = [
  16000, 50011, 50020, 50034, 50057, 50058, 50076, 50079, 50105, 50158, 50173, 53000, 53001, 53003, 54005, 65001, 65004,
  70043, 700016, 700082, 700084, 90002, 90072, 90094, 90095, 500212, 500213, 530084, 9002326, 9002327,
];

const refusal = (number: number): Failure => ({
  reason: 'signInNeeded',
  code: 'SignInFailed',
  detail: { code: 'entra', number },
  said: 'Something for administrators.',
  requestId: '3-4',
});

test.each(MET)('AADSTS%s is told in our own words, with what to do, and its number for support', (number) => {
  expect(hasEntraWords(number)).toBe(true);
  expect(failureText(refusal(number))).toMatch(
    new RegExp(`^[A-Z].+[.:] .+\\. For support: AADSTS${number} \\(Request 3-4\\)$`),
  );
  expect(failureSentence(refusal(number), 'link')).not.toMatch(/AADSTS|administrators\./);
});

test('each of our sentences about Entra is one of a reason’s', async () => {
  const { entra } = JSON.parse(await readFile('src/words/en/failure.json', 'utf8'));
  const told = new Set(MET.map((number) => failureSentence(refusal(number), 'link')));
  expect(told).toEqual(new Set(Object.values(entra)));
});

test('any other reason is told by its number, with what Entra said as a quotation and the ID of the request', () => {
  expect(failureText(refusal(900971), null, 'link')).toBe(
    'Microsoft Entra refused the sign-in, for the reason AADSTS900971. Show this to an administrator of the tenant. Microsoft Entra said: “Something for administrators.” (Request 3-4)',
  );
});

test('a personal account is told to name a tenant', () => {
  expect(failureText({ reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'personalAccount' } })).toMatch(
    /^This is a personal Microsoft account.* Name the tenant to sign in at/,
  );
});
