import type { Batch, LaneHold } from '../../../../src/domain/batch';
import { FRESH_LANE } from '../../../../src/domain/lane';
import { partnerOf, stateOf } from '../../../../src/domain/partner-state';
import type { SubscriptionRecord } from '../../../../src/domain/subscription';
import { subscriptionTarget } from '../../../../src/domain/target';
import { createDatabase } from '../../../../src/storage/database';
import { createHistory } from '../../../../src/storage/history';
import { createLaneStore } from '../../../../src/storage/lanes';
import { createSnapshots } from '../../../../src/storage/snapshots';
import { aBatch } from '../../../support/batches';
import type { Failure } from '../../../../src/domain/failure';
import { CONNECTION, SERVICE_CAN } from '../../../support/connections';
import { partnerId } from '../../../support/partners';
import { listedOf } from '../../../support/records';
import { subscriptionId, uuid } from '../../../support/targets';
import { ADELE, contoso, fabrikam, LONG_NAME, MANY, MINUTE_MS, NOW, recordWith, refused } from './data';
import type { Screen, State } from './state';
import { settings, TWO_CONNECTIONS, works, written } from './world';

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

const BULK = manySubscriptions(60);
const selectAll = { press: 'checkbox', name: 'Select all' } as const;

/** The list, and a service that knows one partner. */
function bulk(more: () => void | Promise<void> = () => undefined): State['arrange'] {
  return async () => {
    await listed(BULK)();
    works({
      'connections.kinds': async () => [{ kind: 'service', can: SERVICE_CAN, signIns: ['none'], steps: [] }],
      'partner.check': async ({ partnerId: asked }) =>
        asked === fabrikam.partnerId
          ? { kind: 'found', partner: { ...fabrikam, name: LONG_NAME }, location: 'Munich, Germany' }
          : { kind: 'unknownPartner' },
    });
    await more();
  };
}

type End = 'done' | 'refused' | 'conflict' | 'open';

/** Writes a batch of the subscriptions as the worker would have, each of them come to that end. */
async function asked(ends: readonly End[], more: Partial<Batch> = {}): Promise<void> {
  const history = createHistory(createDatabase(() => undefined));
  const some = written(BULK.slice(0, ends.length));
  const items = some.map(({ subscriptionId: id, displayName, partnerOfRecord, etag }, at) => ({
    id: uuid(1000 + at),
    target: subscriptionTarget(CONNECTION.id, id),
    targetName: displayName,
    page: null,
    before: partnerOf(partnerOfRecord),
    basedOn: etag,
    after: fabrikam.partnerId,
  }));
  const askedAt = Date.now() - 2 * MINUTE_MS;
  const batch = aBatch(1, items, {
    partners: [written(fabrikam)],
    connectionId: CONNECTION.id,
    person: written(ADELE),
    askedAt,
    ...more,
  });
  await history.acceptBatch(batch, items);
  await history.makeRows(batch.id);
  for (const [at, end] of ends.entries()) {
    const record = some[at];
    if (end === 'open' || record === undefined) continue;
    const id = uuid(1000 + at);
    const now = Date.now();
    await history.applyEvent(id, { type: 'sent', at: now });
    if (end === 'done') {
      const state = stateOf({ ...record, partnerOfRecord: written(fabrikam), etag: '"2"' });
      await history.applyEvent(id, { type: 'applied', at: now, state });
    } else if (end === 'conflict') {
      const state = stateOf({ ...record, partnerOfRecord: written({ ...contoso, name: LONG_NAME }), etag: '"3"' });
      await history.applyEvent(id, { type: 'preconditionFailed', at: now, state });
    } else {
      const failure = refused.state === 'refused' ? written(refused.failure) : { reason: 'refused' as const };
      await history.applyEvent(id, { type: 'failed', at: now, failure, retryAfterMs: null, chance: 0 });
    }
  }
}

const several = (counts: Partial<Record<End, number>>): readonly End[] =>
  (['conflict', 'refused', 'done', 'open'] as const).flatMap((end) =>
    Array.from({ length: counts[end] ?? 0 }, () => end),
  );

/** Something holds up the lane of the connection. */
async function holds(hold: LaneHold): Promise<void> {
  const lane = { connectionId: CONNECTION.id, lane: { ...FRESH_LANE, hold }, claims: {} };
  await createLaneStore(createDatabase(() => undefined)).write(new Map([[CONNECTION.id, lane]]), 'relaxed');
}

