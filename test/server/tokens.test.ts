import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../server/src/database/database';
import { buildService, type Service } from '../../server/src/service';
import { parseTokenEnd } from '../../server/src/callers/token-end';
import { createTokenUses, type TokenUses } from '../../server/src/callers/token-uses';
import { listTokens, revokeTokens } from '../../server/src/callers/repository';
import { issueToken } from '../../server/src/callers/tokens';
import { deferred } from '../support/deferred';
import { databases } from './support/databases';
import { ADMIN, OTHER_ADMIN, openWorld, type World } from './support/world';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = new Date('2026-03-01T12:00:00Z');
const noonPlus = (ms: number) => new Date(NOON.getTime() + ms);

describe.each(databases)("the service's own tokens, on $name", (kind) => {
  let world: World;
  const troubles: unknown[] = [];
  const services: Service[] = [];

  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(async () => {
    for (const { app } of services) await app.close();
    await world.close();
  });
  beforeEach(async () => {
    world.time.now = NOON;
    troubles.length = 0;
    await world.database.db.deleteFrom('access_tokens').execute();
  });

  /** A process of the service on the database, as far as tokens go. */
  function startProcess(database: Pick<Database, 'transactionAside'> = world.database) {
    const uses: TokenUses = createTokenUses(database, (error) => troubles.push(error));
    const service = buildService({ database: world.database, clock: () => world.time.now, tokenUses: uses });
    services.push(service);
    return {
      uses,
      me: (token: string) => service.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } }),
    };
  }

  const issue = (endsAt: Date | null = null) => issueToken(world.database.db, ADMIN, world.time.now, endsAt);
  const list = (principalId: string | null = null) => listTokens(world.database.db, principalId);
  const lastUse = async () => (await list())[0]?.lastUsedAt;

  it('that are refused are told in the log with the reason, and never themselves', async () => {
    const lines: string[] = [];
    const log = { level: 'info', stream: { write: (line: string) => void lines.push(line) } };
    const { app } = buildService({ database: world.database, clock: () => world.time.now }, log);
    const headers = { authorization: 'Bearer por_no-such-token' };
    expect((await app.inject({ url: '/v1/me', headers })).statusCode).toBe(401);
    await app.close();
    const told = lines.map((line) => JSON.parse(line));
    expect(told).toContainEqual(
      expect.objectContaining({ msg: 'Not let in', reason: 'The access token is not valid.' }),
    );
    expect(lines.join()).not.toContain('no-such-token');
  });

  it('are taken until their end, refused from then on with a sentence that says so, and still listed', async () => {
    const { me } = startProcess();
    const endsAt = noonPlus(HOUR_MS);
    const token = await issue(endsAt);
    world.time.now = noonPlus(HOUR_MS - 1);
    expect((await me(token)).statusCode).toBe(200);
    world.time.now = endsAt;
    const { statusCode, headers, json } = await me(token);
    const { code, message } = json().error;
    expect([statusCode, code]).toEqual([401, 'SignInRequired']);
    expect(message).toBe('The access token has ended. Ask whoever runs this service for a new one.');
    expect(headers['www-authenticate']).toBe(`Bearer error="invalid_token", error_description="${message}"`);
    expect(await list()).toMatchObject([{ principalId: ADMIN, madeAt: NOON, endsAt }]);
  });

  it('without an end are taken however old they are', async () => {
    const token = await issue();
    world.time.now = new Date('2099-01-01T00:00:00Z');
    expect((await startProcess().me(token)).statusCode).toBe(200);
    expect(await list()).toMatchObject([{ endsAt: null }]);
  });

  it('are listed by caller and by number, with nothing by which anybody could sign in', async () => {
    const tokens = [await issue(), await issueToken(world.database.db, OTHER_ADMIN, NOON), await issue()];
    const listed = await list();
    expect(listed.map(({ principalId }) => principalId)).toEqual([ADMIN, ADMIN, OTHER_ADMIN]);
    expect((await list(ADMIN)).map(({ number }) => number)).toEqual([listed[0]?.number, listed[1]?.number]);
    const rows = await world.database.db.selectFrom('access_tokens').select('token_hash').execute();
    for (const secret of [...tokens, ...rows.map(({ token_hash }) => token_hash)]) {
      expect(JSON.stringify(listed)).not.toContain(secret);
    }
  });

  it('are ended one by one by their number, of their own caller alone', async () => {
    const { me } = startProcess();
    const [first, second] = [await issue(), await issue()];
    const [of] = await list();
    expect(await revokeTokens(world.database.db, OTHER_ADMIN, of?.number)).toBe(0);
    expect(await revokeTokens(world.database.db, ADMIN, of?.number)).toBe(1);
    expect([(await me(first)).statusCode, (await me(second)).statusCode]).toEqual([401, 200]);
  });

  it('have their last use written down apart from the request, and at most once an hour', async () => {
    const { me, uses } = startProcess();
    const token = await issue();
    await me(token);
    expect(await lastUse()).toBeNull();
    await uses.write();
    expect(await lastUse()).toEqual(NOON);

    world.time.now = noonPlus(HOUR_MS - 1);
    await me(token);
    await uses.write();
    expect(await lastUse()).toEqual(NOON);

    world.time.now = noonPlus(HOUR_MS);
    await me(token);
    await uses.write();
    expect(await lastUse()).toEqual(noonPlus(HOUR_MS));
  });

  it('have no use when they are refused', async () => {
    const { me, uses } = startProcess();
    const token = await issue(NOON);
    expect((await me(token)).statusCode).toBe(401);
    await uses.write();
    expect(await lastUse()).toBeNull();
  });

  it('have their last use written down once an hour by all processes together', async () => {
    const [one, other] = [startProcess(), startProcess()];
    const token = await issue();
    await one.me(token);
    world.time.now = noonPlus(MINUTE_MS);
    await other.me(token);
    await one.uses.write();
    await other.uses.write();
    expect(await lastUse()).toEqual(NOON);
  });

  it('are answered though their use cannot be written down, which is tried again', async () => {
    let isAway = true;
    const { me, uses } = startProcess({
      transactionAside: (work) =>
        isAway ? Promise.reject(new Error('The database is away.')) : world.database.transactionAside(work),
    });
    const [token, revoked] = [await issue(), await issue()];
    for (const one of [token, revoked]) expect((await me(one)).statusCode).toBe(200);
    await uses.write();
    expect(troubles).toHaveLength(1);
    isAway = false;
    await revokeTokens(world.database.db, ADMIN, (await list())[1]?.number);
    await uses.write();
    expect(await lastUse()).toEqual(NOON);
    expect(troubles).toHaveLength(1);
  });
});

