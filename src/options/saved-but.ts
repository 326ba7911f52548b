import type { SignInKind } from '../domain/connection';
import { type Failure, isSignInRefused, signInTrouble } from '../domain/failure';
import { failureSentence } from '../words/failure';
import { aboutAt } from '../words/about';
import { t } from '../words/words';
import type { Field } from './connection-form';

/** That a connection is saved, and why it does not work. */
export function savedButText(failure: Failure, signIn: SignInKind): string {
  if (isSignInRefused(failure)) {
    return t(signIn === 'accessToken' ? 'options.savedBut.tokenRefused' : 'options.savedBut.signInRefused');
  }
  if (isNotSignedIn(failure)) return t('options.savedBut.notSignedIn');
  return t('options.savedBut.other', { why: failureSentence(failure, aboutAt(signIn)) });
}

/** Whether nobody has signed in yet, so that no request left. */
export function isNotSignedIn(failure: Failure): boolean {
  return failure.reason === 'signInNeeded' && signInTrouble(failure) === 'notSignedIn';
}

/** What a service did not take, and where the person mends it. */
export interface Rejected {
  readonly field: Field;
  /** Null where the field tells it by itself, for as long as that is so. */
  readonly words: string | null;
}

/** Null where nothing in the form is wrong. */
export function rejectedBy(failure: Failure, signIn: SignInKind): Rejected | null {
  // Its address is none that anybody has typed.
  if (signIn === 'entra') return null;
  const { reason, detail } = failure;
  if (detail?.code === 'webPage') return { field: 'serviceUrl', words: t('options.rejected.webPage') };
  if (isNotThere(failure)) return { field: 'serviceUrl', words: t('options.rejected.anotherService') };
  switch (reason) {
    case 'signInNeeded':
      return signIn === 'accessToken' ? { field: 'token', words: null } : null;
    case 'noAnswer':
    case 'timedOut':
      if (detail?.code === 'cutShort') return null;
      return { field: 'serviceUrl', words: t('options.rejected.noAnswer') };
    case 'redirected':
    case 'unreadable':
    case 'tooLarge':
      return { field: 'serviceUrl', words: t('options.rejected.anotherService') };
    case 'wrongContract':
      return { field: 'serviceUrl', words: t('options.rejected.wrongVersion') };
    default:
      return null;
  }
}

/** What a test asks for is at every service, and not at this address: its path is another. */
function isNotThere({ reason, status }: Failure): boolean {
  return reason === 'refused' && status === 404;
}
