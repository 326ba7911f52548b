import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import * as v from 'valibot';
import { subscriptionNotFound } from '../change-partner';
import { readSubscriptionId, storableText } from '../edge';
import { namesEtag } from '../entity-tags';
import { namePosition, page, pageQuery, pageQueryEntries, readCursor, readQuery } from '../paging';
import { callerOf } from '../plugins/sign-in';
import { holdsText } from '../search';
import type { ServiceParts } from '../service';
import { readSubscription, selectSubscriptions, toRecord, toState } from '../subscription-records';

interface SubscriptionPath {
  Params: { subscriptionId: string };
}

const listQuery = v.object({ ...pageQueryEntries, filter: v.optional(storableText, '') });

/** The position of a list that is newest first: the counter of its last row. */
const counterPosition = v.tuple([v.pipe(v.string(), v.regex(/^[0-9]{1,18}$/))]);

/** The subscriptions that the caller has a role in, and the log of each. */
export function subscriptionRoutes(scope: FastifyInstance, { database: { db } }: ServiceParts): void {
  scope.get('/subscriptions', async (request) => {
    const { pageSize, cursor, filter } = readQuery(listQuery, request.query);
    const after = readCursor(namePosition, cursor);
    const isFoundIn = holdsText(filter);
    const rows = await selectSubscriptions(db, callerOf(request))
      .$if(filter !== '', (query) =>
        query.where(({ or }) => or([isFoundIn('subscriptions'), isFoundIn('customers'), isFoundIn('partners')])),
      )
      .$if(after !== null, (query) =>
        query.where(
          sql<boolean>`(subscriptions.display_name, subscriptions.subscription_id) > (${after?.[0]}, ${after?.[1]})`,
        ),
      )
      .orderBy('subscriptions.display_name')
      .orderBy('subscriptions.subscription_id')
      .limit(pageSize + 1)
      .execute();
    return page(
      request,
      rows,
      pageSize,
      (row) => toRecord(toState(row)),
      (row) => [row.display_name, row.subscription_id],
    );
  });

  scope.get<SubscriptionPath>('/subscriptions/:subscriptionId', async (request, reply) => {
    const id = readSubscriptionId(request.params.subscriptionId);
    const state = id === null ? null : await readSubscription(db, callerOf(request), id);
    if (state === null) throw subscriptionNotFound();
    const record = toRecord(state);
    reply.header('etag', record.etag);
    if (namesEtag(request.headers['if-none-match'], record.etag)) return reply.code(304).send();
    return record;
  });

  scope.get<SubscriptionPath>('/subscriptions/:subscriptionId/changes', async (request) => {
    const { pageSize, cursor } = readQuery(pageQuery, request.query);
    const before = readCursor(counterPosition, cursor);
    const id = readSubscriptionId(request.params.subscriptionId);
    if (id === null || (await readSubscription(db, callerOf(request), id)) === null) throw subscriptionNotFound();
    const rows = await db
      .selectFrom('changes')
      .where('subscription_id', '=', id)
      .$if(before !== null, (query) => query.where('sequence', '<', before?.[0] ?? ''))
      .orderBy('sequence', 'desc')
      .limit(pageSize + 1)
      .selectAll()
      .execute();
    return page(
      request,
      rows,
      pageSize,
      (row) => ({
        changeId: row.change_id,
        kind: row.kind,
        before: partnerOrNull(row.before_partner_id, row.before_name),
        after: partnerOrNull(row.after_partner_id, row.after_name),
        at: row.changed_at.toISOString(),
        by: row.changed_by,
        ...(row.principal_id !== null && { byId: row.principal_id }),
        ...(row.idempotency_key !== null && { idempotencyKey: row.idempotency_key }),
      }),
      (row) => [row.sequence],
    );
  });
}

function partnerOrNull(partnerId: string | null, name: string | null): { partnerId: string; name: string } | null {
  return partnerId === null || name === null ? null : { partnerId, name };
}
