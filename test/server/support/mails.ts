import { type RawBuilder, sql } from 'kysely';
import { databaseNow } from '../../../server/src/database/clock';
import type { Database } from '../../../server/src/database/database';
import type { MailState } from '../../../server/src/database/schema';
import type { ReceivedMail } from './mail-server';
import { parseSubscriptionId } from '../../../src/domain/subscription';

/** Writes mails to one partner down, of one change each, without the changes' work: one by one they would take longer than what is tested. */
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
      returning change_id, sequence
    ), gathered as (
      insert into mails (mail_id, partner_id) select change_id, ${partner.partnerId} from made order by sequence
    )
    insert into mail_notices (sequence, mail_id, change_id, partner_id, partner_name, customer_id, customer_name, display_name)
    select -sequence, change_id, change_id, ${partner.partnerId}, ${partner.name}, 'contoso', 'Contoso Ltd', 'Production'
    from made`.execute(db);
}

interface Owed {
  readonly subscriptions: readonly string[];
  readonly partner: { readonly partnerId: string; readonly name: string };
  readonly direction?: 'gained' | 'lost';
  /** When the changes were made. */
  readonly at?: RawBuilder<Date>;
}

/** Writes down what a partner is to be told, as changes do: that it has each subscription from now on, or has it no more. */
export async function oweNotices(
  { db }: Pick<Database, 'db'>,
  { subscriptions, partner, direction = 'gained', at = databaseNow() }: Owed,
): Promise<void> {
  const [kind, side] = direction === 'gained' ? (['assign', 'after'] as const) : (['remove', 'before'] as const);
  await sql`with made as (
      insert into changes (change_id, subscription_id, kind, ${sql.raw(`${side}_partner_id, ${side}_name`)}, changed_at, changed_by)
      select gen_random_uuid(), subscription_id, ${kind}, ${partner.partnerId}, ${partner.name}, now(), 'Ada Admin'
      from unnest(${subscriptions.map((id) => parseSubscriptionId(id))}::text[]) as changed (subscription_id)
      returning change_id, sequence, subscription_id
    )
    insert into outbox (mail_id, change_id, partner_id, partner_name, customer_id, customer_name, display_name, next_attempt_at)
    select gen_random_uuid(), change_id, ${partner.partnerId}, ${partner.name}, 'contoso', 'Contoso Ltd', 'Subscription ' || subscription_id, ${at}
    from made order by sequence`.execute(db);
}

/** The IDs of the subscriptions that a mail tells of, in its order. */
export function subscriptionsIn({ mail }: ReceivedMail): string[] {
  return [...String(mail.text).matchAll(/^ *Subscription ID: (.+)$/gm)].map(([, id = '']) => id);
}

/** The state of each mail that was made, in that order. */
export async function statesOfMails({ db }: Database): Promise<MailState[]> {
  const rows = await db.selectFrom('mails').orderBy('sequence').select('state').execute();
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
