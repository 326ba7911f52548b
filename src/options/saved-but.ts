import { type Failure, signInTrouble } from '../domain/failure';
import type { SignInKind } from '../domain/settings';
import { t } from '../words/words';
import type { Field } from './connection-form';

/** That a connection is saved, and why it does not work. */
export function savedButText(failure: Failure, signIn: SignInKind): string {
  switch (failure.reason) {
    case 'signInNeeded':
      return signInText(failure, signIn);
    case 'noAnswer':
    case 'timedOut':
      return t('options.savedBut.noAnswer');
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
      return t('options.savedBut.refused');
    case 'notConfigured':
    case 'otherPerson':
    case 'interrupted':
    case 'gaveUp':
    case 'connectionChanged':
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

/** Where the person mends it; null where nothing in the form is wrong. */
export function fieldOf({ reason }: Failure, signIn: SignInKind): Field | null {
  switch (reason) {
    case 'signInNeeded':
      return signIn === 'accessToken' ? 'token' : null;
    case 'noAnswer':
    case 'timedOut':
    case 'redirected':
    case 'unreadable':
    case 'tooLarge':
    case 'wrongContract':
      return 'serviceUrl';
    default:
      return null;
  }
}
