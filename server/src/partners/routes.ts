import type { FastifyInstance } from 'fastify';
import { readPartnerId } from '../edge';
import { namePosition, page, pageQuery, readCursor, readQuery } from '../paging';
import type { PartnerFinder } from './find-partner';
import { listPartnerSubscriptions } from './shared-subscriptions-repository';
import type { Database } from '../database/database';
import { callerOf } from '../callers/sign-in';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';

interface PartnerPath {
  Params: { partnerId: string };
}

/** The partner directory, and what a partner's own people see. */
export function partnerRoutes(scope: FastifyInstance, { db }: Pick<Database, 'db'>, findPartner: PartnerFinder): void {
  scope.get<PartnerPath>('/partners/:partnerId', async (request) => {
    const { partnerId, name, location } = await findPartner(readPartnerId(request.params.partnerId));
    return { partnerId, name, ...(location !== null && { location }) };
  });

  scope.get<PartnerPath>('/partners/:partnerId/subscriptions', async (request) => {
    const partnerId = readPartnerId(request.params.partnerId);
    const { pageSize, cursor } = readQuery(pageQuery, request.query);
    const after = readCursor(namePosition, cursor);
    if (callerOf(request).partnerId !== partnerId) {
      throw new Refusal('NotPermitted', { sentence: REFUSALS.NotPermitted.because.notOfThePartner });
    }
    const found = await listPartnerSubscriptions(db, partnerId, after, pageSize + 1);
    return page(
      request,
      found,
      pageSize,
      (item) => item,
      (item) => [item.displayName, item.subscriptionId],
    );
  });
}
