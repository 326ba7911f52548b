/** The six kinds of subscription that can name a Partner of Record. */
export const CLOUD_SERVICES = ['azure', 'office365', 'crmOnline', 'dynamics365', 'intune', 'ems'] as const;

/** The family of products that a subscription is of: what it is to, not what keeps the record of it. */
export type CloudService = (typeof CLOUD_SERVICES)[number];
