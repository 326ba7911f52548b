import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Backend, BackendError, type IsSender } from '../../../src/backends/backend';
import { azurePalKind, createAzurePal } from '../../../src/backends/azure-pal';
import { AZURE_CLOUDS, AZURE_ENDPOINTS } from '../../../src/domain/azure-cloud';
import type { ChangeRequest } from '../../../src/domain/change-request';
import type { TestStep } from '../../../src/domain/connection-test';
import type { Partner } from '../../../src/domain/partner';
import type { PartnerState } from '../../../src/domain/partner-state';
import type { TenantSignIn } from '../../../src/domain/person';
import { failureSchema, partnerStateSchema } from '../../../src/domain/schemas';
import type { Target } from '../../../src/domain/target';
import * as v from 'valibot';
import type { StartedFault } from '../../azure/faults';
import { CSP_REFUSAL } from '../../azure/management-server';
import { testDirectory } from '../../azure/directory';
import { aConnection } from '../../support/connections';
import { aRequest } from '../../support/changes';
import { deferred } from '../../support/deferred';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { subscriptionTarget } from '../../../src/domain/target';
import { SUBSCRIPTION_ID } from '../../support/targets';
import { type AzureParts, type AzureWorld, sentTo, signInAt, startAzure, tenantAt } from './azure-world';

const signal = new AbortController().signal;

async function azureWith(link: Partner | null, parts?: AzureParts) {
  const azure = await startAzure(parts);
  for (const { partnerId, name } of [OLD, WANTED, FOREIGN]) azure.server.partners.set(partnerId, name);
  const of = signInAt(azure.directory);
  if (link !== null) azure.server.setLink(of, link.partnerId);
  return { ...azure, of, target: targetOf(azure, of) };
}

function targetOf({ connection }: Pick<AzureWorld, 'connection'>, { user, tenant }: TenantSignIn): Target {
  return { kind: 'signIn', connectionId: connection.id, tenant, user };
}

/** A change based on what that state shows. */
function changeTo(
  target: Target,
  wanted: Partner | null,
  { partnerOfRecord, version }: Pick<PartnerState, 'partnerOfRecord' | 'version'>,
): ChangeRequest {
  const before = partnerOfRecord && { partnerId: partnerOfRecord.partnerId, name: partnerOfRecord.name };
  const kind = wanted === null ? 'remove' : before === null ? 'assign' : 'change';
  return aRequest({ target, kind, before, after: wanted, basedOn: version, replay: 'readFirst' });
}

const isAda: IsSender = async (person, user) =>
  person.kind === 'openIdConnect' && person.name === 'ada@tenant1.example' && user !== undefined;

/** Reads what is there and asks for a change of it. */
async function changed({ backend, target }: Awaited<ReturnType<typeof azureWith>>, wanted: Partner | null) {
  const change = changeTo(target, wanted, await backend.read(target, signal));
  return { change, apply: () => backend.apply(change, isAda, signal) };
}

/** A backend behind whose write that fault is met, and where something happens before it looks what is there then. */
function lookingBehind({ connection, ports }: AzureWorld, { met }: StartedFault, happen: () => void): Backend {
  const backend = createAzurePal(connection, {
    ...ports,
    fetch: (address, init) => {
      if (init?.method === 'GET' && met() === 1) happen();
      return ports.fetch(address, init);
    },
  });
  if (backend === null) throw new Error('The address is one of Azure’s');
  return backend;
}

async function failureOf(answer: Promise<unknown>): Promise<BackendError> {
  const cause = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof BackendError)) throw new Error(`Not a BackendError: ${cause}`);
  v.parse(failureSchema, cause.failure);
  return cause;
}

const READ = 'GET /partners';
const to = ({ partnerId }: Partner) => `/partners/${partnerId}`;

describe('An account without a link', () => {
  it('reads as no partner, which it may change', async () => {
    const { backend, target } = await azureWith(null);
    expect(await backend.read(target, signal)).toEqual({
      partnerOfRecord: null,
      version: null,
      rights: { mayChange: true, role: null, reason: null },
      subscription: null,
    });
  });

  it('is linked by one PUT that says the partner in its body, behind a read', async () => {
    const azure = await azureWith(null);
    const { server, backend, target, of } = azure;
    const { apply } = await changed(azure, WANTED);
    const state = await apply();
    expect(state).toMatchObject({
      partnerOfRecord: { partnerId: WANTED.partnerId, name: WANTED.name, state: 'Active' },
    });
    expect(v.parse(partnerStateSchema, state)).toEqual(state);
    expect(sentTo(server)).toEqual([READ, READ, `PUT ${to(WANTED)}`]);
    expect(server.requests.at(-1)).toMatchObject({
      query: '?api-version=2018-02-01',
      body: `{"partnerId":"${WANTED.partnerId}"}`,
      of,
    });
    expect(await backend.read(target, signal)).toEqual(state);
  });

  it('has nothing to remove, so nothing is sent for it', async () => {
    const azure = await azureWith(null);
    const { backend, target, server } = azure;
    const change = aRequest({ target, kind: 'remove', before: OLD, after: null, basedOn: '1', replay: 'readFirst' });
    expect((await backend.apply(change, isAda, signal)).partnerOfRecord).toBeNull();
    expect(sentTo(server)).toEqual([READ]);
  });
});

