import { listedOf } from '../../../support/records';
import { LONG_NAME, MANY, NOW } from './data';
import type { Screen, State } from './state';
import { settings, works } from './world';

function listed(records: typeof MANY): State['arrange'] {
  return async () => {
    works({
      'subscriptions.list': async ({ filter }) => ({
        ok: true,
        subscriptions: records.filter(({ displayName }) => displayName.includes(filter)).map(listedOf),
        next: null,
        readAt: NOW,
      }),
    });
    await settings();
  };
}

export const subscriptions: Screen = {
  name: 'subscriptions',
  title: 'The subscriptions page',
  file: 'src/subscriptions/index.html',
  states: [
    { name: 'nothing set up', arrange: () => settings({ connection: null }), says: 'Open options' },
    { name: 'all', arrange: listed(MANY), says: LONG_NAME },
    { name: 'none', arrange: listed([]), says: 'Subscriptions' },
    {
      name: 'nothing matches',
      arrange: listed(MANY),
      steps: [{ type: 'zzzz', into: 'Filter' }],
      says: 'No subscription matches the filter.',
    },
    {
      name: 'no answer',
      arrange: async () => {
        works({ 'subscriptions.list': async () => ({ ok: false, failure: { reason: 'noAnswer' } }) });
        await settings();
      },
      says: 'Try again',
    },
    {
      name: 'sign-in needed',
      arrange: async () => {
        works({ 'subscriptions.list': async () => ({ ok: false, failure: { reason: 'signInNeeded', status: 401 } }) });
        await settings();
      },
      says: 'Subscriptions',
    },
    {
      name: 'not permitted',
      arrange: async () => {
        works({
          'subscriptions.list': async () => ({
            ok: false,
            failure: {
              reason: 'refused',
              status: 403,
              code: 'NotPermitted',
              said: 'Ask the account administrator.',
            },
          }),
        });
        await settings();
      },
      says: 'Subscriptions',
    },
  ],
};
