import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { openDatabase } from '../../../server/src/database/database';
import { type DirectoryInput, directorySchema } from '../../../server/src/directory/directory';
import { loadDirectory } from '../../../server/src/directory/load';
import { buildService, type Service } from '../../../server/src/service';
import { issueToken } from '../../../server/src/callers/tokens';
import type { CallerRole } from '../../../src/domain/rights';
import type { CloudService } from '../../../src/domain/cloud-service';
import type { databases } from './databases';
import { aSubscription, type SubscriptionInput } from './directory';

export const ADMIN = 'ada@contoso.example';
export const OTHER_ADMIN = 'bo@contoso.example';
export const STRANGER = 'cy@elsewhere.example';
export const FABRIKAM_PERSON = 'di@fabrikam.example';

export const FABRIKAM = { partnerId: '4852013', name: 'Fabrikam Cloud Services' };
export const NORTHWIND = { partnerId: '5120846', name: 'Northwind Consulting' };
export const UMLAUT = { partnerId: '7777001', name: 'Ärzte-IT Größenwahn' };
export const UNKNOWN_PARTNER = '8888888';

const DIRECTORY: DirectoryInput = {
  partners: [{ ...FABRIKAM, location: 'Seattle, US' }, NORTHWIND, UMLAUT],
  customers: [
    { id: 'contoso', name: 'Contoso Ltd' },
    { id: 'woodgrove', name: 'Woodgrove Bank' },
  ],
  callers: [
    { principalId: ADMIN, name: 'Ada Admin', organization: 'Contoso Ltd' },
    { principalId: OTHER_ADMIN, name: 'Bo Admin', organization: 'Contoso Ltd' },
    { principalId: STRANGER, name: 'Cy Stranger', organization: 'Elsewhere' },
    { principalId: FABRIKAM_PERSON, name: 'Di Partner', organization: 'Fabrikam', partnerId: FABRIKAM.partnerId },
  ],
  subscriptions: [],
};

/** A service with a database of its own, some partners and callers, a clock that the test sets, and no subscriptions. */
export async function openWorld(kind: (typeof databases)[number]) {
  const { location, dispose } = await kind.create('tables');
  const database = await openDatabase(location);
  const time = { now: new Date('2026-03-01T12:00:00Z') };
  const service: Service = buildService({ database, clock: () => time.now });
  const tokens = new Map<string, string>();
  await database.transaction(async (trx) => {
    await loadDirectory(trx, v.parse(directorySchema, DIRECTORY));
    for (const { principalId } of DIRECTORY.callers) {
      tokens.set(principalId, await issueToken(trx, principalId, time.now));
    }
  });

  async function load(part: Partial<DirectoryInput>): Promise<void> {
    const empty: DirectoryInput = { partners: [], customers: [], callers: [], subscriptions: [] };
    const directory = v.parse(directorySchema, { ...empty, ...part });
    await database.transaction((trx) => loadDirectory(trx, directory));
  }

  /** Ends the service and leaves its data. */
  async function stop(): Promise<void> {
    await service.app.close();
    await database.close();
  }

  return {
    location,
    database,
    service,
    time,
    load,

    /** Adds a subscription, in which `ADMIN` is the account administrator unless told otherwise, and returns its ID. */
    async subscription(
      wish: Partial<SubscriptionInput> & { role?: CallerRole; service?: CloudService } = {},
    ): Promise<string> {
      const { role = 'AccountAdministrator', ...input } = wish;
      const subscriptionId = input.subscriptionId ?? randomUUID();
      await load({
        subscriptions: [
          aSubscription({ startDate: '2025-01-01T00:00:00Z', roles: { [ADMIN]: role }, ...input, subscriptionId }),
        ],
      });
      return subscriptionId;
    },

    /** Makes another access token for a caller, who goes by it from now on. */
    async issue(principalId: string): Promise<void> {
      tokens.set(principalId, await issueToken(database.db, principalId, time.now));
    },

    /** The authorization header of a caller. */
    authorization(principalId: string): { authorization: string } {
      return { authorization: `Bearer ${tokens.get(principalId)}` };
    },

    stop,
    dispose,
    async close(): Promise<void> {
      await stop();
      await dispose();
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
