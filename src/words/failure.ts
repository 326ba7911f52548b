import { type Failure, type FailureReason, signInTrouble } from '../domain/failure';
import { visibleText } from '../domain/visible-text';
import { t } from './words';

/**
 * What went wrong with a call, and what to do next. The request ID, when there is one, stands at the end.
 *
 * @param service what people call the service, where that is known
 */
export function failureText(failure: Failure, service: string | null = null): string {
  const sentence = FAILURES[failure.reason](failure, service === null ? null : visibleText(service));
  return failure.requestId === undefined
    ? sentence
    : t('failure.request', { sentence, requestId: visibleText(failure.requestId) });
}

/** What no permission of the person's can change. `host` null: which address it is cannot be told. */
export function keptOutText(host: string | null): string {
  return host === null ? t('failure.keptOutService') : t('failure.keptOut', { host: visibleText(host) });
}

const FAILURES: Record<FailureReason, (failure: Failure, service: string | null) => string> = {
  notConfigured: () => t('failure.notConfigured'),
  permissionMissing: () => t('failure.permissionMissing'),
  keptOut: ({ message }) => keptOutText(message ?? null),
  noAnswer: ({ code, message }, service) => {
    if (code !== 'IdentityProviderAway')
      return service === null ? t('failure.noAnswer') : t('failure.noAnswerOf', { service });
    return message === undefined
      ? t('failure.providerAway')
      : t('failure.providerGaveNoToken', { said: visibleText(message) });
  },
  timedOut: () => t('failure.timedOut'),
  redirected: () => t('failure.redirected'),
  unreadable: ({ message }) =>
    message === undefined ? t('failure.unreadable') : t('failure.unreadableField', { detail: visibleText(message) }),
  tooLarge: () => t('failure.tooLarge'),
  busy: () => t('failure.busy'),
  serverError: ({ status }) =>
    status === undefined ? t('failure.serverError') : t('failure.serverErrorStatus', { status: String(status) }),
  signInNeeded: (failure) => {
    const said = failure.message === undefined ? null : visibleText(failure.message);
    switch (signInTrouble(failure)) {
      case 'notSignedIn':
        return t('failure.notSignedIn');
      case 'refused':
        return said === null ? t('failure.signInRefused') : t('failure.signInRefusedSaid', { said });
      case 'failed':
        return said === null ? t('failure.signInFailed') : t('failure.signInFailedSaid', { said });
      case 'providerAway':
        return t('failure.signInAway');
    }
  },
  otherPerson: () => t('failure.otherPerson'),
  refused: (failure) => {
    const { code, status, message } = failure;
    if (hasOwnWords(code)) return t(`failure.codes.${code}`);
    const sentence =
      status === undefined ? t('failure.refused') : t('failure.refusedStatus', { status: String(status) });
    return message === undefined ? sentence : t('failure.said', { sentence, said: visibleText(message) });
  },
  wrongContract: ({ message }) => (message === undefined ? t('failure.wrongContract') : visibleText(message)),
  interrupted: () => t('failure.interrupted'),
  gaveUp: () => t('failure.gaveUp'),
  connectionChanged: () => t('failure.connectionChanged'),
};

/** The backend's codes that have words of ours. */
const OWN_WORDS = ['PartnerNotFound', 'InvalidPartnerId', 'SubscriptionNotFound', 'NotPermitted'] as const;

function hasOwnWords(code: string | undefined): code is (typeof OWN_WORDS)[number] {
  return OWN_WORDS.some((known) => known === code);
}
