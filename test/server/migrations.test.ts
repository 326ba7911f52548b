import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../server/src/database/database';
import { NewerSchema } from '../../server/src/database/migrations';
import { databases } from './support/databases';

describe.each(databases)('the schema on $name', (kind) => {
  it('is made by many who open the database at once, and left as it is by those who come later', async () => {
    const { location, dispose } = await kind.create();
    // A folder has room for one.
    const count = location.kind === 'server' ? 6 : 1;
    const opened = await Promise.all(Array.from({ length: count }, () => openDatabase(location)));
    for (const { db } of opened) expect(await db.selectFrom('subscriptions').selectAll().execute()).toEqual([]);
    await opened[0]?.db
      .insertInto('customers')
      .values({ customer_id: 'contoso', name: 'Contoso', search_text: 'contoso' })
      .execute();
    for (const { close } of opened) await close();

    const again = await openDatabase(location);
    expect(await again.db.selectFrom('customers').select('name').execute()).toEqual([{ name: 'Contoso' }]);
    await again.close();
    await dispose();
  });

  it('of a later version is refused and not touched', async () => {
    const { location, dispose } = await kind.create();
    const database = await openDatabase(location);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', 'later')`.execute(database.db);
    await database.close();
    const refused = openDatabase(location);
    await expect(refused).rejects.toThrow(NewerSchema);
    await expect(refused).rejects.toThrow('9999-later');
    await dispose();
  });
});
