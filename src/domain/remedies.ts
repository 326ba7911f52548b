import type { Failure, FailureReason } from './failure';

/** What a person can do after a call failed. `copyRequest`: take a text along that asks whoever runs the service. */
export type Remedy = 'signIn' | 'openOptions' | 'testConnection' | 'copyRequest' | 'tryAgain';

const REMEDIES: Record<FailureReason, readonly Remedy[]> = {
  // Trying again would fail again until that is done.
  notConfigured: ['openOptions'],
  permissionMissing: ['openOptions'],
  signInNeeded: ['signIn'],
  // The address may be wrong, or what stands at it.
  redirected: ['openOptions', 'testConnection', 'tryAgain'],
  unreadable: ['openOptions', 'testConnection', 'tryAgain'],
  wrongContract: ['openOptions', 'testConnection', 'tryAgain'],
  noAnswer: ['tryAgain', 'testConnection'],
  otherPerson: ['tryAgain'],
  timedOut: ['tryAgain', 'testConnection'],
  serverError: ['tryAgain', 'testConnection'],
  keptOut: ['tryAgain'],
  tooLarge: ['tryAgain'],
  busy: ['tryAgain'],
  refused: ['tryAgain'],
  interrupted: ['tryAgain'],
  gaveUp: ['tryAgain'],
  connectionChanged: ['tryAgain'],
  kindUnknown: ['openOptions'],
  keyExpired: ['tryAgain'],
};

/** What may help after a call failed so, the likeliest first; null: the extension itself failed. */
export function remediesFor(failure: Failure | null): readonly Remedy[] {
  if (failure === null) return ['tryAgain'];
  return failure.code === 'SubscriptionNotFound' ? ['copyRequest', 'tryAgain'] : REMEDIES[failure.reason];
}
