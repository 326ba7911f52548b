import type { DirectoryUser } from '../../src/domain/person';

/** A write of a link, as it reached Azure with a token that it takes. */
export interface SentWrite {
  readonly method: string;
  readonly partnerId: string | null;
  /** Null where neither a body nor its length was told. */
  readonly body: string | null;
}

/** What must never be sent to Azure, noted as it comes. */
export function createViolations() {
  const found: string[] = [];
  const accounts = new Map<string, { hasRead: boolean; hadEffect: boolean; wasRemoved: boolean }>();

  function accountOf({ tenantId, objectId }: DirectoryUser) {
    const key = JSON.stringify([tenantId, objectId]);
    const account = accounts.get(key) ?? { hasRead: false, hadEffect: false, wasRemoved: false };
    accounts.set(key, account);
    return account;
  }

  return {
    found: (): readonly string[] => [...found],
    /** What that account writes next there belongs to another change than what it wrote before. */
    nextChange(user: DirectoryUser): void {
      Object.assign(accountOf(user), { hadEffect: false, wasRemoved: false });
    },
    /** Its answer said what is there. */
    read(user: DirectoryUser): void {
      accountOf(user).hasRead = true;
    },
    sent(user: DirectoryUser, { method, partnerId, body }: SentWrite): void {
      const account = accountOf(user);
      const what = `${method} ${partnerId} of ${user.objectId} in ${user.tenantId}`;
      if (!account.hasRead) found.push(`${what}: a write without a read since the last one`);
      if (account.hadEffect) found.push(`${what}: a second write after an effect within one change`);
      if (account.wasRemoved && method === 'PUT') found.push(`${what}: DELETE then PUT within one change`);
      // A DELETE has no body, and browsers tell no length of none.
      if (method !== 'DELETE') {
        if (body === null) found.push(`${what}: a write with neither a body nor its length`);
        else if (body !== JSON.stringify({ partnerId })) found.push(`${what}: its body says ${body}`);
      }
      account.hasRead = false;
    },
    tookEffect(user: DirectoryUser, method: string): void {
      const account = accountOf(user);
      account.hadEffect = true;
      account.wasRemoved ||= method === 'DELETE';
    },
  };
}
