import { accountName } from '../domain/azure-account';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import type { AzureSignInAnswer, TenantRow } from '../messaging/protocol';
import { failureText } from '../words/failure';
import { t } from '../words/words';

/**
 * Has the person sign in where rows need it, each in a window of its own, one after the other: a browser shows one at a time. One that is
 * refused keeps none from the next. What an account's sign-in in one tenant has done for the others opens no window there.
 * @returns what did not work, a line for each; null where nothing is to be said
 */
export async function signInTo(some: readonly TenantRow[], nameOf: (row: TenantRow) => string): Promise<string | null> {
  const failed: string[] = [];
  const told = () => (failed.length === 0 ? null : failed.join('\n'));
  for (const [at, row] of some.entries()) {
    const { connectionId, user, tenant } = row.target;
    if (at > 0 && !(await stillNeedsIt(row))) continue;
    const answer = await call('azure.signIn', { connectionId, user, tenant });
    if (answer.kind === 'failed') {
      const problem = failureText(answer.failure, null, 'link');
      failed.push(t('tenants.signInFailed', { name: visibleText(nameOf(row)), problem }));
    } else if (answer.kind !== 'signedIn') return signInProblem(answer) ?? told();
  }
  return told();
}

/** What did not work of a sign-in; null where nothing is to be said. */
export function signInProblem(answer: AzureSignInAnswer): string | null {
  switch (answer.kind) {
    case 'signedIn':
    case 'cancelled':
      return null;
    case 'otherAccount':
      return t('tenants.otherAccount', { account: visibleText(accountName(answer.account)) });
    case 'notAllowed':
      return t('options.visit.notAllowed');
    case 'failed':
      return failureText(answer.failure, null, 'link');
  }
}

async function stillNeedsIt(row: TenantRow): Promise<boolean> {
  const rows = await call('tenants.rows', { targets: [row.target] });
  return rows.some(({ needsSignIn }) => needsSignIn);
}
