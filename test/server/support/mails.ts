import { sql } from 'kysely';
import type { Database } from '../../../server/src/database/database';
import type { MailState } from '../../../server/src/database/schema';
import { parseSubscriptionId } from '../../../src/domain/subscription';

/** Writes mails to one partner down as changes do, without the changes' work: one by one they would take longer than what is tested. */
export async function oweMails(
  { db }: Database,
  subscription: string,
  partner: { readonly partnerId: string; readonly name: string },
  count: number,
): Promise<void> {
  await sql`with made as (
      insert into changes (change_id, subscription_id, kind, after_partner_id, after_name, changed_at, changed_by)
      select gen_random_uuid(), ${parseSubscriptionId(subscription)}, 'assign', ${partner.partnerId}, ${partner.name}, now(), 'Ada Admin'
      from generate_series(1, ${count}::int)
      returning change_id
    )
    insert into outbox (mail_id, change_id, partner_id, partner_name, customer_id, customer_name, display_name)
    select gen_random_uuid(), change_id, ${partner.partnerId}, ${partner.name}, 'contoso', 'Contoso Ltd', 'Production'
    from made`.execute(db);
}

/** The state of each mail there is, in the order they were written. */
export async function statesOfMails({ db }: Database): Promise<MailState[]> {
  const rows = await db.selectFrom('outbox').orderBy('sequence').select('state').execute();
  return rows.map(({ state }) => state);
}

/**
 * What a mail server does before it answers, so that each of two senders, who have one mail in hand at a time, gets half of the first
 * `count` mails: it answers those two at a time.
 */
export function answersInPairs(count: number): () => Promise<void> {
  let answered = 0;
  let alone: (() => void) | null = null;
  return async () => {
    if (answered++ >= count) return;
    if (alone === null) {
      await new Promise<void>((resolve) => {
        alone = resolve;
      });
      return;
    }
    alone();
    alone = null;
  };
}
