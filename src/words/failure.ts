import {
  type Failure,
  type FailureDetail,
  type FailureReason,
  isProvidersFailure,
  signInTrouble,
} from '../domain/failure';
import { visibleText } from '../domain/visible-text';
import { t } from './words';

/**
 * What went wrong with a call, and what to do next; then what whoever refused said, as a quotation with their name. The request ID,
 * when there is one, stands at the end.
 * @param service what people call the service, for failures that do not say it themselves
 */
export function failureText(failure: Failure, service: string | null = null): string {
  const { requestId } = failure;
  const sentence = failureSentence(failure, service);
  return requestId === undefined ? sentence : t('failure.request', { sentence, requestId: visibleText(requestId) });
}

/** The same without the request ID. */
export function failureSentence(failure: Failure, service: string | null): string {
  return withQuotation(withTechnical(FAILURES[failure.reason](failure, service), failure.detail), failure);
}

/** What no permission of the person's can change. `host` null: which address it is cannot be told. */
export function keptOutText(host: string | null): string {
  return host === null ? t('failure.keptOutService') : t('failure.keptOut', { host: visibleText(host) });
}

/** What says the same in our own words is not quoted besides. */
function withQuotation(sentence: string, failure: Failure): string {
  const { said, code } = failure;
  if (said === undefined || hasOwnWords(code) || code === 'SignInAway') return sentence;
  const values = { sentence, said: visibleText(said) };
  return isProvidersFailure(failure) ? t('failure.providerSaid', values) : t('failure.serviceSaid', values);
}

function withTechnical(sentence: string, detail: FailureDetail | undefined): string {
  if (detail?.code !== 'technical') return sentence;
  return t('failure.forSupport', { sentence, words: visibleText(detail.words) });
}

const FAILURES: Record<FailureReason, (failure: Failure, service: string | null) => string> = {
  notConfigured: () => t('failure.notConfigured'),
  permissionMissing: () => t('failure.permissionMissing'),
  keptOut: ({ detail }) => keptOutText(detail?.code === 'keptOut' ? detail.host : null),
  noAnswer: ({ code, said, detail }, known) => {
    if (code === 'IdentityProviderAway')
      return said === undefined ? t('failure.providerAway') : t('failure.providerGaveNoToken');
    const service = serviceIn(detail) ?? known;
    return service === null ? t('failure.noAnswer') : t('failure.noAnswerOf', { service: visibleText(service) });
  },
  timedOut: ({ detail }, known) => {
    const service = serviceIn(detail) ?? known;
    return service === null ? t('failure.timedOut') : t('failure.timedOutOf', { service: visibleText(service) });
  },
  redirected: () => t('failure.redirected'),
  unreadable: ({ detail }) => {
    switch (detail?.code) {
      case 'webPage':
        return t('failure.webPage');
      case 'fieldUnreadable':
        return t('failure.fieldUnreadable', { field: visibleText(detail.field) });
      case 'fieldUnexpected':
        return t('failure.fieldUnexpected', { field: visibleText(detail.field) });
      default:
        return t('failure.unreadable');
    }
  },
  tooLarge: () => t('failure.tooLarge'),
  busy: () => t('failure.busy'),
  serverError: ({ status }) =>
    status === undefined ? t('failure.serverError') : t('failure.serverErrorStatus', { status: String(status) }),
  signInNeeded: (failure) => {
    switch (signInTrouble(failure)) {
      case 'notSignedIn':
        return t('failure.notSignedIn');
      case 'refused':
        return t('failure.signInRefused');
      case 'failed':
        return t('failure.signInFailed');
      case 'providerAway':
        return t('failure.signInAway');
    }
  },
  otherPerson: () => t('failure.otherPerson'),
  refused: ({ code, status }) => {
    if (hasOwnWords(code)) return t(`failure.codes.${code}`);
    return status === undefined ? t('failure.refused') : t('failure.refusedStatus', { status: String(status) });
  },
  wrongContract: ({ detail }) =>
    detail?.code === 'otherVersion'
      ? t('failure.otherVersion', { version: String(detail.version), own: String(detail.own) })
      : t('failure.wrongContract'),
  interrupted: () => t('failure.interrupted'),
  gaveUp: () => t('failure.gaveUp'),
  connectionChanged: () => t('failure.connectionChanged'),
};

function serviceIn(detail: FailureDetail | undefined): string | null {
  return detail?.code === 'unreachable' ? detail.name : null;
}

/** The backend's codes that have words of ours. */
const OWN_WORDS = ['PartnerNotFound', 'InvalidPartnerId', 'SubscriptionNotFound', 'NotPermitted'] as const;

function hasOwnWords(code: string | undefined): code is (typeof OWN_WORDS)[number] {
  return OWN_WORDS.some((known) => known === code);
}
