import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { subscriptionNotFound } from './change-partner';
import { readSubscriptionId, storableText } from '../edge';
import { namesEtag } from './entity-tags';
import { namePosition, page, pageQuery, pageQueryEntries, readCursor, readQuery } from '../paging';
import type { Database } from '../database/database';
import { callerOf } from '../callers/sign-in';
import { REFUSALS } from '../refusals';
import { toRecord } from './records';
import { listChanges } from './changes-repository';
import { listSubscriptions, readSubscription } from './repository';

interface SubscriptionPath {
  Params: { subscriptionId: string };
}

const { filterTwice } = REFUSALS.InvalidQuery.because;
const listQuery = v.object({
  ...pageQueryEntries,
  filter: v.optional(v.pipe(v.string(filterTwice), storableText), ''),
});

/** The position of a list that is newest first: the counter of its last row. */
const counterPosition = v.tuple([v.pipe(v.string(), v.regex(/^[0-9]{1,18}$/))]);

/** The subscriptions that the caller has a role in, and the log of each. */
export function subscriptionRoutes(scope: FastifyInstance, { db }: Pick<Database, 'db'>): void {
  scope.get('/subscriptions', async (request) => {
    const { pageSize, cursor, filter } = readQuery(listQuery, request.query);
    const after = readCursor(namePosition, cursor);
    const states = await listSubscriptions(db, callerOf(request), { filter, after, limit: pageSize + 1 });
    return page(request, states, pageSize, toRecord, ({ displayName, subscriptionId }) => [
      displayName,
      subscriptionId,
    ]);
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
    const changes = await listChanges(db, id, before?.[0] ?? null, pageSize + 1);
    return page(
      request,
      changes,
      pageSize,
      ({ changeId, kind, before, after, at, by, byId, key }) => ({
        changeId,
        kind,
        before,
        after,
        at: at.toISOString(),
        by,
        ...(byId !== null && { byId }),
        ...(key !== null && { idempotencyKey: key }),
      }),
      ({ sequence }) => [sequence],
    );
  });
}
