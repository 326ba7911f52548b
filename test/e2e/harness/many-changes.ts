import type { BatchOutcome } from '../../../src/domain/batch';
import type { BatchAnswer } from '../../../src/messaging/protocol';
import type { World } from './world';

/** The extension API of the page that an evaluated function runs in. */
declare const chrome: { readonly storage: { readonly session: { set(items: object): Promise<void> } } };

/** How many of a batch stand how; what none does is not named. */
export type OutcomeCounts = Partial<Record<BatchOutcome, number>>;

/** Many changes at once at several connections to the service, asked for as pages of the extension ask. */
export interface ManyChanges {
  /** Saves a connection to that address with the service's token, as the options page does: a new one, or the one `edited` names. */
  saveToken(address: string, name: string, edited: string | null): Promise<void>;
  /** The ID of the connection that calls that address. */
  connectionAt(address: string): Promise<string>;
  /** Asks for that partner, or none, for those subscriptions as they are at the service now; null: nobody answered. */
  ask(
    id: string,
    connectionId: string,
    wanted: ReadonlyMap<string, string | null>,
  ): Promise<{ readonly answer: BatchAnswer | null; readonly size: number }>;
  /** How far each batch is, as it is on the disk. */
  progress(): Promise<ReadonlyMap<string, OutcomeCounts>>;
}

export function manyChanges({ service, backstage }: Pick<World, 'service' | 'backstage'>): ManyChanges {
  return {
    async saveToken(address, name, edited) {
      const { page, call } = backstage;
      await page.evaluate((typedToken) => chrome.storage.session.set({ typedToken }), service.token);
      const form = { name, kind: 'service', address, portals: [], tenants: [], signIn: 'accessToken' } as const;
      const asked = { ...form, token: 'typed', remember: true, edited, abandonOpenChanges: false } as const;
      const answer = await call('connection.save', asked);
      if (answer?.ok !== true) throw new Error(`The connection ${name} was not saved: ${JSON.stringify(answer)}`);
    },
    async connectionAt(address) {
      const stored = JSON.parse(await backstage.storedLocally());
      const connections: readonly { id: string; address: string }[] = stored.settings.connections;
      const found = connections.find((connection) => connection.address === address);
      if (found === undefined) throw new Error(`No connection calls ${address}: ${JSON.stringify(connections)}`);
      return found.id;
    },
    async ask(id, connectionId, wanted) {
      const items = (await service.subscriptions()).flatMap((record) => {
        const { subscriptionId, displayName, partnerOfRecord, etag } = record;
        const after = wanted.get(subscriptionId);
        const before = partnerOfRecord && { partnerId: partnerOfRecord.partnerId, name: partnerOfRecord.name };
        const isSame = after === undefined || after === (before?.partnerId ?? null);
        return isSame ? [] : [{ subscriptionId, name: displayName, page: null, before, basedOn: etag, after }];
      });
      if (items.length === 0) return { answer: null, size: 0 };
      const answer = await backstage.call('batch.ask', { id, connectionId, kind: 'bulk', items });
      return { answer, size: items.length };
    },
    progress: async () => new Map(await backstage.page.evaluate(countOutcomes)),
  };
}

/** Runs in a page of the extension. */
function countOutcomes(): Promise<[batchId: string, counts: OutcomeCounts][]> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('outcomes').objectStore('outcomes').getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        opening.result.close();
        const all = new Map<string, Partial<Record<string, number>>>();
        for (const { batch, outcome } of reading.result) {
          const counts = all.get(batch) ?? {};
          all.set(batch, { ...counts, [outcome]: (counts[outcome] ?? 0) + 1 });
        }
        resolve([...all]);
      };
    };
  });
}
