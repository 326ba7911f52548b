import { expect, test } from 'vitest';
import { createRequests } from '../../../src/backends/requests';
import type { Connection } from '../../../src/domain/connection';
import { isSamePerson, type Person } from '../../../src/domain/person';

const connection: Connection = {
  id: 'c0ffee00-55c4-4d3e-8a2f-3d1c7a9e6b10',
  name: 'Ledger',
  kind: 'ledger',
  address: 'https://ledger.example',
  portals: [],
  tenants: [],
  signIn: 'accessToken',
};
const ownerOf = (token: string): Person => ({ kind: 'token', issuer: connection.address, fingerprint: token });

/** Requests with that token at a backend that tells nobody who they are, and what left. */
function requestsWith(token: string) {
  const sent: (string | null)[] = [];
  const requests = createRequests(
    connection,
    {
      credential: async () => ({ token, person: ownerOf(token) }),
      owner: async () => {
        throw new Error('It was asked whose a token is');
      },
      fetch: async (_url, init) => {
        sent.push(new Headers(init?.headers).get('authorization'));
        return Response.json({});
      },
      now: () => 0,
      mayReach: async () => true,
    },
    null,
  );
  const ask = (asker: Person) =>
    requests.sendAsSender(
      { method: 'PUT', url: connection.address },
      async (person) => isSamePerson(person, asker),
      AbortSignal.timeout(10_000),
    );
  return { sent, requests, ask };
}

test('a backend that tells nobody who they are is not asked: each token is a person of its own', async () => {
  const { requests } = requestsWith('first');
  expect(await requests.sender()).toEqual(ownerOf('first'));
});

test('there a change leaves with the token that it was asked with, and with no other', async () => {
  const { ask, sent } = requestsWith('first');
  expect((await ask(ownerOf('first'))).ok).toBe(true);
  await expect(ask(ownerOf('second'))).rejects.toMatchObject({ failure: { reason: 'otherPerson' } });
  expect(sent).toEqual(['Bearer first']);
});
