import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { PartnerId } from '../../../src/domain/partner';
import { changePartner } from './change-partner';
import { check, readPartnerId, readSubscriptionId } from '../edge';
import type { PartnerFinder } from '../partners/find-partner';
import type { Database } from '../database/database';
import { callerOf } from '../callers/sign-in';
import { REFUSALS } from '../refusals';
import { createTurns } from './turns';

interface PartnerOfRecordPath {
  Params: { subscriptionId: string };
}

const PATH = '/subscriptions/:subscriptionId/partnerOfRecord';
const BODY_PROBLEM = REFUSALS.InvalidBody.because.wantedPartner;
const KEY_PROBLEM = REFUSALS.InvalidIdempotencyKey.sentence;

const body = v.object({ partnerId: v.string(BODY_PROBLEM) }, BODY_PROBLEM);
const keyHeader = v.object({
  'idempotency-key': v.pipe(v.string(KEY_PROBLEM), v.uuid(KEY_PROBLEM), v.toLowerCase()),
});

/** The one thing that callers can change. */
export function partnerOfRecordRoutes(
  scope: FastifyInstance,
  { database, clock }: { readonly database: Database; readonly clock: () => Date },
  findPartner: PartnerFinder,
  commitWithinMs: number,
): void {
  const inTurn = createTurns();

  scope.put<PartnerOfRecordPath>(PATH, async (request, reply) => {
    const { partnerId } = check(body, request.body, 'InvalidBody');
    return answerChange(request, reply, readPartnerId(partnerId));
  });

  scope.delete<PartnerOfRecordPath>(PATH, async (request, reply) => answerChange(request, reply, null));

  async function answerChange(
    request: FastifyRequest<PartnerOfRecordPath>,
    reply: FastifyReply,
    partnerId: PartnerId | null,
  ): Promise<string> {
    const { 'idempotency-key': key } = check(keyHeader, request.headers, 'InvalidIdempotencyKey');
    const answer = await changePartner(
      database,
      inTurn,
      findPartner,
      {
        caller: callerOf(request),
        subscriptionId: readSubscriptionId(request.params.subscriptionId),
        partnerId,
        ifMatch: request.headers['if-match'],
        key,
        requestId: request.id,
        limit: { until: performance.now() - reply.elapsedTime + commitWithinMs, stopping: scope.stopping },
      },
      clock,
    );
    reply.header('etag', answer.etag).type('application/json; charset=utf-8');
    return answer.body;
  }
}