describe('An account with a link', () => {
  it.each(['number', 'text'] as const)('reads as its partner, with a version that is a %s', async (numbers) => {
    const { server, backend, target, of } = await azureWith(OLD);
    server.setLink(of, OLD.partnerId);
    server.setStyle({ numbers });
    const state = await backend.read(target, signal);
    expect(state).toMatchObject({
      partnerOfRecord: {
        partnerId: OLD.partnerId,
        name: OLD.name,
        assignedAt: server.link(of)?.updatedTime,
        assignedBy: null,
        state: 'Active',
      },
      version: '2',
    });
    expect(v.parse(partnerStateSchema, state)).toEqual(state);
  });

  it('reads as a partner without a name, where Azure says none', async () => {
    const { server, backend, target } = await azureWith(OLD);
    server.setStyle({ names: false });
    expect((await backend.read(target, signal)).partnerOfRecord?.name).toBeNull();
  });

  it('is changed by one PATCH to the new partner', async () => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    expect(await apply()).toMatchObject({ partnerOfRecord: { partnerId: WANTED.partnerId }, version: '2' });
    expect(sentTo(azure.server).at(-1)).toBe(`PATCH ${to(WANTED)}`);
    expect(azure.server.requests.at(-1)?.headers['content-length']).toBe('22');
  });

  it('is removed by one DELETE of the present partner, whose answer is empty', async () => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, null);
    expect((await apply()).partnerOfRecord).toBeNull();
    expect(sentTo(azure.server).at(-1)).toBe(`DELETE ${to(OLD)}`);
    expect(azure.server.link(azure.of)).toBeNull();
  });

  it('is linked anew after its removal, which goes on from the version there was', async () => {
    const azure = await azureWith(OLD);
    await (await changed(azure, null)).apply();
    azure.server.nextChange(azure.of);
    expect(await (await changed(azure, WANTED)).apply()).toMatchObject({ version: '3' });
  });

  it('stays as it is where it is what was wanted', async () => {
    const azure = await azureWith(WANTED);
    const change = changeTo(azure.target, WANTED, { partnerOfRecord: null, version: null });
    expect((await azure.backend.apply(change, isAda, signal)).partnerOfRecord?.partnerId).toBe(WANTED.partnerId);
    expect(sentTo(azure.server)).toEqual([READ]);
  });

  it.each<[string, object]>([
    ['with the partner that it named', { partnerId: OLD.partnerId, version: 4 }],
    ['without one', {}],
    ['with none', { partnerId: null, partnerName: null }],
    ['with an empty one', { partnerId: '', partnerName: '' }],
  ])('reads as none where Azure calls it deleted, %s', async (_how, more) => {
    const { server, backend, target, of } = await azureWith(null);
    const properties = { tenantId: of.tenant, state: 'Deleted', ...more };
    server.startFault({ kind: 'answer', status: 200, body: { etag: 4, properties } });
    expect(await backend.read(target, signal)).toMatchObject({ partnerOfRecord: null, version: null });
  });

  it.each([
    ['no number', { etag: 'W/"1"', version: {} }, null],
    ['too long to be one', { etag: '9'.repeat(2000) }, null],
    ['only in its properties', { version: '7' }, '7'],
    ['another outside of them, where Azure counts', { etag: '8', version: '7' }, '8'],
  ])(
    'has its version told apart where that is %s',
    async (_how, { etag, version }: { etag?: string; version?: unknown }, told) => {
      const { server, backend, target } = await azureWith(null);
      const properties = { partnerId: 200002, partnerName: ' '.repeat(3), version, updatedTime: 'yesterday', state: 7 };
      server.startFault({ kind: 'answer', status: 200, body: { etag, properties } });
      const state = await backend.read(target, signal);
      expect(state).toMatchObject({
        version: told,
        partnerOfRecord: { partnerId: '200002', name: null, assignedAt: null },
      });
      expect(v.parse(partnerStateSchema, state)).toEqual(state);
    },
  );
});