it('the last uses of tokens that a writing under way comes to lose are written by the next one', async () => {
  const away = deferred();
  const tries: number[] = [];
  const uses = createTokenUses(
    {
      transactionAside: async () => {
        tries.push(tries.length);
        if (tries.length > 1) return Promise.resolve(undefined as never);
        await away.promise;
        throw new Error('The database went away');
      },
    },
    () => undefined,
  );
  uses.note({ number: '1', before: null, at: new Date() });
  const writings = [uses.write(), uses.write()];
  away.resolve();
  await Promise.all(writings);
  expect(tries).toHaveLength(2);
});

describe('an end of a token, as an operator writes it,', () => {
  const now = new Date('2026-11-26T10:45:30Z');

  it.each([
    ['1d', '2026-11-27T10:45:30Z'],
    ['90d', '2027-02-24T10:45:30Z'],
    ['2026-11-26', '2026-11-27T00:00:00Z'],
    ['2028-02-29', '2028-03-01T00:00:00Z'],
  ])('%s is %s', (text, end) => {
    expect(parseTokenEnd(text, now)).toEqual(new Date(end));
  });

  it.each(['', '90', '0d', '-1d', '10000d', '1.5d', '90 d', '2026-11-25', '2027-02-29', '2027-13-01', '31.01.2027'])(
    'is not “%s”',
    (text) => {
      expect(parseTokenEnd(text, now)).toBeNull();
    },
  );
});
