import { ANYBODY, standingOf } from '../../../../src/domain/standing';
import type { ChangeLife } from '../../../../src/domain/change';
import type { Failure } from '../../../../src/domain/failure';
import type { PartnerState } from '../../../../src/domain/partner-state';
import type { LinkTarget } from '../../../../src/domain/target';
import type { TenantRow, TenantsAnswer } from '../../../../src/messaging/protocol';
import { createDatabase } from '../../../../src/storage/database';
import { createHistory } from '../../../../src/storage/history';
import { testDirectory, testGuid } from '../../../azure/directory';
import { aBatch } from '../../../support/batches';
import { toContoso } from '../../../support/changes';
import { anEntraConnection } from '../../../support/connections';
import { LINK_OWNER } from '../../../support/links';
import { partnerId } from '../../../support/partners';
import { uuid } from '../../../support/targets';
import { contoso, ended, fabrikam, LONG_NAME, MINUTE_MS, NOW, RIGHT_TO_LEFT_NAME, signInWanted } from './data';
import type { Screen, State } from './state';
import { settings, works, written } from './world';

const CONNECTION = anEntraConnection({});
const OWN = partnerId('4852013');
const [ADA, BEN] = testDirectory(2).accounts;
const CAN = { check: false, list: false, changeLog: false, mails: false, shares: false, replay: 'readFirst' } as const;

const BATCH = uuid(1);
const NO_CONSENT: Failure = { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'entra', number: 65001 } };
const FORBIDDEN: ChangeLife = {
  state: 'refused',
  attempts: 1,
  endedAt: NOW,
  seen: false,
  failure: {
    reason: 'refused',
    status: 403,
    code: 'AuthorizationFailed',
    said: 'The client does not have authorization.',
  },
};

function targetIn(at: number, user = ADA?.user ?? ''): LinkTarget {
  return { kind: 'signIn', connectionId: CONNECTION.id, tenant: testGuid('a', at), user };
}

function stateWith(partner: PartnerState['partnerOfRecord']): PartnerState {
  return {
    partnerOfRecord: partner,
    version: partner === null ? null : '2',
    subscription: null,
    rights: { mayChange: true, role: null, reason: null },
  };
}

interface Shown {
  readonly name?: string | null;
  readonly partner?: PartnerState['partnerOfRecord'];
  readonly isUnread?: true;
  readonly life?: ChangeLife | null;
  readonly failure?: Failure;
  readonly ofBen?: true;
  readonly ignored?: true;
}

function rowOf(shown: Shown, at: number): TenantRow {
  const { name = `Tenant ${at}`, partner = null, life, failure = null } = shown;
  const account = shown.ofBen === undefined ? ADA : BEN;
  const target = targetIn(at, account?.user);
  const change =
    life === undefined
      ? null
      : toContoso(life, {
          id: uuid(1000 + at),
          target,
          targetName: name ?? '',
          before: null,
          after: fabrikam,
          askedAt: NOW - MINUTE_MS,
          batch: BATCH,
        });
  return {
    target,
    account: { user: account?.user ?? '', name: account?.username ?? '' },
    name,
    domain: name === null ? null : `tenant${at}.example`,
    needsSignIn: failure?.reason === 'signInNeeded' || life === signInWanted,
    ignored: shown.ignored ?? false,
    view: {
      source: CONNECTION.name,
      state: shown.isUnread === undefined && failure === null ? stateWith(partner) : null,
      readAt: NOW,
      order: 1,
      failure,
      standing: change && standingOf(change, ANYBODY, NOW),
      changeOrder: 1,
      support: null,
      can: CAN,
    },
  };
}

const linked = { ...contoso, state: 'Active' };
const ROWS: readonly TenantRow[] = (
  [
    { name: 'Adventure Works', partner: linked },
    { name: 'Fourth Coffee' },
    { name: LONG_NAME, partner: { ...fabrikam, name: LONG_NAME } },
    { name: RIGHT_TO_LEFT_NAME, partner: { ...fabrikam, name: null } },
    { name: null },
    { name: 'Northwind Traders', failure: { reason: 'signInNeeded' } },
    { name: 'Tailspin Toys', failure: NO_CONSENT },
    { name: 'Woodgrove Bank', isUnread: true },
    { name: 'Woodgrove Bank', partner: linked, ofBen: true },
    { name: 'Wide World Importers', ignored: true },
  ] satisfies readonly Shown[]
).map((shown, at) => rowOf(shown, at + 1));

