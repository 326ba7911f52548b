import type { SubscriptionRecord } from '../../../../src/domain/subscription';
import type { Failure } from '../../../../src/domain/failure';
import { CONNECTION } from '../../../support/connections';
import { partnerId } from '../../../support/partners';
import { listedOf } from '../../../support/records';
import { subscriptionId } from '../../../support/targets';
import { contoso, fabrikam, LONG_NAME, MANY, NOW, recordWith } from './data';
import type { Screen, State } from './state';
import { settings, works } from './world';

const PAGE = 200;

/** A service that lists these, page by page, as far as a page that fails. */
function listed(records: readonly SubscriptionRecord[], failure: Failure | null = null, failsAt = 0): State['arrange'] {
  return async () => {
    works({
      'person.present': async ({ connectionId = CONNECTION.id }) => ({ kind: 'connection', connectionId }),
      'stars.set': async () => ({ ok: true }),
      'subscriptions.list': async ({ connectionId, after }) => {
        const from = Number(after?.next ?? 0);
        if (failure !== null && from >= failsAt) return { ok: false, failure };
        const to = from + PAGE;
        return {
          ok: true,
          subscriptions: records.slice(from, to).map(listedOf),
          next: to < records.length || failure !== null ? String(to) : null,
          place: null,
          readAs: { kind: 'connection', connectionId },
          readAt: NOW,
        };
      },
    });
    await settings();
  };
}

const CUSTOMERS = [
  'Northwind Traders',
  'Woodgrove Bank',
  'Fourth Coffee',
  'Adventure Works',
  LONG_NAME,
  'Tailspin Toys',
];
const PARTNERS = [
  'Contoso',
  'Fabrikam',
  'Wide World Importers',
  'Proseware',
  'Litware',
  'Trey Research',
  'Lamna',
  'Relecloud',
];

/** As many subscriptions as an organisation of some size has. */
export function manySubscriptions(count: number): readonly SubscriptionRecord[] {
  return Array.from({ length: count }, (_, n) => {
    const like = MANY[n % MANY.length] ?? recordWith(null);
    const partner = PARTNERS[Math.floor(Math.sqrt((n * 37) % 64))];
    return {
      ...like,
      subscriptionId: subscriptionId(`6f3e1c52-0b1d-4c8a-9a44-${String(n).padStart(12, '0')}`),
      displayName: n % 9 === 0 ? like.displayName : `Subscription ${n}`,
      customer: { id: `c${n % 40}`, name: `${CUSTOMERS[n % 6]} ${n % 40}` },
      partnerOfRecord:
        partner === undefined || n % 3 === 2
          ? null
          : {
              ...(n % 2 === 0 ? contoso : fabrikam),
              name: partner,
              partnerId: partnerId(String(4_000_000 + PARTNERS.indexOf(partner))),
            },
    };
  });
}

export const subscriptions: Screen = {
  name: 'subscriptions',
  title: 'The subscriptions page',
  file: 'src/subscriptions/index.html',
  states: [
    { name: 'nothing set up', arrange: () => settings({ connection: null }), says: 'Open options' },
    { name: 'all', arrange: listed(MANY), says: 'Select Northwind test' },
    { name: 'none', arrange: listed([]), says: 'Subscriptions' },
    {
      name: 'nothing matches',
      arrange: listed(MANY),
      steps: [{ type: 'zzzz', into: 'Filter' }],
      says: 'No subscription matches the filter.',
    },
    {
      name: 'no answer',
      arrange: listed([], { reason: 'noAnswer' }, 0),
      says: 'Try again',
    },
    { name: 'sign-in needed', arrange: listed([], { reason: 'signInNeeded', status: 401 }, 0), says: 'Sign in' },
    {
      name: 'not permitted',
      arrange: listed(
        [],
        {
          reason: 'refused',
          status: 403,
          code: 'NotPermitted',
          said: 'Ask the account administrator.',
        },
        0,
      ),
      says: 'Whom do I ask?',
    },
    {
      name: 'many, in order and starred',
      arrange: listed(manySubscriptions(999)),
      query: { sort: 'customer' },
      steps: [{ press: 'checkbox', name: 'Select all' }],
      says: '999 subscriptions.',
    },
    {
      name: 'many, by customer',
      arrange: listed(manySubscriptions(999)),
      query: { group: 'customer' },
      says: 'Select all of Adventure Works 3',
    },
    {
      name: 'a page failed',
      arrange: listed(manySubscriptions(999), { reason: 'busy', status: 503 }, PAGE),
      says: 'The rest of the list is missing.',
    },
  ],
};
