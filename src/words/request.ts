import { visibleText } from '../domain/visible-text';
import { t } from './words';

/** What a request to whoever runs the service names; null: not known here. */
export interface SubscriptionRequest {
  readonly subscriptionId: string;
  /** The address of the subscription's page in its portal. */
  readonly page: string | null;
  /** Where the record is kept, as people know it. */
  readonly service: string | null;
  /** Who asks. */
  readonly person: string | null;
}

/** A text that asks for a subscription to be added to the service's list, ready to be mailed. */
export function requestText({ subscriptionId, page, service, person }: SubscriptionRequest): string {
  return [
    t('help.request.text'),
    '',
    t('help.request.subscriptionId', { subscriptionId: visibleText(subscriptionId) }),
    ...(page === null ? [] : [t('help.request.page', { page: visibleText(page) })]),
    ...(service === null ? [] : [t('help.request.service', { service: visibleText(service) })]),
    ...(person === null ? [] : [t('help.request.person', { person: visibleText(person) })]),
  ].join('\n');
}