describe('A change made elsewhere', () => {
  it.each([
    ['another partner', FOREIGN, FOREIGN],
    ['none any more', null, null],
    ['the same partner, set anew', OLD, OLD],
  ])('is told before anything is written, where it left %s', async (_what, left, found) => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    azure.server.setLink(azure.of, left?.partnerId ?? null);
    const { failure, state } = await failureOf(apply());
    expect(failure).toEqual({ reason: 'refused', code: 'ChangedElsewhere' });
    expect(state?.partnerOfRecord?.partnerId ?? null).toBe(found?.partnerId ?? null);
    expect(sentTo(azure.server)).toEqual([READ, READ]);
  });

  it.each([
    ['a link was made', null, WANTED, FOREIGN, 'PUT'],
    ['the link was removed', OLD, WANTED, null, 'PATCH'],
    ['the link was changed', OLD, null, FOREIGN, 'DELETE'],
  ] as const)(
    'between read and write is told by what is there then: %s',
    async (_what, before, wanted, left, method) => {
      const azure = await azureWith(before);
      const { apply } = await changed(azure, wanted);
      azure.server.startFault({ kind: 'changedElsewhere', to: left?.partnerId ?? null }, { on: ['write'] });
      const { failure, state } = await failureOf(apply());
      expect(failure.reason).toBe('refused');
      expect(state?.partnerOfRecord?.partnerId ?? null).toBe(left?.partnerId ?? null);
      expect(sentTo(azure.server)).toEqual([READ, READ, expect.stringContaining(method), READ]);
    },
  );

  it('that did what was wanted is as good as ours', async () => {
    const azure = await azureWith(null);
    const { apply } = await changed(azure, WANTED);
    // As where the browser sends a PUT again whose answer was lost, and the second is refused.
    azure.server.startFault({ kind: 'changedElsewhere', to: WANTED.partnerId }, { on: ['write'] });
    expect((await apply()).partnerOfRecord?.partnerId).toBe(WANTED.partnerId);
  });
});

const CHANGES = [
  ['a new link', null, WANTED],
  ['a changed link', OLD, WANTED],
  ['a removal', OLD, null],
] as const;

