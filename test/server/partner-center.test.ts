import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partnerCenterLookUp } from '../../server/src/partners/partner-center';
import { planPartners } from '../../server/src/partners/plan';
import type { PartnerEntry } from '../../server/src/partners/repository';
import { buildService, type Service } from '../../server/src/service';
import { type PartnerId, parsePartnerId } from '../../src/domain/partner';
import { databases } from './support/databases';
import { type PartnerCenterServer, startPartnerCenter } from './support/partner-center';
import { ADMIN, FABRIKAM, openWorld, type World } from './support/world';

const TOKEN = 'secret-token-1';
const HOUR_MS = 60 * 60 * 1000;

function partnerId(text: string): PartnerId {
  const parsed = parsePartnerId(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.partnerId;
}
const ID = partnerId('6100200');

let center: PartnerCenterServer;
const failures: unknown[] = [];
const lookUpWith = (token: Parameters<typeof partnerCenterLookUp>[0]['token']) =>
  partnerCenterLookUp({ url: center.url, token }, (error, sentence) => failures.push(error, sentence));
const lookUp = () => lookUpWith({ kind: 'text', text: TOKEN });

beforeEach(async () => {
  center = await startPartnerCenter(TOKEN);
  failures.length = 0;
});
afterEach(async () => {
  // Whatever went wrong, what is told of it never holds the token.
  expect(
    failures.map((failure) => (failure instanceof Error ? `${failure.stack} ${failure.cause}` : failure)).join(),
  ).not.toContain('secret-token');
  await center.close();
});

describe('a look-up at Partner Center', () => {
  it('answers with the name, or that there is no such partner', async () => {
    center.names.set(ID, ' Relecloud ');
    expect(await lookUp()(ID)).toEqual({ kind: 'found', name: 'Relecloud' });
    expect(await lookUp()(partnerId('6100201'))).toEqual({ kind: 'unknown' });
    expect(center.state.asked).toEqual(['/v1/profiles/mpn?mpnId=6100200', '/v1/profiles/mpn?mpnId=6100201']);
    expect(failures).toEqual([]);
  });

  const json = (status: number, body: unknown) => (_request: unknown, response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it.each<[string, (request: unknown, response: ServerResponse) => unknown]>([
    ['an error', (_, response) => response.writeHead(500).end('oops')],
    ['a 404 that is not about the partner', json(404, { message: 'no such resource' })],
    ['a 404 that is no JSON', (_, response) => response.writeHead(404).end('<html>')],
    ['a page instead of JSON', (_, response) => response.writeHead(200).end('<html>Sign in</html>')],
    ['a profile without a name', json(200, { mpnId: ID })],
    ['a profile with an empty name', json(200, { mpnId: ID, partnerName: ' ' })],
    ['a name that cannot be stored', json(200, { mpnId: ID, partnerName: 'A\0B' })],
    ['the profile of another partner', json(200, { mpnId: '6100999', partnerName: 'Somebody else' })],
    ['more than anyone should send', json(200, { mpnId: ID, partnerName: 'x'.repeat(100_000) })],
    ['a connection that breaks', (_, response) => response.destroy()],
    ['nothing, in time', () => undefined],
  ])('takes %s for no answer', async (_, answer) => {
    center.state.answer = answer;
    expect(await lookUp()(ID)).toEqual({ kind: 'unavailable', retryAfterSeconds: 10 });
    expect(failures).toHaveLength(2);
  });

  it('follows no redirect, which would carry the token elsewhere', async () => {
    const elsewhere = await startPartnerCenter(TOKEN);
    center.state.answer = (_, response) => response.writeHead(302, { location: `${elsewhere.url}/x` }).end();
    expect(await lookUp()(ID)).toMatchObject({ kind: 'unavailable' });
    expect(elsewhere.state.asked).toEqual([]);
    await elsewhere.close();
  });

  it('leaves it alone for as long as it asks to be', async () => {
    center.state.answer = (_, response) => response.writeHead(429, { 'retry-after': '120' }).end();
    const ask = lookUp();
    expect(await ask(ID)).toEqual({ kind: 'unavailable', retryAfterSeconds: 120 });
    center.state.answer = null;
    expect(await ask(ID)).toEqual({ kind: 'unavailable', retryAfterSeconds: 120 });
    expect(center.state.asked).toHaveLength(1);
  });

  it('reads a token from a file anew each time, and sends nothing that is no token', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'por-token-'));
    const file = path.join(folder, 'token');
    center.names.set(ID, 'Relecloud');
    const token = { kind: 'file', path: file } as const;
    await writeFile(file, `${TOKEN}\n`);
    const ask = lookUpWith(token);
    expect(await ask(ID)).toMatchObject({ kind: 'found' });
    center.state.token = 'secret-token-2';
    await writeFile(file, 'secret-token-2');
    expect(await ask(ID)).toMatchObject({ kind: 'found' });
    await writeFile(file, 'secret-token-2\r\nX-Evil: 1');
    expect(await lookUpWith(token)(ID)).toMatchObject({ kind: 'unavailable' });
    await rm(folder, { recursive: true });
    expect(await lookUpWith(token)(ID)).toMatchObject({ kind: 'unavailable' });
    expect(center.state.asked).toHaveLength(2);
  });
});

