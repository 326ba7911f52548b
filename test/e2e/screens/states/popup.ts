import type { ChangeLife } from '../../../../src/domain/change';
import type { CheckOutcome } from '../../../../src/domain/history';
import { world } from '../../../support/page-browser';
import { targetOf } from '../../../support/targets';
import {
  ADELE,
  ALEX,
  changed,
  checkedId,
  conflict,
  contoso,
  ended,
  fabrikam,
  held,
  LONG_NAME,
  nobody,
  otherPerson,
  PAGE,
  refused,
  RIGHT_TO_LEFT_NAME,
  signInWanted,
  unknown,
  unknownByNow,
  viewOf,
} from './data';
import type { Screen, State } from './state';
import { allowsPortals, checks, history, inSession, settings, TWO_CONNECTIONS, updating, works } from './world';

const PARTNERS = new Map<string, CheckOutcome>([
  [contoso.partnerId, { kind: 'found', partner: contoso, location: 'Seattle, United States' }],
  [fabrikam.partnerId, { kind: 'found', partner: { ...fabrikam, name: LONG_NAME } }],
  ['5120846', { kind: 'failed', failure: { reason: 'unreadable' } }],
  ['99999999', { kind: 'unknownPartner' }],
]);
const AWAY = { reason: 'noAnswer' } as const;
const REFUSED = { reason: 'signInNeeded', status: 401 } as const;

/** A popup of somebody who has set everything up, with that in front of it. */
function opened(more: () => void | Promise<void> = () => undefined): State['arrange'] {
  return async () => {
    allowsPortals();
    works({
      'person.present': async () => ADELE,
      'subscription.read': async () => viewOf(held),
      'checks.start': checks(PARTNERS, { state: 'done', failure: null, hold: null }),
      'change.seen': async () => null,
    });
    await settings();
    await more();
  };
}

const LONG_HISTORY = [
  checkedId(contoso.partnerId, { kind: 'found', partner: contoso }, 4000),
  changed(ended(contoso), 3900, { kind: 'assign', before: null, after: contoso }),
  checkedId('5120846', { kind: 'unknownPartner' }, 3000),
  changed(ended(null), 2900, { kind: 'remove', before: contoso, after: null }),
  changed(unknown, 900, { targetName: RIGHT_TO_LEFT_NAME }),
  checkedId(fabrikam.partnerId, { kind: 'failed', failure: { reason: 'timedOut' } }, 800),
  changed(refused, 300, { targetName: LONG_NAME }),
  changed(ended(fabrikam), 200),
  changed(conflict, 100),
  changed(null, 1),
] as const;

const MANY_IDS = Array.from({ length: 12 }, (_, index) => 6_000_001 + index).join(' ');
const checking = (typed: string) =>
  [
    { type: typed, into: 'Partner IDs' },
    { press: 'button', name: 'Check ID' },
  ] as const;
const NO_CONNECTION = { ...signInWanted, for: 'connection' } as ChangeLife;

const inHistory = { press: 'tab', name: 'History' } as const;