describe.each(CHANGES)('Of %s', (_what, before, wanted) => {
  it.each([
    ['a 500', { kind: 'serverError', status: 500, when: 'after' }],
    ['a 503', { kind: 'serverError', status: 503, when: 'after' }],
    ['a 408', { kind: 'serverError', status: 408, when: 'after' }],
    ['no answer', { kind: 'answerLost', when: 'after' }],
  ] as const)('%s behind the effect is looked behind, and nothing is written twice', async (_how, fault) => {
    const azure = await azureWith(before);
    const { apply } = await changed(azure, wanted);
    azure.server.startFault(fault, { on: ['write'] });
    expect((await apply()).partnerOfRecord?.partnerId ?? null).toBe(wanted?.partnerId ?? null);
    expect(sentTo(azure.server)).toEqual([READ, READ, expect.stringContaining('/partners/'), READ]);
  });

  it('a page for people in place of the answer is looked behind', async () => {
    const azure = await azureWith(before);
    const { apply } = await changed(azure, wanted);
    azure.server.startFault({ kind: 'changedElsewhere', to: wanted?.partnerId ?? null }, { on: ['write'] });
    azure.server.startFault({ kind: 'webPage', status: 200 }, { on: ['write'] });
    expect((await apply()).partnerOfRecord?.partnerId ?? null).toBe(wanted?.partnerId ?? null);
    expect(sentTo(azure.server)).toEqual([READ, READ, expect.stringContaining('/partners/'), READ]);
  });

  it.each([
    ['a 500', { kind: 'serverError', status: 500, when: 'before' }, { reason: 'serverError', status: 500 }],
    ['a 504', { kind: 'serverError', status: 504, when: 'before' }, { reason: 'serverError', status: 504 }],
    ['no answer', { kind: 'answerLost', when: 'before' }, { reason: 'noAnswer' }],
    ['a web page', { kind: 'webPage', status: 200 }, { reason: 'unreadable', detail: { code: 'webPage' } }],
  ] as const)('%s without an effect is told as it is, and the next try writes', async (_how, fault, failure) => {
    const azure = await azureWith(before);
    const { apply } = await changed(azure, wanted);
    azure.server.startFault(fault, { on: ['write'] });
    const told = await failureOf(apply());
    expect(told.failure).toMatchObject(failure);
    expect(told.failure.unsent).toBeUndefined();
    expect(told.state).toBeNull();
    expect((await apply()).partnerOfRecord?.partnerId ?? null).toBe(wanted?.partnerId ?? null);
  });

  it.each([
    ['an answer that does not come in time is looked behind', 'after'],
    ['a write that is on its way for good is not taken for done', 'before'],
  ] as const)('%s', async (_what, when) => {
    const azure = await azureWith(before);
    const { apply } = await changed(azure, wanted);
    const { promise, resolve } = deferred();
    const held = azure.server.startFault({ kind: 'held', when, until: promise }, { on: ['write'] });
    const limits: AbortController[] = [];
    const spied = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const limit = new AbortController();
      limits.push(limit);
      return limit.signal;
    });
    onTestFinished(() => spied.mockRestore());
    const applying = apply();
    await vi.waitFor(() => expect(held.met()).toBe(1), { interval: 1 });
    // With the effect, where there is one: the server carries a request out and then waits.
    limits.at(-1)?.abort(new DOMException('It took too long', 'TimeoutError'));
    if (when === 'after') expect((await applying).partnerOfRecord?.partnerId ?? null).toBe(wanted?.partnerId ?? null);
    else {
      const { failure, state } = await failureOf(applying);
      expect([failure.reason, state]).toEqual(['timedOut', null]);
    }
    resolve();
  });

  it('a lost answer behind which another partner is found says nothing of whose write was the last', async () => {
    const azure = await azureWith(before);
    const { change } = await changed(azure, wanted);
    const lost = azure.server.startFault({ kind: 'answerLost', when: 'after' }, { on: ['write'] });
    const backend = lookingBehind(azure, lost, () => azure.server.setLink(azure.of, FOREIGN.partnerId));
    const { failure, state } = await failureOf(backend.apply(change, isAda, signal));
    expect(failure).toMatchObject({ reason: 'noAnswer' });
    expect(state).toBeNull();
  });

  it('a token that expired in the middle is renewed once, without the person', async () => {
    const azure = await azureWith(before);
    const { apply } = await changed(azure, wanted);
    azure.server.startFault({ kind: 'expired' }, { on: ['write'] });
    expect((await apply()).partnerOfRecord?.partnerId ?? null).toBe(wanted?.partnerId ?? null);
    expect(azure.server.requests.map(({ status }) => status)).toEqual([
      expect.any(Number),
      expect.any(Number),
      401,
      expect.any(Number),
      200,
    ]);
    const renewals = azure.wanted.filter(({ refused }) => refused !== undefined);
    expect(renewals).toEqual([{ of: azure.of, refused: expect.any(String) }]);
  });

  it.each([
    ['somebody changed it meanwhile', FOREIGN],
    ['somebody did the same meanwhile', wanted],
  ] as const)('a token that expired in the middle brings no second write where %s', async (_what, left) => {
    const azure = await azureWith(before);
    const { change } = await changed(azure, wanted);
    const expired = azure.server.startFault({ kind: 'expired' }, { on: ['write'] });
    const backend = lookingBehind(azure, expired, () => azure.server.setLink(azure.of, left?.partnerId ?? null));
    const { failure, state } = await failureOf(backend.apply(change, isAda, signal));
    expect(failure).toEqual({ reason: 'refused', code: 'ChangedElsewhere' });
    // By that the engine knows what has come of it.
    expect(state?.partnerOfRecord?.partnerId ?? null).toBe(left?.partnerId ?? null);
    expect(azure.server.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
  });

  it('a claims challenge on the write alone is met with the claims as they came', async () => {
    const azure = await azureWith(before);
    const { apply } = await changed(azure, wanted);
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    azure.server.startFault(
      { kind: 'claims', claims, value: claims },
      { on: ['write'], times: Number.POSITIVE_INFINITY },
    );
    expect((await apply()).partnerOfRecord?.partnerId ?? null).toBe(wanted?.partnerId ?? null);
    expect(azure.wanted.flatMap((one) => one.claims ?? [])).toEqual([claims]);
  });
});

describe('A token that is refused for one thing and then for want of claims', () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const others = '{"access_token":{"nbf":{"essential":true,"value":"1763856000"}}}';
  const lacks = (value: string) => ({ kind: 'claims', claims: value, value }) as const;

  it.each([
    ['since it expired', 'read', { kind: 'expired' }, claims],
    ['since it expired', 'write', { kind: 'expired' }, claims],
    ['for want of others', 'write', lacks(others), claims],
  ] as const)('%s, is renewed for both, on a %s', async (_why, on, first, second) => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault(first, { on: [on] });
    azure.server.startFault(lacks(second), { on: [on] });
    expect((await apply()).partnerOfRecord?.partnerId).toBe(WANTED.partnerId);
    expect(azure.wanted.map((one) => one.claims)).toContain(second);
    expect(azure.server.requests.filter(({ hadEffect }) => hadEffect)).toHaveLength(1);
  });

  it('is told as that where it lacks them all the same, and nothing is sent a third time', async () => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault({ kind: 'claims', claims, value: 'never' }, { on: ['write'], times: 9 });
    expect((await failureOf(apply())).failure).toMatchObject({ detail: { code: 'moreProof' } });
    expect(azure.wanted.filter((wanted) => wanted.claims === claims)).toHaveLength(2);
    expect(new Set(azure.wanted.map(({ refused }) => refused)).size).toBe(3);
    expect(azure.server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2);
  });
});

