import {
  type Failure,
  type FailureDetail,
  isProvidersFailure,
  type SignInTrouble,
  signInTrouble,
} from '../domain/failure';
import { visibleText } from '../domain/visible-text';
import type { About } from './about';
import { clockOffText } from './clock';
import { entraText, hasEntraWords } from './entra';
import { type Key, t } from './words';

/**
 * What went wrong with a call, and what to do next; then what whoever refused said, as a quotation with their name. The request ID,
 * when there is one, stands at the end.
 * @param service what people call the service, for failures that do not say it themselves
 * @param about what was asked for: links are at Azure
 */
export function failureText(failure: Failure, service: string | null = null, about: About = 'record'): string {
  const { sentence, quotation } = failureWords(failure, service, about);
  return withRequestId(quoted({ sentence: withTechnical(sentence, failure.detail), quotation }), failure);
}

/** A sentence about a failure, with the ID of the request that failed, where there is one, at its end. */
export function withRequestId(sentence: string, { requestId }: Failure): string {
  return requestId === undefined ? sentence : t('failure.request', { sentence, requestId: visibleText(requestId) });
}

/** The same for where nothing technical stands: without the request ID, and without what only support can use. */
export function failureSentence(failure: Failure, about: About): string {
  return quoted(failureWords(failure, null, about));
}

function quoted({ sentence, quotation }: FailureWords): string {
  return quotation === null ? sentence : t(quotation.of, { sentence, said: visibleText(quotation.said) });
}

type Said = `failure.${'providerSaid' | 'serviceSaid'}` | `failure.azure.${'providerSaid' | 'serviceSaid'}`;

/** What went wrong and what to do next, in our words, and apart from it what whoever refused said: whoever shows that draws it. */
export interface FailureWords {
  readonly sentence: string;
  /** `of`: the sentence that quotes it with their name; null when they said nothing that ours does not say. */
  readonly quotation: { readonly of: Said; readonly said: string } | null;
}

/**
 * Nothing technical is in it.
 * @param service what people call the service, for failures that do not say it themselves
 */
export function failureWords(failure: Failure, service: string | null, about: About): FailureWords {
  const { said, code, detail } = failure;
  const sentence = ownSentence(failure, service, about);
  const isToldByUs = hasOwnWords(code) || (detail?.code === 'entra' && hasEntraWords(detail.number));
  if (said === undefined || isToldByUs || code === 'SignInAway') return { sentence, quotation: null };
  const of = isProvidersFailure(failure) ? 'providerSaid' : 'serviceSaid';
  return { sentence, quotation: { of: about === 'link' ? `failure.azure.${of}` : `failure.${of}`, said } };
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
  notSignedIn: 'notSignedIn',
  refused: 'signInRefused',
  failed: 'signInFailed',
  providerAway: 'signInAway',
} as const satisfies Record<SignInTrouble, string>;

type AzureKey<K extends Key = Key> = K extends `failure.azure.${infer Name}` ? Name : never;

/** What is said without a name or a number in it: of Azure where it reads otherwise there. */
const OF_AZURE = {
  permissionMissing: true,
  noAnswer: true,
  providerAway: true,
  providerGaveNoToken: true,
  timedOut: true,
  redirected: true,
  unreadable: true,
  webPage: true,
  cutShort: true,
  tooLarge: true,
  busy: true,
  serverError: true,
  signInAway: true,
  notSignedIn: true,
  signInRefused: true,
  moreProof: true,
  refused: true,
  gaveUp: true,
  connectionChanged: true,
  keyExpired: true,
} as const satisfies Partial<Record<AzureKey, true>>;

type OfAzure = keyof typeof OF_AZURE;
const isOfAzure = (name: string): name is OfAzure => Object.hasOwn(OF_AZURE, name);

