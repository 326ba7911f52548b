import type { Transaction } from 'kysely';
import type { Partner, PartnerId } from '../../../src/domain/partner';
import { mayChangePartner } from '../../../src/domain/rights';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { Database } from '../database/database';
import type { Schema } from '../database/schema';
import { recordEffect } from './changes-repository';
import { holdsForEtag } from './entity-tags';
import { claimKey } from './idempotency-keys';
import { type Answer, keepAnswer } from './idempotency-keys-repository';
import { queueNotices } from '../mail/outbox-repository';
import { listedPartner, type PartnerFinder } from '../partners/find-partner';
import { answerInTime, type LastCall, type Limit } from './last-call';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';
import { type SubscriptionState, toRecord } from './records';
import { lockSubscription, writePartner } from './repository';
import type { SignedIn } from '../callers/signed-in';
import type { InTurn } from './turns';

export interface PartnerChange {
  readonly caller: SignedIn;
  /** Null when the address holds none that could exist. */
  readonly subscriptionId: SubscriptionId | null;
  /** The partner wanted; null to remove the one there is. */
  readonly partnerId: PartnerId | null;
  readonly ifMatch: string | undefined;
  readonly key: string;
  readonly requestId: string;
  readonly limit: Limit;
}

/**
 * Assigns, changes or removes the partner and returns the answer to send. A partner that the table does not hold is looked up
 * once every other check has passed, and outside of any transaction: none waits for another service. Throws a {@link Refusal}, and
 * so at the request's limit whatever it waits for.
 */
export async function changePartner(
  database: Database,
  inTurn: InTurn,
  find: PartnerFinder,
  request: PartnerChange,
  clock: () => Date,
): Promise<Answer> {
  return answerInTime(request.limit, async (lastCall) => {
    const change = () =>
      inTurn(request.subscriptionId ?? request.key, () => changeKnownPartner(database, request, clock, lastCall));
    try {
      return await change();
    } catch (error) {
      if (request.partnerId === null || !(error instanceof Refusal) || error.code !== 'PartnerNotFound') throw error;
      await find(request.partnerId);
      return change();
    }
  });
}

/**
 * Assigns, changes or removes the partner in one transaction and returns the answer to send. A refusal is thrown, so that
 * nothing of the transaction stays, the claim on the key included. The order of the checks is the contract's.
 */
function changeKnownPartner(
  database: Database,
  request: PartnerChange,
  clock: () => Date,
  lastCall: LastCall,
): Promise<Answer> {
  const { caller, key, partnerId, subscriptionId, ifMatch } = request;
  const keyOf = { principalId: caller.principalId, key };
  return database.transaction(async (trx) => {
    lastCall.begin();
    const fingerprint = [subscriptionId, partnerId, ifMatch ?? null];
    const replay = await claimKey(trx, keyOf, fingerprint, clock());
    if (replay !== null) return replay;

    const present = subscriptionId === null ? null : await lockSubscription(trx, caller, subscriptionId);
    if (present === null) throw subscriptionNotFound();
    if (!mayChangePartner(present.role, present.service)) {
      throw new Refusal('NotPermitted', {
        sentence: REFUSALS.NotPermitted.because.role(present.role, present.service),
      });
    }
    refuseUnlessBasedOn(present, ifMatch);
    const wanted = partnerId === null ? null : await listedPartner(trx, partnerId);

    const state = wanted?.partnerId === present.partner?.partnerId ? present : await assign(trx, present, wanted);
    const record = toRecord(state);
    const answer = { etag: record.etag, body: JSON.stringify(record) };
    // An embedded database is in this process: COMMIT cannot be on its way to it for long.
    const commitWithinMs = database.embedded ? null : lastCall.commitWithinMs();
    await keepAnswer(trx, keyOf, answer, commitWithinMs);
    lastCall.commit(commitWithinMs ?? 0);
    return answer;
  });

  async function assign(
    trx: Transaction<Schema>,
    present: SubscriptionState,
    partner: Partner | null,
  ): Promise<SubscriptionState> {
    const at = clock();
    const revision = present.revision + 1;
    const assignedAt = partner === null ? null : at;
    const assignedBy = partner === null ? null : caller.name;
    const assignedById = partner === null ? null : caller.principalId;
    await writePartner(trx, present.subscriptionId, { partner, revision, assignedAt, assignedBy, assignedById });
    const changeId = await recordEffect(trx, {
      subscriptionId: present.subscriptionId,
      before: present.partner,
      after: partner,
      at,
      by: caller.name,
      request: { ...keyOf, requestId: request.requestId },
    });
    await queueNotices(trx, { ...present, changeId, before: present.partner, after: partner });
    return { ...present, partner, revision, assignedAt, assignedBy, assignedById };
  }
}

/** Said alike of what does not exist and of what the caller has no role in. */
export function subscriptionNotFound(): Refusal {
  return new Refusal('SubscriptionNotFound', {
    target: 'subscriptionId',
  });
}

function refuseUnlessBasedOn(present: SubscriptionState, ifMatch: string | undefined): void {
  if (ifMatch === undefined) {
    throw new Refusal('PreconditionRequired', {
      target: 'If-Match',
    });
  }
  const record = toRecord(present);
  if (!holdsForEtag(ifMatch, record.etag)) {
    throw new Refusal('PreconditionFailed', {
      target: 'If-Match',
      details: [{ record }],
    });
  }
}