describe('A removal that is answered with more than nothing', () => {
  const of = (state: string) => ({ properties: { partnerId: OLD.partnerId, state } });

  it.each([
    ['a link that is gone', of('Deleted'), true],
    ['no JSON', 'OK', true],
    ['a link that is there', of('Active'), false],
    ['a fault', { error: { code: 'InternalError' } }, false],
    ['half of it', '{"properties":', false],
  ])('as %s', async (_what, body, isGone) => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, null);
    azure.server.startFault({ kind: 'answer', status: 200, body }, { on: ['write'] });
    if (isGone) expect((await apply()).partnerOfRecord).toBeNull();
    else {
      // It is looked behind: nothing was removed.
      const { failure } = await failureOf(apply());
      expect(['unreadable', 'noAnswer']).toContain(failure.reason);
      expect(sentTo(azure.server)).toEqual([READ, READ, `DELETE ${to(OLD)}`, READ]);
    }
  });
});

describe('A write that is refused', () => {
  it('for its token needs a sign-in, and had no effect', async () => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c2"}}}';
    azure.server.startFault({ kind: 'claims', claims, value: 'never' }, { on: ['write'], times: 2 });
    expect((await failureOf(apply())).failure).toMatchObject({ reason: 'signInNeeded', status: 401 });
    expect(azure.server.link(azure.of)?.partnerId).toBe(OLD.partnerId);
    // Once more with a renewed token, behind a look, and not looked behind.
    expect(sentTo(azure.server)).toEqual([READ, READ, `PATCH ${to(WANTED)}`, READ, `PATCH ${to(WANTED)}`]);
  });

  it('for now waits as long as it is told, and is not looked behind', async () => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault({ kind: 'throttled', retryAfter: '17' }, { on: ['write'] });
    const { failure, retryAfterMs } = await failureOf(apply());
    expect(failure).toMatchObject({ reason: 'busy', code: 'TooManyRequests' });
    expect(retryAfterMs).toBe(17_000);
    expect(sentTo(azure.server)).toEqual([READ, READ, `PATCH ${to(WANTED)}`]);
  });

  it.each([
    ['plainly', 'forbidden', { code: 'AuthorizationFailed', status: 403 }],
    ['in Azure’s own words to a CSP', 'cspRefusal', { said: CSP_REFUSAL, status: 403 }],
    ['since it is linked, though nothing shows it', 'alreadyLinked', { code: 'PartnerIdAlreadyLinked', status: 400 }],
    ['for a partner that is none', 'notFound', { code: 'NotFound', status: 404 }],
  ] as const)('%s ends so, once nothing shows an effect', async (_how, kind, failure) => {
    const azure = await azureWith(null);
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault({ kind }, { on: ['write'] });
    const told = await failureOf(apply());
    expect(told.failure).toMatchObject({ reason: 'refused', ...failure });
    expect(told.state).toBeNull();
  });

  it('in flat words is told by them', async () => {
    const azure = await azureWith(null);
    azure.server.setStyle({ errors: 'flat' });
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault({ kind: 'cspRefusal' }, { on: ['write'] });
    expect((await failureOf(apply())).failure).toEqual({
      reason: 'refused',
      status: 403,
      code: 'Forbidden',
      said: CSP_REFUSAL,
      requestId: 'request-3',
    });
  });

  it.each([
    ['is lost', { kind: 'answerLost', when: 'after' }, null],
    ['has to wait', { kind: 'throttled', retryAfter: '9' }, 9000],
    ['fails', { kind: 'serverError', status: 503, when: 'before', retryAfter: '4' }, 4000],
  ] as const)('is no end while the look behind it %s', async (_how, fault, retryAfterMs) => {
    const azure = await azureWith(null);
    const { change } = await changed(azure, WANTED);
    const refusing = azure.server.startFault({ kind: 'alreadyLinked' }, { on: ['write'] });
    const backend = lookingBehind(azure, refusing, () => azure.server.startFault(fault, { on: ['read'] }));
    const told = await failureOf(backend.apply(change, isAda, signal));
    expect(told.failure).toEqual({ reason: 'noAnswer' });
    expect(told.retryAfterMs).toBe(retryAfterMs);
  });

  it('as the look behind it is ends so', async () => {
    const azure = await azureWith(null);
    const { change } = await changed(azure, WANTED);
    const refusing = azure.server.startFault({ kind: 'forbidden' }, { on: ['write'] });
    const backend = lookingBehind(azure, refusing, () =>
      azure.server.startFault({ kind: 'cspRefusal' }, { on: ['read'] }),
    );
    const told = await failureOf(backend.apply(change, isAda, signal));
    expect(told.failure).toMatchObject({ reason: 'refused', code: 'AuthorizationFailed' });
  });
});

