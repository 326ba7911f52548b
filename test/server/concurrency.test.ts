import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases } from './support/databases';
import { ADMIN, FABRIKAM, NORTHWIND, openWorld, UMLAUT, type World } from './support/world';

const WRITERS = 50;
/** Each time one gets through, all the others read again: twice as many do four times the work. */
const READING_AGAIN = 20;
const PARTNERS = [FABRIKAM, NORTHWIND, UMLAUT];

interface Change {
  readonly before: unknown;
  readonly after: unknown;
  readonly idempotencyKey: string;
}

describe.each(databases)('many writers at once on $name', (kind) => {
  let world: World;
  let base: string;

  beforeAll(async () => {
    world = await openWorld(kind);
    base = `${await world.service.app.listen({ host: '127.0.0.1', port: 0 })}/v1`;
  });
  afterAll(async () => {
    await world.close();
  });

  async function get(path: string) {
    const answer = await fetch(`${base}${path}`, { headers: world.authorization(ADMIN) });
    return answer.json();
  }

  async function changesOf(id: string): Promise<Change[]> {
    return (await get(`/subscriptions/${id}/changes?pageSize=200`)).value;
  }

  async function put(id: string, partnerId: string, etag: string, key: string) {
    const answer = await fetch(`${base}/subscriptions/${id}/partnerOfRecord`, {
      method: 'PUT',
      headers: {
        ...world.authorization(ADMIN),
        'content-type': 'application/json',
        'if-match': etag,
        'idempotency-key': key,
      },
      body: JSON.stringify({ partnerId }),
    });
    return { status: answer.status, body: await answer.text() };
  }

  function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  }

  function partnerIdFor(index: number): string {
    return PARTNERS[index % PARTNERS.length]?.partnerId ?? '';
  }

  it('lets one of those through that are based on the same record', async () => {
    const id = await world.subscription();
    const { etag } = await get(`/subscriptions/${id}`);
    const answers = await times(WRITERS, (index) => put(id, partnerIdFor(index), etag, randomUUID()));
    const statuses = answers.map((answer) => answer.status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: WRITERS - 1 }, () => 412)]);
    expect(await changesOf(id)).toHaveLength(1);
  });

  it('has one effect for one key, and the same answer for all who sent it', async () => {
    const id = await world.subscription();
    const { etag } = await get(`/subscriptions/${id}`);
    const key = randomUUID();
    const answers = await times(WRITERS, () => put(id, FABRIKAM.partnerId, etag, key));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(await changesOf(id)).toHaveLength(1);
  });

  it('has one effect for each writer who reads again until the change goes through', async () => {
    const id = await world.subscription();
    const keys = await times(READING_AGAIN, async (index) => {
      const key = randomUUID();
      for (;;) {
        const { etag, partnerOfRecord } = await get(`/subscriptions/${id}`);
        // One of the others: assigning the partner already there would be no effect.
        const wanted = PARTNERS.filter((partner) => partner.partnerId !== partnerOfRecord?.partnerId);
        const { status } = await put(id, wanted[index % wanted.length]?.partnerId ?? '', etag, key);
        if (status === 200) return key;
        expect(status).toBe(412);
      }
    });
    const changes = (await changesOf(id)).toReversed();
    expect(changes.map((change) => change.idempotencyKey).toSorted()).toEqual(keys.toSorted());
    // Each change begins where the one before it ended.
    expect(changes.map((change) => change.before)).toEqual([
      null,
      ...changes.slice(0, -1).map((change) => change.after),
    ]);
    expect((await get(`/subscriptions/${id}`)).partnerOfRecord).toMatchObject(changes.at(-1)?.after ?? {});
  });

  it('keeps writers of different subscriptions apart', async () => {
    const ids = await times(WRITERS, () => world.subscription());
    const answers = await times(WRITERS * 2, async (index) => {
      const id = ids[index % WRITERS] ?? '';
      const { etag } = await get(`/subscriptions/${id}`);
      return put(id, partnerIdFor(index), etag, randomUUID());
    });
    expect(answers.every(({ status }) => status === 200 || status === 412)).toBe(true);
    for (const id of ids) {
      const changes = await changesOf(id);
      expect(changes.length).toBeGreaterThanOrEqual(1);
      expect((await get(`/subscriptions/${id}`)).partnerOfRecord).toMatchObject(changes[0]?.after ?? {});
    }
  });
});
