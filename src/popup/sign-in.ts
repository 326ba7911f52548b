import type { LinkTarget } from '../domain/target';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { type SignInNews, signInFor } from '../messaging/link-sign-in';
import { windowProblemText, windowText } from '../words/window';
import { t } from '../words/words';

/**
 * Signs in at that connection, or the default, or leads to where that is done. Answers in words why nobody is signed in, null when
 * somebody is or may be soon.
 */
export async function signIn(at: { readonly connectionId?: string } = {}): Promise<string | null> {
  return windowText(await call('signIn.start', { another: false, ...at }));
}

/** The same of the account that a link is of, where the link is. */
export async function signInForLink(target: LinkTarget): Promise<string | null> {
  return signInText(await signInFor(target));
}

/** Why nobody is signed in for a link, in words; null when somebody is or may be soon. */
export function signInText({ windowProblem, otherAccount }: SignInNews): string | null {
  if (otherAccount !== null) return t('link.otherAccount', { account: visibleText(otherAccount) });
  return windowProblem && windowProblemText(windowProblem);
}