describe('A read that lacks claims', () => {
  it('is sent once more with them', async () => {
    const { server, backend, target, wanted } = await azureWith(OLD);
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1763856000"}}}';
    server.startFault({ kind: 'claims', claims, value: claims }, { on: ['read'], times: 5 });
    expect((await backend.read(target, signal)).partnerOfRecord?.partnerId).toBe(OLD.partnerId);
    expect(wanted.map((one) => one.claims)).toEqual([undefined, claims]);
  });
});

describe('A read that fails', () => {
  it.each([
    ['is throttled', { kind: 'throttled', retryAfter: null }, { reason: 'busy', unsent: true }],
    ['gets no answer', { kind: 'answerLost', when: 'after' }, { reason: 'noAnswer', unsent: true }],
    [
      'meets a fault of Azure’s',
      { kind: 'serverError', status: 500, when: 'after' },
      { reason: 'serverError', unsent: true },
    ],
    ['is refused', { kind: 'forbidden' }, { reason: 'refused', code: 'AuthorizationFailed', unsent: undefined }],
    ['meets a CSP’s refusal', { kind: 'cspRefusal' }, { reason: 'refused', said: CSP_REFUSAL, unsent: undefined }],
  ] as const)('before a change because it %s lets nothing be written', async (_how, fault, failure) => {
    const azure = await azureWith(OLD);
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault(fault, { on: ['read'] });
    const told = await failureOf(apply());
    expect({ unsent: undefined, ...told.failure }).toMatchObject(failure);
    expect(sentTo(azure.server)).toEqual([READ, READ]);
  });

  it.each([
    [
      'there is no such interface in that cloud',
      { kind: 'noSuchInterface' },
      { reason: 'refused', code: 'InvalidResourceNamespace' },
    ],
    ['a page for people came', { kind: 'webPage', status: 404 }, { reason: 'refused', detail: { code: 'webPage' } }],
    [
      'a gateway knows no such route',
      { kind: 'gateway404', body: '{"message":"no Route matched with those values"}' },
      { reason: 'refused', status: 404 },
    ],
    [
      'a gateway says it in a line',
      { kind: 'gateway404', body: '404 page not found' },
      { reason: 'refused', status: 404 },
    ],
    ['a gateway says nothing', { kind: 'gateway404', body: '' }, { reason: 'refused', status: 404 }],
  ] as const)('with a 404 because %s is not taken for no link', async (_how, fault, failure) => {
    const { server, backend, target } = await azureWith(OLD);
    server.startFault(fault, { on: ['read'] });
    expect((await failureOf(backend.read(target, signal))).failure).toMatchObject(failure);
  });

  it.each([
    ['in flat words', { code: 'NotFound', message: 'Nothing' }],
    ['with no words', ''],
    ['by another name', { error: { code: 'PartnerNotFound', message: 'Nothing' } }],
    ['without a code', { error: { message: 'Nothing' } }],
    ['with a number in the place of a code', { error: { code: 404, message: 'Nothing' } }],
    ['of nothing', {}],
  ])('with a 404 %s reads as no link', async (_how, body) => {
    const { server, backend, target } = await azureWith(OLD);
    server.startFault({ kind: 'answer', status: 404, body }, { on: ['read'] });
    expect((await backend.read(target, signal)).partnerOfRecord).toBeNull();
  });

  it.each([
    ['of another tenant', (other: string) => ({ partnerId: OLD.partnerId, tenantId: other }), 'fieldUnexpected'],
    ['of a tenant that is none', () => ({ partnerId: OLD.partnerId, tenantId: 'contoso.com' }), 'fieldUnreadable'],
    ['without a partner', () => ({ state: 'Active' }), 'fieldUnreadable'],
  ])('since its answer is %s is told as that', async (_how, properties, code) => {
    const { server, backend, target, directory } = await azureWith(OLD);
    server.startFault({ kind: 'answer', status: 200, body: { properties: properties(tenantAt(directory, 1)) } });
    expect((await failureOf(backend.read(target, signal))).failure).toMatchObject({
      reason: 'unreadable',
      detail: { code },
    });
  });

  it('for want of a token needs a sign-in, and nothing leaves', async () => {
    const azure = await azureWith(OLD, { credential: async () => null });
    const change = changeTo(azure.target, WANTED, { partnerOfRecord: null, version: null });
    expect((await failureOf(azure.backend.apply(change, isAda, signal))).failure).toEqual({
      reason: 'signInNeeded',
      unsent: true,
    });
    expect(azure.server.requests).toEqual([]);
  });

  it('since it was aborted throws why', async () => {
    const { backend, target } = await azureWith(OLD);
    await expect(backend.read(target, AbortSignal.abort('over'))).rejects.toBe('over');
  });
});