/** The watch is on, and somebody else has changed one. */
async function changedElsewhere(): Promise<void> {
  const watching = { watch: 'hour', watched: 'all' };
  await settings({
    settings: { version: 2, connections: [CONNECTION], defaultConnection: CONNECTION.id, ...watching },
  });
  const [record] = written(BULK);
  if (record === undefined) throw new Error('There are no subscriptions');
  const target = subscriptionTarget(CONNECTION.id, record.subscriptionId);
  const readAs = { kind: 'connection', connectionId: CONNECTION.id } as const;
  await createSnapshots(createDatabase(() => undefined)).writeAfter([
    {
      target,
      snapshot: { state: stateOf(record), readAt: NOW, readAs },
      foreign: () => ({
        id: uuid(7),
        target,
        targetName: record.displayName,
        before: partnerOf(written({ ...fabrikam, name: LONG_NAME })),
        after: record.partnerOfRecord,
        foundAt: Date.now() - MINUTE_MS,
        by: written({ by: 'Alex Wilber' }).by,
        version: record.etag,
        seen: false,
      }),
      least: 1,
    },
  ]);
}

const TO_IMPORT = [
  'Subscription ID;Partner ID;Remark',
  `${BULK[0]?.subscriptionId};${fabrikam.partnerId};`,
  `${BULK[1]?.subscriptionId};4.85E+06;`,
  `${BULK[2]?.subscriptionId};;`,
  'not a subscription at all, but a long sentence that somebody has typed;12;',
  `;${fabrikam.partnerId};`,
].join('\n');

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
    {
      name: 'some selected',
      arrange: bulk(),
      steps: [
        { press: 'checkbox', name: 'Select Subscription 1' },
        { press: 'checkbox', name: 'Select Subscription 2' },
      ],
      says: 'Check ID',
    },
    {
      name: 'a preview that replaces others',
      arrange: bulk(),
      steps: [selectAll, { type: fabrikam.partnerId, into: 'Partner ID' }, { press: 'button', name: 'Check ID' }],
      says: 'Preview',
    },
    {
      name: 'no such partner',
      arrange: bulk(),
      steps: [selectAll, { type: '99999999', into: 'Partner ID' }, { press: 'button', name: 'Check ID' }],
      says: '99999999',
    },
    {
      name: 'a batch under way',
      arrange: bulk(() => asked(several({ done: 21, refused: 1, open: 18 }))),
      says: '18 left',
    },
    {
      name: 'a batch that waits',
      arrange: bulk(async () => {
        await asked(several({ done: 4, open: 36 }));
        await holds({ for: 'time', wait: { from: Date.now(), ms: 10 * MINUTE_MS } });
      }),
      steps: [{ press: 'button', name: 'List its changes' }],
      says: 'The service asks to wait until',
    },
    {
      name: 'a batch that waits for a sign-in',
      arrange: bulk(async () => {
        await asked(several({ done: 4, open: 36 }));
        await holds({ for: 'signIn' });
      }),
      says: 'The changes wait until you are signed in.',
    },
    {
      name: 'a batch with failures',
      arrange: bulk(() => asked(several({ refused: 3, done: 12 }))),
      steps: [{ press: 'button', name: 'List its changes' }],
      says: 'Retry failed',
    },
    {
      name: 'a batch with conflicts',
      arrange: bulk(() => asked(several({ conflict: 2, done: 12 }))),
      steps: [{ press: 'button', name: 'List its changes' }],
      says: 'Overwrite all',
    },
    {
      name: 'several connections',
      arrange: bulk(() => settings(TWO_CONNECTIONS)),
      says: '120 subscriptions.',
    },
    {
      name: 'an import, with several connections',
      arrange: bulk(() => settings(TWO_CONNECTIONS)),
      steps: [{ press: 'button', name: 'Import CSV' }],
      says: 'Paste rows',
    },
    { name: 'a change made elsewhere', arrange: bulk(changedElsewhere), says: 'Restore' },
    {
      name: 'an import with problems',
      arrange: bulk(),
      steps: [
        { press: 'button', name: 'Import CSV' },
        { type: TO_IMPORT, into: 'Paste rows' },
        { press: 'button', name: 'Read rows' },
      ],
      says: 'Problems',
    },
  ],
};