const UNDER_WAY: readonly TenantRow[] = (
  [
    { name: 'Adventure Works', partner: { ...fabrikam, state: 'Active' }, life: ended(fabrikam) },
    { name: 'Fourth Coffee', life: FORBIDDEN },
    {
      name: LONG_NAME,
      life: { ...FORBIDDEN, failure: { ...NO_CONSENT, reason: 'refused', said: 'Nobody has consented.' } },
    },
    { name: 'Northwind Traders', life: signInWanted },
    { name: 'Woodgrove Bank', life: signInWanted, ofBen: true },
  ] satisfies readonly Shown[]
).map((shown, at) => rowOf(shown, at + 1));

const accountOf = (account: typeof ADA) => ({ user: account?.user ?? '', name: account?.username ?? '' });

function listed(rows: readonly TenantRow[], more: Partial<TenantsAnswer> = {}): State['arrange'] {
  return async () => {
    works({
      'tenants.list': async () => ({ accounts: [accountOf(ADA), accountOf(BEN)], rows, failures: [], ...more }),
      'tenants.read': async () => null,
      'tenants.ignore': async () => null,
    });
    await settings({ settings: { version: 3, connections: [CONNECTION], defaultConnection: null, ownPartnerId: OWN } });
  };
}

/** The same with the batch of which they are: of its changes some have ended, and two wait, one of them for an account that has signed out. */
function underWay(): State['arrange'] {
  return async () => {
    await listed(UNDER_WAY.slice(0, -1), { accounts: [accountOf(ADA)] })();
    const history = createHistory(createDatabase(() => undefined));
    const items = UNDER_WAY.map(({ target, account, name }, at) => ({
      id: uuid(1001 + at),
      target,
      targetName: written(name ?? ''),
      page: null,
      before: null,
      basedOn: null,
      after: fabrikam.partnerId,
      person: written({ ...LINK_OWNER, sub: account.user, name: account.name }),
    }));
    const askedAt = Date.now() - 2 * MINUTE_MS;
    const batch = aBatch(1, items, {
      partners: [written(fabrikam)],
      connectionId: CONNECTION.id,
      askedAt,
      person: null,
    });
    await history.acceptBatch(batch, items);
    await history.makeRows(batch.id);
    const now = Date.now();
    const state = stateWith(written({ ...fabrikam }));
    for (const { id } of items) await history.applyEvent(id, { type: 'sent', at: now });
    await history.applyEvent(uuid(1001), { type: 'applied', at: now, state });
    for (const at of [1, 2, 3, 4]) {
      const failure: Failure = at < 3 ? { reason: 'refused', status: 403 } : { reason: 'signInNeeded', status: 401 };
      await history.applyEvent(uuid(1001 + at), { type: 'failed', at: now, failure, retryAfterMs: null, chance: 0 });
    }
  };
}

const selectAll = { press: 'checkbox', name: 'Select all' } as const;

export const tenants: Screen = {
  name: 'tenants',
  title: 'The tenants',
  file: 'src/tenants/index.html',
  states: [
    {
      name: 'not set up',
      arrange: () => settings({ connection: null }),
      says: 'No connection to Azure is set up yet.',
    },
    {
      name: 'nobody is signed in',
      arrange: listed([], { accounts: [] }),
      says: 'Sign in with a Microsoft account to see the tenants that it reaches.',
    },
    {
      name: 'an account’s tenants cannot be read',
      arrange: listed(ROWS.slice(0, 2), { failures: [{ account: accountOf(BEN), failure: { reason: 'noAnswer' } }] }),
      says: 'Adventure Works',
    },
    { name: 'all', arrange: listed(ROWS), says: 'Adventure Works' },
    {
      name: 'those ignored',
      arrange: listed(ROWS),
      steps: [{ press: 'radio', name: 'Ignored' }],
      says: 'Wide World Importers',
    },
    {
      name: 'another partner’s, without one’s own',
      arrange: async () => {
        await listed(ROWS)();
        await settings({ settings: { version: 3, connections: [CONNECTION], defaultConnection: null } });
      },
      steps: [{ press: 'radio', name: 'Another partner’s' }],
      says: 'Say which Partner ID is your own, and this shows the links that name another partner.',
    },
    { name: 'all selected', arrange: listed(ROWS), steps: [selectAll], says: 'Clear selection' },
    {
      name: 'asked whether to link',
      arrange: listed(ROWS),
      steps: [
        selectAll,
        { type: '4852013', into: 'Partner ID' },
        { press: 'button', name: 'Link partner in 9 tenants' },
      ],
      says: 'Link partner in 8 tenants?',
      asks: true,
    },
    { name: 'under way', arrange: underWay(), says: 'who is not signed in.' },
  ],
};