describe('Whose a request is', () => {
  it('is each account’s own in each tenant', async () => {
    const azure = await azureWith(null);
    const { server, backend, directory } = azure;
    const bens = signInAt(directory, { account: 1, tenant: 1 });
    server.setLink(bens, FOREIGN.partnerId);
    server.setLink(signInAt(directory, { tenant: 1 }), OLD.partnerId);
    const readAs = async (of: TenantSignIn) =>
      (await backend.read(targetOf(azure, of), signal)).partnerOfRecord?.partnerId ?? null;
    expect(await readAs(signInAt(directory))).toBeNull();
    expect(await readAs(signInAt(directory, { tenant: 1 }))).toBe(OLD.partnerId);
    expect(await readAs(bens)).toBe(FOREIGN.partnerId);
  });

  it('decides whether a change is sent at all', async () => {
    const azure = await azureWith(OLD);
    const { change } = await changed(azure, WANTED);
    const asked: unknown[] = [];
    const nobody: IsSender = async (person, user) => {
      asked.push(person, user);
      return false;
    };
    expect((await failureOf(azure.backend.apply(change, nobody, signal))).failure).toEqual({ reason: 'otherPerson' });
    expect(asked).toEqual([
      { kind: 'openIdConnect', issuer: azure.endpoints.signIn, sub: azure.of.user, name: 'ada@tenant1.example' },
      { tenantId: azure.of.tenant, objectId: azure.directory.accounts[0]?.objectIds.get(azure.of.tenant) },
    ]);
    expect(sentTo(azure.server)).toEqual([READ, READ]);
  });

  it('is asked again for the token that comes in the place of a refused one', async () => {
    const azure = await azureWith(OLD);
    const { change } = await changed(azure, WANTED);
    azure.server.startFault({ kind: 'expired' }, { on: ['write'] });
    let asked = 0;
    const once: IsSender = async () => ++asked === 1;
    expect((await failureOf(azure.backend.apply(change, once, signal))).failure.reason).toBe('otherPerson');
    expect(azure.server.link(azure.of)?.partnerId).toBe(OLD.partnerId);
  });

  it.each([
    ['tenant', { account: 0, tenant: 1 }],
    ['account', { account: 1, tenant: 0 }],
  ])('keeps a token of another %s from leaving, whoever hands it out', async (_what, other) => {
    const world = testDirectory(3);
    const issuing = await startAzure({ directory: world });
    const azure = await azureWith(OLD, {
      directory: world,
      credential: async () => issuing.credentialOf(signInAt(world, other)),
    });
    expect((await failureOf(azure.backend.read(azure.target, signal))).failure).toEqual({ reason: 'otherPerson' });
    const change = changeTo(azure.target, WANTED, { partnerOfRecord: null, version: null });
    expect((await failureOf(azure.backend.apply(change, isAda, signal))).failure).toEqual({
      reason: 'otherPerson',
      unsent: true,
    });
    expect(azure.server.requests).toEqual([]);
  });

  it('is told of nothing but a sign-in of that connection', async () => {
    const { backend, target, connection } = await azureWith(null);
    const elsewhere = { ...target, connectionId: aConnection().id.replace('6f', '7f') };
    expect((await failureOf(backend.read(elsewhere, signal))).failure.reason).toBe('connectionChanged');
    const subscription = subscriptionTarget(connection.id, SUBSCRIPTION_ID);
    expect((await failureOf(backend.read(subscription, signal))).failure.code).toBe('TargetNotSupported');
  });
});

