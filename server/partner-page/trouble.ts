import type { Words } from '../words/words';

/** What keeps the page from showing what it should. `said`: the service's own sentence. */
export type Cause =
  | { readonly code: 'noAnswer' | 'unreadable' }
  | { readonly code: 'refused'; readonly said: string; readonly requestId: string | null };

export class Trouble extends Error {
  constructor(readonly why: Cause) {
    super(why.code);
  }
}

/** Why nobody is signed in any more, or not yet. `said`: the identity provider's own sentence. */
export type Leaving =
  | { readonly code: 'done' | 'doneHereOnly' | 'refused' | 'ended' | 'cancelled' | 'interrupted' }
  | { readonly code: 'failed'; readonly said: string | null };

/** Signing in did not work. */
export class SignInFailed extends Error {
  constructor(readonly why: Leaving) {
    super(why.code);
  }
}

export function troubleText(why: Cause, { t }: Words): string {
  if (why.code !== 'refused') return t(`partnerPage.trouble.${why.code}`);
  const { said, requestId } = why;
  return requestId === null
    ? t('partnerPage.trouble.refused', { said })
    : t('partnerPage.trouble.refusedRequest', { said, requestId });
}

export function leavingText(why: Leaving, { t }: Words): string {
  if (why.code !== 'failed') return t(`partnerPage.signIn.${why.code}`);
  return why.said === null ? t('partnerPage.signIn.failed') : t('partnerPage.signIn.failedSaid', { said: why.said });
}
