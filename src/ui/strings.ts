import type { Failure, FailureReason } from '../domain/failure';
import type { PartnerIdProblem } from '../domain/partner';
import { visibleText } from '../domain/visible-text';

/** Every sentence a person meets, so that whoever sees one on the screen finds it here. */

/** What went wrong with a call, and what to do next. The request ID, when there is one, stands at the end. */
export function failureText(failure: Failure): string {
  const sentence = FAILURES[failure.reason](failure);
  return failure.requestId === undefined ? sentence : `${sentence} (Request ${visibleText(failure.requestId)})`;
}

function said(failure: Failure): string {
  return failure.message === undefined ? '' : ` It said: “${visibleText(failure.message)}”`;
}

const FAILURES: Record<FailureReason, (failure: Failure) => string> = {
  notConfigured: () => 'No service is set up yet. Open the options and enter your service’s address.',
  permissionMissing: () =>
    'The browser does not let the extension reach the service. Open the options and save again to allow it.',
  noAnswer: () => 'The service can’t be reached. Check your connection, then try again.',
  timedOut: () => 'The service did not answer in time. Try again.',
  redirected: () =>
    'The service sent us to another address, which we don’t follow. Check the service’s address in the options.',
  unreadable: (failure) =>
    `The service’s answer could not be read${failure.message === undefined ? '' : `: ${visibleText(failure.message)}`}. Check the service’s address in the options, or tell its operator.`,
  tooLarge: () => 'The service’s answer is too large to be right. Tell its operator.',
  busy: () => 'The service is busy. We try again soon.',
  serverError: (failure) =>
    `The service has a problem${failure.status === undefined ? '' : ` (${failure.status})`}. Try again later.`,
  signInNeeded: () => 'The service did not accept the sign-in. Sign in again in the options.',
  refused: (failure) =>
    REFUSALS[failure.code ?? ''] ??
    `The service refused${failure.status === undefined ? '' : ` (${failure.status})`}.${said(failure)}`,
  wrongContract: (failure) => visibleText(failure.message ?? 'This service speaks another version of the contract.'),
  interrupted: () => 'The browser ended the extension in the middle of it. It goes on by itself.',
  gaveUp: () => 'Tried for 24 hours without success. The service does not hold this change.',
  connectionChanged: () => 'The service’s address was changed before the outcome was known.',
};

/** The backend's codes that have words of ours. */
const REFUSALS: Partial<Record<string, string>> = {
  PartnerNotFound: 'There is no partner with this ID. Check the number with your partner.',
  InvalidPartnerId: 'The service does not accept this as a Partner ID. Check the number with your partner.',
  SubscriptionNotFound: 'The service does not know this subscription, or you may not see it.',
  NotPermitted: 'You may not change the partner of record of this subscription.',
};

/** Why what was typed is not a Partner ID. */
export const PARTNER_ID_PROBLEMS: Record<PartnerIdProblem, string> = {
  empty: 'Enter a Partner ID.',
  usageAttributionId: 'This is a usage attribution ID, not a Partner ID. A Partner ID has 5 to 10 digits.',
  notDigits: 'A Partner ID has digits only.',
  tooShort: 'A Partner ID has at least 5 digits.',
  tooLong: 'A Partner ID has at most 10 digits.',
};

/** Whose record it is; said wherever someone could think otherwise. */
export const WHOSE_RECORD = 'This is your organisation’s own record. It changes nothing at Microsoft.';