describe('A lane', () => {
  it('is that of an account in a tenant', async () => {
    const azure = await azureWith(null);
    const { backend, directory } = azure;
    const lanes = [{}, { tenant: 1 }, { account: 1 }, { account: 1, tenant: 1 }].map((which) =>
      backend.lane(targetOf(azure, signInAt(directory, which))),
    );
    expect(new Set(lanes).size).toBe(4);
    expect(backend.lane(azure.target)).toBe(lanes[0]);
  });

  it('is spent from the answer that says so until the next, and no other is', async () => {
    const azure = await azureWith(null);
    const { server, backend, target, directory } = azure;
    const other = targetOf(azure, signInAt(directory, { tenant: 1 }));
    server.startFault({ kind: 'nothingLeft' });
    await backend.read(target, signal);
    await backend.read(other, signal);
    expect([backend.isSpent?.(target), backend.isSpent?.(other)]).toEqual([true, false]);
    await backend.read(target, signal);
    expect(backend.isSpent?.(target)).toBe(false);
  });

  it.each([
    ['gets no answer', { kind: 'answerLost', when: 'before' }],
    ['is refused', { kind: 'forbidden' }],
  ] as const)('is not spent any more once a request %s', async (_how, fault) => {
    const { server, backend, target } = await azureWith(null);
    server.startFault({ kind: 'nothingLeft' });
    await backend.read(target, signal);
    server.startFault(fault);
    await failureOf(backend.read(target, signal));
    expect(backend.isSpent?.(target)).toBe(false);
  });

  it('is spent by a write too', async () => {
    const azure = await azureWith(null);
    const { apply } = await changed(azure, WANTED);
    azure.server.startFault({ kind: 'nothingLeft' }, { on: ['write'] });
    await apply();
    expect(azure.backend.isSpent?.(azure.target)).toBe(true);
  });
});

describe.each(AZURE_CLOUDS)('In the cloud %s', (cloud) => {
  it('a link is made, changed and removed at that cloud’s own address, with tokens for it', async () => {
    const azure = await azureWith(null, { cloud });
    for (const wanted of [OLD, WANTED, null]) {
      expect((await (await changed(azure, wanted)).apply()).partnerOfRecord?.partnerId ?? null).toBe(
        wanted?.partnerId ?? null,
      );
      azure.server.nextChange(azure.of);
    }
  });
});

it('is made for the address of one of Azure’s clouds alone', async () => {
  const { connection, ports } = await azureWith(null);
  expect(createAzurePal(connection, ports)).not.toBeNull();
  for (const address of ['https://management.azure.com/x', 'http://management.azure.com', 'https://contoso.example'])
    expect(createAzurePal({ ...connection, address }, ports)).toBeNull();
});

it('says that it took a write as soon as that is known', async () => {
  const azure = await azureWith(null);
  const { change } = await changed(azure, WANTED);
  let taken = 0;
  await azure.backend.apply(change, isAda, signal, () => {
    taken += 1;
  });
  expect(taken).toBe(1);
});

describe('The test of a connection', () => {
  async function stepsOf({ backend }: AzureWorld): Promise<TestStep[]> {
    const steps: TestStep[] = [];
    for await (const step of backend.test(signal)) steps.push(step);
    return steps;
  }

  it('reaches Azure without a sign-in, then tells who is signed in, and where they are at home', async () => {
    const directory = testDirectory(3);
    const azure = await azureWith(null, { directory: { ...directory, tenants: directory.tenants.toReversed() } });
    expect(await stepsOf(azure)).toEqual([
      { step: 'reachable', ok: true },
      { step: 'signedIn', ok: true, name: 'ada@tenant1.example', organization: 'Tenant 1' },
    ]);
    expect(azurePalKind.steps).toEqual(['reachable', 'signedIn']);
  });

  it('ends where nobody is signed in', async () => {
    const azure = await azureWith(null, { credential: async () => null });
    expect(await stepsOf(azure)).toEqual([
      { step: 'reachable', ok: true },
      { step: 'signedIn', ok: false, failure: { reason: 'signInNeeded' } },
    ]);
  });

  it('ends at a page for people, which is not Azure’s refusal', async () => {
    const { connection, ports } = await azureWith(null);
    const headers = { 'content-type': 'text/html' };
    const fetch = async () => new Response('<!doctype html><p>Sign in', { status: 401, headers });
    const backend = createAzurePal(connection, { ...ports, fetch });
    for await (const step of backend?.test(signal) ?? []) expect(step).toMatchObject({ step: 'reachable', ok: false });
  });

  it('ends where Azure is away', async () => {
    const azure = await azureWith(null);
    await azure.server.close();
    expect(await stepsOf(azure)).toEqual([
      { step: 'reachable', ok: false, failure: { reason: 'noAnswer', detail: { code: 'unreachable', name: 'Azure' } } },
    ]);
  });
});

it('knows each cloud by its own endpoints', () => {
  const all = AZURE_CLOUDS.flatMap((cloud) => [AZURE_ENDPOINTS[cloud].management, AZURE_ENDPOINTS[cloud].signIn]);
  expect(new Set(all).size).toBe(all.length);
});