function ownSentence(failure: Failure, known: string | null, about: About): string {
  const { reason, status, code, said, detail } = failure;
  const say = (name: OfAzure | 'signInFailed' | Plain) =>
    t(about === 'link' && isOfAzure(name) ? `failure.azure.${name}` : `failure.${name}`);
  // Whatever its status: it is somebody else's.
  if (detail?.code === 'webPage') return say('webPage');
  switch (reason) {
    case 'keptOut':
      return keptOutText(detail?.code === 'keptOut' ? detail.host : null);
    case 'noAnswer':
      if (code === 'IdentityProviderAway') return say(said === undefined ? 'providerAway' : 'providerGaveNoToken');
      if (detail?.code === 'cutShort') return say('cutShort');
      return about === 'link' ? say(reason) : ofService(reason, detail, known);
    case 'timedOut':
      return about === 'link' ? say(reason) : ofService(reason, detail, known);
    case 'unreadable':
      return unreadableText(detail, about) ?? say(reason);
    case 'signInNeeded':
      switch (detail?.code) {
        case 'clockOff':
          return clockOffText(detail.aheadMs);
        case 'entra':
          return entraText(detail.number);
        case 'personalAccount':
          return t('failure.personalAccount');
        case 'moreProof':
          return say('moreProof');
        default:
          return say(SIGN_IN[signInTrouble(failure)]);
      }
    case 'refused':
      if (about === 'link') return refusedByAzure(code, status, said);
      return hasOwnWords(code) ? t(`failure.codes.${code}`) : withStatus(reason, status, about);
    case 'serverError':
      return withStatus(reason, status, about);
    case 'wrongContract':
      return detail?.code === 'otherVersion'
        ? t('failure.otherVersion', { version: String(detail.version), own: String(detail.own) })
        : t('failure.wrongContract');
    default:
      return say(reason satisfies Plain);
  }
}

/** Null where nothing is known of what could not be read. */
function unreadableText(detail: FailureDetail | undefined, about: About): string | null {
  if (detail?.code !== 'fieldUnexpected' && detail?.code !== 'fieldUnreadable') return null;
  const field = visibleText(detail.field);
  if (about === 'link') return t(`failure.azure.${detail.code}`, { field });
  return detail.code === 'fieldUnexpected' && detail.field === 'nextLink'
    ? t('failure.linkElsewhere')
    : t(`failure.${detail.code}`, { field });
}

/** How Azure refuses whoever is in a customer's tenant by delegation alone; under which code is not documented (Partner-Center-PowerShell #277). */
const TO_DELEGATED = /\bCSP\b|Cloud Solution Provider|does not have an account in this tenant/i;

function refusedByAzure(code: string | undefined, status: number | undefined, said: string | undefined): string {
  switch (code) {
    case 'InvalidPartnerId':
      return t('failure.azure.invalidPartnerId');
    case 'TenantNotKnown':
      return t('failure.azure.tenantNotKnown');
    default:
      if (said !== undefined && TO_DELEGATED.test(said)) return t('failure.azure.delegated');
      return withStatus('refused', status, 'link');
  }
}

function ofService(reason: 'noAnswer' | 'timedOut', detail: FailureDetail | undefined, known: string | null): string {
  const service = detail?.code === 'unreachable' ? detail.name : known;
  return service === null ? t(`failure.${reason}`) : t(`failure.${reason}Of`, { service: visibleText(service) });
}

function withStatus(reason: 'refused' | 'serverError', status: number | undefined, about: About): string {
  if (status === undefined) return about === 'link' ? t(`failure.azure.${reason}`) : t(`failure.${reason}`);
  const shown = { status: String(status) };
  return about === 'link' ? t(`failure.azure.${reason}Status`, shown) : t(`failure.${reason}Status`, shown);
}

/** The backend's codes that have words of ours. */
const OWN_WORDS = ['PartnerNotFound', 'InvalidPartnerId', 'SubscriptionNotFound', 'NotPermitted'] as const;

function hasOwnWords(code: string | undefined): code is (typeof OWN_WORDS)[number] {
  return OWN_WORDS.some((known) => known === code);
}
