import { type Failure, signInTrouble } from '../domain/failure';
import type { SignInKind } from '../domain/connection';
import { t } from '../words/words';
import type { Field } from './connection-form';

/** That a connection is saved, and why it does not work. */
export function savedButText(failure: Failure, signIn: SignInKind): string {
  if (failure.detail?.code === 'webPage') return t('options.savedBut.webPage');
  switch (failure.reason) {
    case 'signInNeeded':
      return signInText(failure, signIn);
    case 'noAnswer':
    case 'timedOut':
      return t(failure.detail?.code === 'cutShort' ? 'options.savedBut.cutShort' : 'options.savedBut.noAnswer');
    case 'permissionMissing':
    case 'keptOut':
      return t('options.savedBut.keptOut');
    case 'redirected':
    case 'unreadable':
    case 'tooLarge':
      return t('options.savedBut.anotherService');
    case 'wrongContract':
      return t('options.savedBut.wrongVersion');
    case 'busy':
    case 'serverError':
      return t('options.savedBut.serviceProblem');
    case 'refused':
      return t(isNotThere(failure) ? 'options.savedBut.anotherService' : 'options.savedBut.refused');
    case 'notConfigured':
    case 'otherPerson':
    case 'interrupted':
    case 'gaveUp':
    case 'connectionChanged':
    case 'keyExpired':
    case 'kindUnknown':
      return t('options.savedBut.other');
  }
}

function signInText(failure: Failure, signIn: SignInKind): string {
  switch (signInTrouble(failure)) {
    case 'refused':
      return signIn === 'accessToken' ? t('options.savedBut.tokenRefused') : t('options.savedBut.signInRefused');
    case 'notSignedIn':
      return t('options.savedBut.notSignedIn');
    case 'failed':
    case 'providerAway':
      return t('options.savedBut.signInFailed');
  }
}

/** What a service did not take, and where the person mends it. */
export interface Rejected {
  readonly field: Field;
  /** Null where the field tells it by itself, for as long as that is so. */
  readonly words: string | null;
}

/** Null where nothing in the form is wrong. */
export function rejectedBy(failure: Failure, signIn: SignInKind): Rejected | null {
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