export const popup: Screen = {
  name: 'popup',
  title: 'The popup',
  file: 'src/popup/index.html',
  window: { width: 400, height: 600 },
  states: [
    {
      name: 'nothing set up',
      arrange: async () => {
        allowsPortals();
        works({ 'person.present': async () => null });
        await settings({ connection: null });
      },
      says: 'Open options',
    },
    { name: 'just opened', arrange: opened(), says: 'Partner IDs' },
    {
      name: 'on a subscription’s page',
      arrange: opened(() => {
        world.tabAddress = PAGE;
      }),
      says: 'Northwind production',
    },
    {
      name: 'on a page without a partner',
      arrange: opened(() => {
        world.tabAddress = PAGE;
        works({ 'subscription.read': async () => viewOf({ ...nobody, displayName: LONG_NAME }) });
      }),
      says: LONG_NAME,
    },
    {
      name: 'on a page that can not be read',
      arrange: opened(() => {
        world.tabAddress = PAGE;
        works({ 'subscription.read': async () => ({ ...viewOf(null), failure: { reason: 'noAnswer' } }) });
      }),
      says: 'This page',
    },
    {
      name: 'IDs checked',
      arrange: opened(),
      steps: checking(`${contoso.partnerId} ${fabrikam.partnerId} 5120846 12ab 99999999 ${contoso.partnerId}`),
      says: 'Seattle, United States',
      announces: '2 found, 1 unknown, 1 not an ID, 1 failed, 1 repeated',
    },
    {
      name: 'IDs being checked',
      arrange: opened(() =>
        works({
          'checks.start': checks(PARTNERS, {
            state: 'running',
            failure: AWAY,
            hold: { since: Date.now(), forMs: 8000 },
          }),
        }),
      ),
      steps: checking(`${contoso.partnerId} ${fabrikam.partnerId} ${MANY_IDS}`),
      says: '2 of 14 checked.',
    },
    {
      name: 'checks that wait for a sign-in',
      arrange: opened(() =>
        works({ 'checks.start': checks(PARTNERS, { state: 'paused', failure: REFUSED, hold: null }) }),
      ),
      steps: checking(`${contoso.partnerId} ${MANY_IDS}`),
      says: 'Check the rest',
    },
    { name: 'no history', arrange: opened(), steps: [inHistory], says: 'History' },
    { name: 'history', arrange: opened(() => history(LONG_HISTORY)), steps: [inHistory], says: '7 changes' },
    {
      name: 'all of the history',
      arrange: opened(() => history(LONG_HISTORY)),
      steps: [inHistory, { press: 'radio', name: 'All' }],
      says: '5120846',
    },
    {
      name: 'history, with several connections',
      arrange: opened(async () => {
        await settings(TWO_CONNECTIONS);
        await history(LONG_HISTORY);
      }),
      steps: [inHistory],
      says: 'Connection',
    },
    {
      name: 'matches',
      arrange: opened(() => history(LONG_HISTORY)),
      steps: [inHistory, { type: 'northwind', into: 'Search history' }],
      says: 'of 7 changes',
      announces: 'of 7 changes',
    },
    {
      name: 'nothing matches',
      arrange: opened(() => history(LONG_HISTORY)),
      steps: [inHistory, { type: 'zzzz', into: 'Search history' }],
      says: 'Nothing matches.',
      announces: 'Nothing matches.',
    },
    {
      name: 'dates in the wrong order',
      arrange: opened(() => history(LONG_HISTORY)),
      steps: [inHistory, { type: '2026-11-02', into: 'From' }, { type: '2026-11-01', into: 'To' }],
      says: '“From” comes after “To”. Change one of them.',
    },
    {
      name: 'in a tab',
      query: { tab: '' },
      window: { width: 1280, height: 900 },
      arrange: opened(() => history(LONG_HISTORY)),
      steps: [inHistory],
      says: '7 changes',
    },
    {
      name: 'needs you',
      arrange: opened(() => {
        world.tabAddress = PAGE;
        return history(
          [conflict, refused, signInWanted, otherPerson, NO_CONNECTION, unknown].map((life, index) =>
            changed(life, index + 1, {
              target: targetOf(`needy-${index}`),
              ...(index === 0 && { targetName: LONG_NAME, after: { ...fabrikam, name: LONG_NAME } }),
              ...(index === 1 && { targetName: RIGHT_TO_LEFT_NAME }),
              ...(index === 3 && { person: ALEX }),
            }),
          ),
        );
      }),
      steps: [{ press: 'button', name: 'Show all 6' }],
      says: 'Needs you',
    },
    {
      name: 'an end that nobody knows',
      arrange: opened(() => history([changed(unknownByNow, 25 * 60)])),
      says: 'We cannot know whether your change was made.',
    },
    {
      name: 'history being updated',
      arrange: opened(async () => {
        await history([changed(ended(contoso), 500)]);
        await updating();
      }),
      steps: [inHistory],
      says: 'Updating the history.',
    },
    {
      name: 'on a page, not signed in',
      arrange: opened(() => {
        world.tabAddress = PAGE;
        works({ 'subscription.read': async () => ({ ...viewOf(null), failure: { reason: 'signInNeeded' } }) });
      }),
      says: 'Sign in',
    },
    {
      name: 'a conflict',
      arrange: opened(() => history([changed(ended(contoso), 500), changed(conflict, 10)])),
      steps: [inHistory],
      says: '2 changes',
    },
    {
      name: 'sign-in needed',
      arrange: opened(() => history([changed(signInWanted, 10)])),
      steps: [inHistory],
      says: 'Today',
    },
    {
      name: 'another person’s change',
      arrange: opened(() => history([changed(otherPerson, 10, { person: ALEX })])),
      steps: [inHistory],
      says: 'Today',
    },
    {
      name: 'portals made many changes',
      arrange: opened(() =>
        inSession({
          portalUses: {
            uses: { shown: [], pressed: [], changes: [], checks: [], windows: [] },
            present: [],
            manyChanges: { seen: false },
          },
        }),
      ),
      says: 'Partner IDs',
    },
    {
      name: 'a portal that the browser withholds',
      arrange: opened(() => {
        world.held.clear();
      }),
      says: 'Allow',
    },
    {
      name: 'a page that the browser keeps us out of',
      arrange: opened(() => {
        world.tabAddress = PAGE;
        world.scriptError = 'This page cannot be scripted due to an ExtensionsSettings policy.';
      }),
      says: 'Northwind production',
    },
  ],
};
