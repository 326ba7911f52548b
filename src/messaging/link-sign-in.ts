import { accountName } from '../domain/azure-account';
import type { LinkTarget } from '../domain/target';
import type { WindowProblem } from '../domain/window-answer';
import { call } from './call';
import type { LinkSignInAnswer } from './protocol';

/** What the person is told of a sign-in for a link. */
export interface SignInNews {
  readonly windowProblem: WindowProblem | null;
  /** What people call the account that came back, where another one was wanted; null where none did. */
  readonly otherAccount: string | null;
}

/** What the person is told of how signing in for a link ended. */
export function signInNews(answer: LinkSignInAnswer): SignInNews {
  switch (answer.kind) {
    case 'signedIn':
    case 'optionsOpened':
      return { windowProblem: null, otherAccount: null };
    case 'tooMany':
    case 'cancelled':
    case 'failed':
      return { windowProblem: answer.kind, otherAccount: null };
    case 'otherAccount':
      return { windowProblem: null, otherAccount: answer.name };
  }
}

/** From a page of ours: has the account that a link is of sign in where the link is. */
export async function signInFor({ connectionId, tenant, user }: LinkTarget): Promise<SignInNews> {
  const answer = await call('azure.signIn', { connectionId, tenant, user });
  switch (answer.kind) {
    case 'otherAccount':
      return signInNews({ kind: 'otherAccount', name: accountName(answer.account) });
    case 'notAllowed':
      await call('options.open', {});
      return signInNews({ kind: 'optionsOpened' });
    case 'signedIn':
      return signInNews({ kind: 'signedIn', user: answer.account.user });
    case 'cancelled':
    case 'failed':
      return signInNews(answer);
  }
}
