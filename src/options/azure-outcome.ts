import { accountName } from '../domain/azure-account';
import { visibleText } from '../domain/visible-text';
import type { AzureSignInAnswer } from '../messaging/protocol';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import type { Outcome } from './outcome';

/** How signing in at Microsoft Entra ended, in words. */
export function azureOutcome(answer: AzureSignInAnswer): Outcome {
  switch (answer.kind) {
    case 'signedIn':
      return { good: true, words: t('options.accountSignedIn', { name: visibleText(accountName(answer.account)) }) };
    case 'otherAccount':
      return { good: false, words: t('options.otherAccount', { name: visibleText(accountName(answer.account)) }) };
    case 'cancelled':
      return { good: false, words: t('pages.windows.cancelled') };
    case 'failed':
      return { good: false, words: failureText(answer.failure, null, 'link') };
    case 'notAllowed':
      return { good: false, words: t('options.visit.notAllowed') };
  }
}
