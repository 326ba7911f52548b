import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workAside } from '../../server/src/commands/serve/work-aside';
import type { Database } from '../../server/src/database/database';
import { createMailPulse } from '../../server/src/mail/pulse';
import { ENGLISH } from '../../server/words/english';
import { wordsOf } from '../../server/words/words';
import { databases } from './support/databases';
import { ADMIN, openWorld, type World } from './support/world';

/** More than two portions of them. */
const OLD_KEYS = 12_000;

describe.each(databases)('what a service does beside answering, on $name', (kind) => {
  let world: World;

  beforeAll(async () => {
    world = await openWorld(kind);
    await sql`insert into idempotency_keys (principal_id, idempotency_key, fingerprint, etag, body, created_at)
      select ${ADMIN}, gen_random_uuid(), 'x', '"x"', '{}', ${new Date(0)}::timestamptz from generate_series(1, ${OLD_KEYS}::int)`.execute(
      world.database.db,
    );
  });
  afterAll(() => world.close());

  it('ends with the portion of old keys that it is forgetting at a stop, and has nothing at work afterwards', async () => {
    const over = new AbortController();
    let atWork = 0;
    const transaction: Database['transaction'] = async (work) => {
      atWork += 1;
      try {
        return await world.database.transaction(async (trx) => {
          const result = await work(trx);
          const { rows } = await sql`select from idempotency_keys limit ${OLD_KEYS}::int`.execute(trx);
          if (rows.length < OLD_KEYS) over.abort();
          return result;
        });
      } finally {
        atWork -= 1;
      }
    };
    const troubles: unknown[] = [];
    const note = (facts: unknown) => troubles.push(facts);
    await workAside(
      {
        database: { ...world.database, transaction },
        delivery: { send: () => Promise.reject(new Error('There is no mail.')), close: () => undefined },
        words: wordsOf(ENGLISH, null),
        mailPulse: createMailPulse(),
        tokenUses: { note: () => undefined, write: async () => undefined },
        from: 'por@contoso.example',
        letterhead: {
          organization: 'Contoso Ltd',
          contact: { kind: 'nobody', text: 'nobody' },
          partnerPageUrl: 'http://localhost/partner',
        },
        gathering: { longestWaitSeconds: 0 },
        log: { info: note, warn: note, error: note },
        clock: () => world.time.now,
        forgetKeysEveryMs: 1,
      },
      over.signal,
    );
    expect([atWork, troubles]).toEqual([0, []]);
    const left = await world.database.db.selectFrom('idempotency_keys').select('idempotency_key').execute();
    expect(left).toHaveLength(OLD_KEYS - 5000);
  });
});
