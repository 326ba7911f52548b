import { type Key, t } from './words';

/**
 * What Microsoft Entra's reasons mean to the person, by their number (Microsoft, “Authentication and authorization error codes”). Microsoft
 * alters these; the words decide nothing.
 */
const REASONS = {
  16000: 'failure.entra.notInTenant',
  50011: 'failure.entra.redirectAddress',
  50020: 'failure.entra.notInTenant',
  50034: 'failure.entra.notInTenant',
  50057: 'failure.entra.disabled',
  50058: 'failure.entra.sessionEnded',
  50076: 'failure.entra.secondProof',
  50079: 'failure.entra.setUpProof',
  50105: 'failure.entra.notAssigned',
  50158: 'failure.entra.externalProof',
  50173: 'failure.entra.withdrawn',
  53000: 'failure.entra.deviceRules',
  53001: 'failure.entra.deviceNotJoined',
  53003: 'failure.entra.blocked',
  54005: 'failure.entra.codeUsed',
  65001: 'failure.entra.noConsent',
  65004: 'failure.entra.declined',
  70043: 'failure.entra.signInMoreOften',
  90002: 'failure.entra.noTenant',
  90072: 'failure.entra.notInTenant',
  90094: 'failure.entra.adminConsent',
  90095: 'failure.entra.requestConsent',
  500212: 'failure.entra.outbound',
  500213: 'failure.entra.inbound',
  530084: 'failure.entra.tokenProtection',
  700016: 'failure.entra.noApplication',
  700082: 'failure.entra.unusedTooLong',
  700084: 'failure.entra.dayOver',
  9002326: 'failure.entra.notSinglePage',
  9002327: 'failure.entra.originMissing',
} as const satisfies Readonly<Record<number, Key>>;

/** Whether we have words for that reason. */
export function hasEntraWords(number: number): number is keyof typeof REASONS {
  return Object.hasOwn(REASONS, number);
}

/** Why Entra refused, and what to do about it. */
export function entraText(number: number): string {
  return hasEntraWords(number) ? t(REASONS[number]) : t('failure.entraRefused', { number: String(number) });
}
