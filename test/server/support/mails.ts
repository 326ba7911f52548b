import type { Database } from '../../../server/src/database/database';
import type { MailState } from '../../../server/src/database/schema';
import { recordEffect } from '../../../server/src/subscriptions/changes-repository';
import { queueMails } from '../../../server/src/mail/outbox-repository';
import { parsePartnerId } from '../../../src/domain/partner';
import { parseSubscriptionId } from '../../../src/domain/subscription';

/** Writes mails to one partner down as changes do, without the rest of the changes' work. */
export async function oweMails(
  database: Database,
  subscription: string,
  partner: { readonly partnerId: string; readonly name: string },
  count: number,
): Promise<void> {
  const subscriptionId = parseSubscriptionId(subscription);
  const parsed = parsePartnerId(partner.partnerId);
  if (subscriptionId === null || !parsed.ok) throw new Error('The test names no subscription or partner.');
  const after = { partnerId: parsed.partnerId, name: partner.name };
  await database.transaction(async (trx) => {
    for (let mail = 0; mail < count; mail++) {
      const effect = { subscriptionId, before: null, after, at: new Date(), by: 'Ada Admin', request: null };
      const changeId = await recordEffect(trx, effect);
      const names = { customerId: 'contoso', customerName: 'Contoso Ltd', displayName: 'Production' };
      await queueMails(trx, { changeId, before: null, after, ...names });
    }
  });
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
