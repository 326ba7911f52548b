import {
  type Failure,
  type FailureDetail,
  isProvidersFailure,
  type SignInTrouble,
  signInTrouble,
} from '../domain/failure';
import { visibleText } from '../domain/visible-text';
import { clockOffText } from './clock';
import { entraText, hasEntraWords } from './entra';
import { type Key, t } from './words';

/**
 * What went wrong with a call, and what to do next; then what whoever refused said, as a quotation with their name. The request ID,
 * when there is one, stands at the end.
 * @param service what people call the service, for failures that do not say it themselves
 */
export function failureText(failure: Failure, service: string | null = null): string {
  const { sentence, quotation } = failureWords(failure, service);
  return withRequestId(quoted({ sentence: withTechnical(sentence, failure.detail), quotation }), failure);
}

/** A sentence about a failure, with the ID of the request that failed, where there is one, at its end. */
export function withRequestId(sentence: string, { requestId }: Failure): string {
  return requestId === undefined ? sentence : t('failure.request', { sentence, requestId: visibleText(requestId) });
}

/** The same for where nothing technical stands: without the request ID, and without what only support can use. */
export function failureSentence(failure: Failure): string {
  return quoted(failureWords(failure, null));
}

function quoted({ sentence, quotation }: FailureWords): string {
  return quotation === null ? sentence : t(quotation.of, { sentence, said: visibleText(quotation.said) });
}

/** What went wrong and what to do next, in our words, and apart from it what whoever refused said: whoever shows that draws it. */
export interface FailureWords {
  readonly sentence: string;
  /** `of`: the sentence that quotes it with their name; null when they said nothing that ours does not say. */
  readonly quotation: { readonly of: 'failure.providerSaid' | 'failure.serviceSaid'; readonly said: string } | null;
}

/**
 * Nothing technical is in it.
 * @param service what people call the service, for failures that do not say it themselves
 */
export function failureWords(failure: Failure, service: string | null): FailureWords {
  const { said, code, detail } = failure;
  const sentence = ownSentence(failure, service);
  const isToldByUs = hasOwnWords(code) || (detail?.code === 'entra' && hasEntraWords(detail.number));
  if (said === undefined || isToldByUs || code === 'SignInAway') return { sentence, quotation: null };
  return {
    sentence,
    quotation: { of: isProvidersFailure(failure) ? 'failure.providerSaid' : 'failure.serviceSaid', said },
  };
}

/** What no permission of the person's can change. `host` null: which address it is cannot be told. */
export function keptOutText(host: string | null): string {
  return host === null ? t('failure.keptOutService') : t('failure.keptOut', { host: visibleText(host) });
}

function withTechnical(sentence: string, detail: FailureDetail | undefined): string {
  switch (detail?.code) {
    case 'technical':
      return t('failure.forSupport', { sentence, words: visibleText(detail.words) });
    case 'entra':
      // Where we have no words, the sentence names it.
      return hasEntraWords(detail.number)
        ? t('failure.forSupport', { sentence, words: `AADSTS${detail.number}` })
        : sentence;
    default:
      return sentence;
  }
}

/** The reasons that are told in one sentence, whatever else is known of the failure. */
type Plain =
  | 'notConfigured'
  | 'permissionMissing'
  | 'redirected'
  | 'tooLarge'
  | 'busy'
  | 'otherPerson'
  | 'interrupted'
  | 'gaveUp'
  | 'connectionChanged'
  | 'keyExpired'
  | 'kindUnknown';

const SIGN_IN = {
  notSignedIn: 'failure.notSignedIn',
  refused: 'failure.signInRefused',
  failed: 'failure.signInFailed',
  providerAway: 'failure.signInAway',
} as const satisfies Record<SignInTrouble, Key>;

function ownSentence(failure: Failure, known: string | null): string {
  const { reason, status, code, said, detail } = failure;
  // Whatever its status: it is somebody else's.
  if (detail?.code === 'webPage') return t('failure.webPage');
  switch (reason) {
    case 'keptOut':
      return keptOutText(detail?.code === 'keptOut' ? detail.host : null);
    case 'noAnswer':
      if (code === 'IdentityProviderAway')
        return said === undefined ? t('failure.providerAway') : t('failure.providerGaveNoToken');
      return detail?.code === 'cutShort' ? t('failure.cutShort') : ofService(reason, detail, known);
    case 'timedOut':
      return ofService(reason, detail, known);
    case 'unreadable':
      switch (detail?.code) {
        case 'fieldUnexpected':
          if (detail.field === 'nextLink') return t('failure.linkElsewhere');
          return t('failure.fieldUnexpected', { field: visibleText(detail.field) });
        case 'fieldUnreadable':
          return t('failure.fieldUnreadable', { field: visibleText(detail.field) });
        default:
          return t('failure.unreadable');
      }
    case 'signInNeeded':
      if (detail?.code === 'clockOff') return clockOffText(detail.aheadMs);
      if (detail?.code === 'entra') return entraText(detail.number);
      if (detail?.code === 'personalAccount') return t('failure.personalAccount');
      return t(SIGN_IN[signInTrouble(failure)]);
    case 'refused':
      return hasOwnWords(code) ? t(`failure.codes.${code}`) : withStatus(reason, status);
    case 'serverError':
      return withStatus(reason, status);
    case 'wrongContract':
      return detail?.code === 'otherVersion'
        ? t('failure.otherVersion', { version: String(detail.version), own: String(detail.own) })
        : t('failure.wrongContract');
    default:
      return t(`failure.${reason satisfies Plain}`);
  }
}

function ofService(reason: 'noAnswer' | 'timedOut', detail: FailureDetail | undefined, known: string | null): string {
  const service = detail?.code === 'unreachable' ? detail.name : known;
  return service === null ? t(`failure.${reason}`) : t(`failure.${reason}Of`, { service: visibleText(service) });
}

function withStatus(reason: 'refused' | 'serverError', status: number | undefined): string {
  return status === undefined ? t(`failure.${reason}`) : t(`failure.${reason}Status`, { status: String(status) });
}

/** The backend's codes that have words of ours. */
const OWN_WORDS = ['PartnerNotFound', 'InvalidPartnerId', 'SubscriptionNotFound', 'NotPermitted'] as const;

function hasOwnWords(code: string | undefined): code is (typeof OWN_WORDS)[number] {
  return OWN_WORDS.some((known) => known === code);
}
