import type { Service } from '../../src/domain/subscription';

/** Every sentence of the page. */
export const TEXT = {
  product: 'Partner of Record',
  title: 'What your customers share with you',
  signInTitle: 'Sign in',
  signInIntro:
    "This page is for a partner's own people: it shows the subscriptions that name the partner as their partner of record.",
  signIn: 'Sign in',
  signOut: 'Sign out',
  accessToken: 'Access token',
  accessTokenHint: 'Kept in this tab until you close it or sign out.',
  accessTokenMissing: 'Enter your access token.',
  loading: 'Loading…',
  tryAgain: 'Try again',
  signedInAs: (name: string, organization: string) => `Signed in as ${name}, ${organization}`,
  partner: (name: string, partnerId: string) => `${name} (${partnerId})`,
  notAPartner:
    "You are signed in, but not as one of a partner's own people. Ask whoever runs this service to add you to the partner.",
  sessionEnded: 'Your sign-in has ended. Sign in again.',
  tokenRefused: 'The service does not take this access token. Check it and try again.',
  signInFailed: (why: string) => `Signing in did not work: ${why} Try again.`,
  signInCancelled: 'Signing in was cancelled.',
  noAnswer: 'The service does not answer. Check your connection and try again.',
  signedOut: 'You are signed out.',
  signedOutHereOnly:
    'You are signed out here, but the identity provider could not be told: your token ends by itself soon.',
  refused: (message: string, requestId: string | null) =>
    requestId === null ? message : `${message} (request ${requestId})`,
  unreadable: 'The service answered in a way this page cannot read.',
  none: 'No subscription names you as its partner of record at the moment.',
  table: (count: number) => (count === 1 ? '1 subscription' : `${count} subscriptions`),
  subscription: 'Subscription',
  customer: 'Customer',
  period: 'Start and end',
  associated: 'Associated since',
  usage: 'Usage by month',
  noUsage: 'No usage yet',
  allMonths: 'All months',
  month: 'Month',
  csv: 'Download CSV',
  csvName: 'partner-of-record-usage.csv',
  seats: 'seats',
  chart: (title: string, points: string) => `${title} by month: ${points}`,
  shared:
    'You see this because the customer chose you. When the customer changes or removes the partner of record, the subscription leaves this page at once.',
} as const;

export const SERVICE_NAMES: Record<Service, string> = {
  azure: 'Azure',
  office365: 'Office 365',
  crmOnline: 'CRM Online',
  dynamics365: 'Dynamics 365',
  intune: 'Intune',
  ems: 'Enterprise Mobility + Security',
};
