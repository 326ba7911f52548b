import type { Me, Shared, Usage } from '../../../../server/partner-page/api';
import { contoso, LONG_NAME, MANY } from './data';
import type { Screen, State } from './state';
import { answersRequests } from './world';

const USAGE: readonly Usage[] = [
  { month: '2026-11', service: 'azure', amount: 1234.5, currency: 'USD' },
  { month: '2026-10', service: 'azure', amount: 2345.67, currency: 'USD' },
  { month: '2026-09', service: 'azure', amount: 1999, currency: 'USD' },
  { month: '2026-11', service: 'office365', seats: 120 },
  { month: '2026-10', service: 'office365', seats: 118 },
];
const SHARED: readonly Shared[] = MANY.map(({ subscriptionId, displayName, service, startDate, endDate }, index) => ({
  customer: { id: 'northwind', name: index === 1 ? LONG_NAME : 'Northwind Traders' },
  subscriptionId,
  displayName,
  service,
  startDate,
  endDate,
  associatedAt: contoso.assignedAt,
  usage: index % 3 === 1 ? [] : USAGE.map((one) => ({ ...one })),
}));
const PARTNERS_PERSON: Me = { name: 'Pat Lindqvist', organization: contoso.name, partnerId: contoso.partnerId };

function opened(me: Me | number, shared: readonly Shared[] = SHARED, token: string | null = 'token'): State['arrange'] {
  return () => {
    sessionStorage.clear();
    if (token !== null) sessionStorage.setItem('accessToken', token);
    answersRequests([
      [/sign-in\.json$/, { kind: 'accessToken' }],
      [/v1\/me$/, me],
      [/subscriptions/, { value: shared }],
      [/partners\/\d+$/, { name: contoso.name }],
    ]);
  };
}

export const partner: Screen = {
  name: 'partner',
  title: 'The partner’s page',
  file: 'test/e2e/screens/stage/partner.html',
  states: [
    { name: 'nobody signed in', arrange: opened(401, [], null), says: 'Sign in' },
    {
      name: 'a wrong token',
      arrange: opened(401, [], null),
      steps: [
        { type: 'wrong', into: 'Access token' },
        { press: 'button', name: 'Sign in' },
      ],
      says: 'Sign in',
    },
    { name: 'what customers share', arrange: opened(PARTNERS_PERSON), says: LONG_NAME },
    { name: 'nobody shares anything', arrange: opened(PARTNERS_PERSON, []), says: 'Pat Lindqvist' },
    {
      name: 'not a partner’s',
      arrange: opened({ name: 'Adele Vance', organization: 'Northwind' }),
      says: 'Adele Vance',
    },
    { name: 'no answer', arrange: opened(503), says: 'Try again' },
  ],
};