describe.each(databases)('a directory that asks Partner Center, on $name', (kind) => {
  let world: World;
  let service: Service;

  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(async () => {
    await world.close();
  });
  beforeEach(() => {
    service = serviceOf();
  });
  afterEach(async () => {
    await service.app.close();
    await world.database.db
      .updateTable('subscriptions')
      .set({ partner_id: null, assigned_at: null, assigned_by: null })
      .execute();
    await world.database.db.deleteFrom('outbox').execute();
    await world.database.db.deleteFrom('partners').where('source', '=', 'partnerCenter').execute();
  });

  /** A service that has not met any failure yet. */
  const serviceOf = () =>
    buildService({ database: world.database, clock: () => world.time.now, lookUpPartner: lookUp() });

  const check = (id: string) => service.app.inject({ url: `/v1/partners/${id}`, headers: world.authorization(ADMIN) });

  async function put(subscriptionId: string, id: string, wish: { ifMatch?: string; key?: string } = {}) {
    const url = `/v1/subscriptions/${subscriptionId}`;
    const headers = world.authorization(ADMIN);
    const { etag } = (await service.app.inject({ url, headers })).json();
    return service.app.inject({
      method: 'PUT',
      url: `${url}/partnerOfRecord`,
      headers: { ...headers, 'if-match': wish.ifMatch ?? etag, 'idempotency-key': wish.key ?? randomUUID() },
      payload: { partnerId: id },
    });
  }

  const savePartner = (entry: PartnerEntry) =>
    world.database.transaction(async (trx) => {
      for (const { write } of await planPartners(trx, [entry])) await write(trx);
    });
  const later = (ms: number) => {
    world.time.now = new Date(world.time.now.getTime() + ms);
  };
  const down = () => {
    center.state.answer = (_, response) => response.writeHead(503).end();
  };

  it('asks once a day about a partner that only Partner Center names', async () => {
    center.names.set(ID, 'Relecloud');
    expect((await check(ID)).json()).toEqual({ partnerId: ID, name: 'Relecloud' });
    center.names.set(ID, 'Relecloud International');
    later(23 * HOUR_MS);
    expect((await check(ID)).json().name).toBe('Relecloud');
    expect(center.state.asked).toHaveLength(1);
    later(2 * HOUR_MS);
    expect((await check(ID)).json().name).toBe('Relecloud International');
    expect(center.state.asked).toHaveLength(2);
  });

  it('asks again about one that is unknown after five minutes', async () => {
    expect((await check(ID)).json().error.code).toBe('PartnerNotFound');
    center.names.set(ID, 'Relecloud');
    expect((await check(ID)).statusCode).toBe(404);
    expect(center.state.asked).toHaveLength(1);
    later(5 * 60 * 1000);
    expect((await check(ID)).statusCode).toBe(200);
  });

  it("does not ask about what the organisation's own directory names, nor about what is no Partner ID", async () => {
    expect((await check(FABRIKAM.partnerId)).json().name).toBe(FABRIKAM.name);
    expect((await check('12')).statusCode).toBe(400);
    expect(center.state.asked).toEqual([]);
  });

  it('says so when it cannot be asked, unless the partner is known already, however long ago', async () => {
    center.names.set(ID, 'Relecloud');
    await check(ID);
    down();
    later(1000 * HOUR_MS);
    expect((await check(ID)).json().name).toBe('Relecloud');
    expect((await check(FABRIKAM.partnerId)).statusCode).toBe(200);
    const refused = await check('6100201');
    expect([refused.statusCode, refused.headers['retry-after'], refused.json().error]).toEqual([
      503,
      '10',
      {
        code: 'PartnerDirectoryUnavailable',
        message: expect.stringContaining('Try again shortly.'),
        target: 'partnerId',
      },
    ]);
  });

  it('assigns a partner that only Partner Center names, asked when every other check has passed', async () => {
    const id = await world.subscription();
    const reader = await world.subscription({ role: 'Reader' });
    center.names.set(ID, 'Relecloud');
    expect((await put(reader, ID)).statusCode).toBe(403);
    expect((await put(id, ID, { ifMatch: '"stale"' })).statusCode).toBe(412);
    expect(center.state.asked).toEqual([]);
    const done = await put(id, ID);
    expect(done.json().partnerOfRecord).toMatchObject({ partnerId: ID, name: 'Relecloud' });
    expect((await put(id, '6100201')).json().error.code).toBe('PartnerNotFound');
  });

  it('leaves the key of a change free that could not be checked', async () => {
    const id = await world.subscription();
    const key = randomUUID();
    down();
    expect((await put(id, ID, { key })).json().error.code).toBe('PartnerDirectoryUnavailable');
    center.state.answer = null;
    center.names.set(ID, 'Relecloud');
    await service.app.close();
    service = serviceOf();
    expect((await put(id, ID, { key })).statusCode).toBe(200);
  });

  it('takes the word that a partner is gone, and keeps it where it is the partner of record', async () => {
    const id = await world.subscription();
    center.names.set(ID, 'Relecloud');
    expect((await put(id, ID)).statusCode).toBe(200);
    center.names.delete(ID);
    later(25 * HOUR_MS);
    expect((await check(ID)).statusCode).toBe(404);
    expect((await put(await world.subscription(), ID)).statusCode).toBe(404);
    const { json } = await service.app.inject({ url: `/v1/subscriptions/${id}`, headers: world.authorization(ADMIN) });
    expect(json().partnerOfRecord.name).toBe('Relecloud');
    down();
    expect((await check(ID)).statusCode).toBe(404);
    later(HOUR_MS);
    expect((await check(ID)).json().error.code).toBe('PartnerDirectoryUnavailable');
  });

  it("lets an import stand over Partner Center's word", async () => {
    center.names.set(ID, 'Relecloud');
    await check(ID);
    await savePartner({ partnerId: ID, name: 'Relecloud (ours)' });
    later(1000 * HOUR_MS);
    expect((await check(ID)).json().name).toBe('Relecloud (ours)');
    expect(center.state.asked).toHaveLength(1);
    await world.database.db.deleteFrom('partners').where('partner_id', '=', ID).execute();
  });

  it('keeps what an import does not speak of', async () => {
    const id = partnerId('6100300');
    const row = () =>
      world.database.db.selectFrom('partners').where('partner_id', '=', id).selectAll().executeTakeFirst();
    const save = (entry: { location?: string | null; mail?: string | null }) =>
      savePartner({ partnerId: id, name: 'Trey', ...entry });
    await save({ location: 'Zurich', mail: 'mail@trey.example' });
    await save({});
    expect(await row()).toMatchObject({ location: 'Zurich', mail: 'mail@trey.example' });
    await save({ mail: null });
    expect(await row()).toMatchObject({ location: 'Zurich', mail: null });
  });
});
