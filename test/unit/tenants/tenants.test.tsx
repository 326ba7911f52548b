import 'fake-indexeddb/auto';
import axe from 'axe-core';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChangeLife } from '../../../src/domain/change';
import type { Failure } from '../../../src/domain/failure';
import type { PartnerRef } from '../../../src/domain/partner';
import { type LinkTarget, targetKey } from '../../../src/domain/target';
import { watchingOf } from '../../../src/domain/watch';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { MessageInput, TenantRow, TenantsAnswer } from '../../../src/messaging/protocol';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import { createWatches, type WatchesWriter } from '../../../src/storage/watches';
import { TenantsPage } from '../../../src/tenants/tenants-page';
import { aBatch } from '../../support/batches';
import { LINK_OWNER, LINK_TARGET } from '../../support/links';
import { browser, resetWorld, world } from '../../support/page-browser';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { all, choose as select, press, says, text, the, type } from '../../support/screen';
import { uuid } from '../../support/targets';
import { aTenantRow, AZURE, BATCH, TENANT } from './tenant-rows';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
// jsdom has no modal dialogs (29.1).
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};

const NO_CONSENT: Failure = { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'entra', number: 65001 } };
const refusedWith = (failure: Failure): ChangeLife => ({
  state: 'refused',
  attempts: 1,
  endedAt: 0,
  seen: false,
  failure,
});
const FORBIDDEN = refusedWith({ reason: 'refused', status: 403 });
const DONE: ChangeLife = {
  state: 'done',
  attempts: 1,
  endedAt: 0,
  outcome: { partnerOfRecord: { ...CONTOSO, assignedAt: null, assignedBy: null }, version: '1' },
};

const broadcast = createBroadcaster();
let rows: TenantRow[];
let kept: History;
let watches: WatchesWriter;
let listed: number;
let anewListed: number;
let failures: TenantsAnswer['failures'];
let accounts: TenantsAnswer['accounts'];
let rowsAsked: (readonly LinkTarget[])[];
let read: string[][];
let asked: MessageInput<'links.ask'>[];
let signedIn: (string | null)[];
let copied: string[];

beforeEach(async () => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
  history.replaceState(null, '', '/');
  const open = createDatabase(() => undefined);
  kept = createHistory(open);
  watches = createWatches(open);
  [rows, rowsAsked, read, asked, signedIn, copied] = [[], [], [], [], [], []];
  [listed, anewListed, failures] = [0, 0, []];
  accounts = [{ user: 'ada', name: 'ada' }];
  Object.assign(world.worker, {
    'tenants.list': async ({ anew }) => {
      listed += 1;
      if (anew) anewListed += 1;
      return { accounts, rows, failures };
    },
    'tenants.rows': async ({ targets }) => {
      rowsAsked.push(targets);
      const wanted = new Set(targets.map(targetKey));
      return rows.filter(({ target }) => wanted.has(targetKey(target)));
    },
    'tenants.read': async ({ targets }) => {
      read.push(targets.map(({ tenant }) => tenant));
      return null;
    },
    'tenants.ignore': async ({ target, ignored }) => {
      replace(target, (row) => ({ ...row, ignored }));
      return null;
    },
    'azure.signIn': async ({ tenant }) => {
      signedIn.push(tenant);
      return { kind: 'failed', failure: NO_CONSENT };
    },
    'links.ask': async (input) => {
      asked.push(input);
      const counts = { open: 1, done: 0, refused: 0, conflict: 0, answered: 0, cancelled: 0, unknown: 0, skipped: 0 };
      const progress = { batchId: input.id, size: 1, made: 1, counts, stopped: false, ended: false, hold: null };
      return { ok: true, progress: { ...progress, sentAs: null, followed: [] }, asked: 1, leftOut: [] };
    },
  } satisfies typeof world.worker);
  vi.stubGlobal('navigator', {
    ...navigator,
    clipboard: {
      writeText: async (words: string) => {
        copied.push(words);
      },
    },
  });
  await settings();
});
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

const settings = (more: object = {}) =>
  browser.storage.local.set({ settings: { version: 3, connections: [AZURE], defaultConnection: null, ...more } });

/** What is known of a link is another by now, and the worker says so. */
function replace(target: LinkTarget, by: (row: TenantRow) => TenantRow): void {
  rows = rows.map((row) => (targetKey(row.target) === targetKey(target) ? by(row) : row));
  broadcast({ changed: 'links', targets: [target] });
}

async function openPage(...some: readonly TenantRow[]): Promise<void> {
  rows = [...some];
  render(<TenantsPage history={kept} watches={watches} />, document.body);
  await the('table', 'Tenants');
}
const names = () => all('rowheader').map((cell) => text(cell.querySelector('bdi') ?? cell));
const choose = (name: string) =>
  (all('radio').find((one) => one.closest('label')?.textContent === name) as HTMLElement).click();
const rowOf = (name: string) => {
  const found = [...document.querySelectorAll('tbody tr')].find(
    (row) => row.querySelector('th bdi')?.textContent === name,
  );
  if (found === undefined) throw new Error(`There is no row ${name}`);
  return text(found);
};

/** The first tenant's link is to that partner by now, and the page shows it. */
async function relink(partner: PartnerRef): Promise<void> {
  const [first] = rows;
  if (first === undefined) throw new Error('There is a row');
  replace(first.target, () => aTenantRow(1, { partner }));
  await vi.waitFor(() => expect(rowOf('Tenant 1')).toContain(partner.name));
}

/** A batch for links of one account: in some tenants it has to sign in, in the others it need not. */
async function waitsForAda(waiting: readonly number[], others: readonly number[] = []): Promise<void> {
  const items = [...waiting, ...others].map((at) => ({
    id: uuid(1000 + at),
    target: { ...LINK_TARGET, connectionId: AZURE.id, tenant: TENANT(at) },
    targetName: `Tenant ${at}`,
    page: null,
    before: null,
    basedOn: null,
    after: CONTOSO.partnerId,
  }));
  const batch = aBatch(1, items, { partners: [CONTOSO], connectionId: AZURE.id, person: LINK_OWNER });
  await kept.acceptBatch(batch, items);
  await kept.makeRows(batch.id);
  for (const { id } of items.slice(0, waiting.length)) {
    const failure = { reason: 'signInNeeded', status: 401 } as const;
    await kept.applyEvent(id, { type: 'claimed', at: 1 });
    await kept.applyEvent(id, { type: 'sent', at: 1 });
    await kept.applyEvent(id, { type: 'failed', at: 2, failure, retryAfterMs: null, chance: 0 });
  }
}

describe('What is shown', () => {
  it('each row is read once, and one that needs a sign-in once it had that', async () => {
    await openPage(aTenantRow(1), aTenantRow(2, { needsSignIn: true }), aTenantRow(3, { ignored: true }));
    await vi.waitFor(() => expect(read).toEqual([[TENANT(1)]]));
    const [first, second] = rows;
    if (first === undefined || second === undefined) throw new Error('There are rows');
    replace(first.target, () => aTenantRow(1, { partner: CONTOSO }));
    await says(CONTOSO.name ?? '');
    replace(second.target, () => aTenantRow(2));
    await vi.waitFor(() => expect(read).toEqual([[TENANT(1)], [TENANT(2)]]));
    // Of what has changed the rows are asked for, and not all of hundreds.
    expect([listed, rowsAsked.map((one) => one.length)]).toEqual([1, [1, 1]]);
  });

  it('rows of an account that signs out and in again are read anew', async () => {
    await openPage(aTenantRow(1), aTenantRow(2));
    await vi.waitFor(() => expect(read).toEqual([[TENANT(1), TENANT(2)]]));
    const [first, second] = rows;
    if (first === undefined || second === undefined) throw new Error('There are rows');
    rows = [first];
    broadcast({ changed: 'settings' });
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 1']));
    rows = [first, second];
    broadcast({ changed: 'settings' });
    await vi.waitFor(() => expect(read).toEqual([[TENANT(1), TENANT(2)], [TENANT(2)]]));
  });

  it('“Read again” asks which tenants there are by now, and reads all of them', async () => {
    await openPage(aTenantRow(1));
    await vi.waitFor(() => expect(read).toEqual([[TENANT(1)]]));
    rows = [aTenantRow(1), aTenantRow(2)];
    (await the('button', 'Read again')).click();
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 1', 'Tenant 2']));
    await vi.waitFor(() => expect(read).toEqual([[TENANT(1)], [TENANT(1)], [TENANT(2)]]));
    expect(anewListed).toBe(1);
  });

  it('the tenants of an account stay where Azure can’t be asked about it any more, which is said', async () => {
    const row = aTenantRow(1);
    await openPage(row);
    rows = [];
    failures = [{ account: row.account, failure: { reason: 'noAnswer' } }];
    (await the('button', 'Read again')).click();
    await says('Azure can’t be reached.');
    expect(names()).toEqual(['Tenant 1']);
    failures = [];
    (await the('button', 'Read again')).click();
    await vi.waitFor(() => expect(all('rowheader')).toEqual([]));
  });

  it('is narrowed: without a link, and those that need a sign-in', async () => {
    await openPage(
      aTenantRow(2, { partner: CONTOSO }),
      aTenantRow(10),
      aTenantRow(3, { isUnread: true, needsSignIn: true }),
    );
    expect(names()).toEqual(['Tenant 2', 'Tenant 3', 'Tenant 10']);
    choose('Without a link');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 10']));
    choose('Needs a sign-in');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 3']));
    choose('All');
    await type('searchbox', 'Filter', 'contoso');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 2']));
  });

  it('tells another partner’s links once the person has said which partner is theirs', async () => {
    const saved: object[] = [];
    world.worker['ownPartnerId.save'] = async (input) => {
      saved.push(input);
      await settings({ ownPartnerId: input.ownPartnerId });
      return null;
    };
    await openPage(aTenantRow(1, { partner: CONTOSO }), aTenantRow(2, { partner: FABRIKAM }), aTenantRow(3));
    choose('Another partner’s');
    await says('Say which Partner ID is your own');
    expect(all('table')).toEqual([]);
    await type('textbox', 'Your own Partner ID', 'none');
    await press('Save Partner ID');
    expect(saved).toEqual([]);
    await type('textbox', 'Your own Partner ID', CONTOSO.partnerId);
    await press('Save Partner ID');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 2']));
    expect(saved).toEqual([{ ownPartnerId: CONTOSO.partnerId }]);
  });

  it('has nothing that axe objects to', async () => {
    await openPage(aTenantRow(1, { partner: CONTOSO }), aTenantRow(2, { needsSignIn: true, failure: NO_CONSENT }));
    await press('Select all', 'checkbox');
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

describe('A link that is ignored', () => {
  it('is in no selection, and shown under “Ignored” until it is not any more', async () => {
    await openPage(aTenantRow(1), aTenantRow(2));
    await press('Select all', 'checkbox');
    await says('2 tenants selected');
    await press('Ignore Tenant 2');
    await says('Tenant 2 is ignored. It is shown under “Ignored”.');
    await says('1 tenant selected');
    expect(names()).toEqual(['Tenant 1']);
    choose('Ignored');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 2']));
    expect(all('checkbox')).toHaveLength(1);
    await press('Stop ignoring Tenant 2');
    choose('All');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 1', 'Tenant 2']));
  });
});

describe('What is asked for', () => {
  it('is asked about once, by name, and leaves alone what is so already', async () => {
    await openPage(aTenantRow(1, { partner: CONTOSO }), aTenantRow(2, { partner: FABRIKAM }), aTenantRow(3));
    await press('Select all', 'checkbox');
    await type('textbox', 'Partner ID', CONTOSO.partnerId);
    await press('Link partner in 3 tenants');
    const question = await the('alertdialog', 'Link partner in 2 tenants?');
    await says('1 link to another partner is replaced.');
    await says('1 more stays as it is: linked so already, or not read yet.');
    expect(all('listitem', undefined, question).map((one) => text(one))).toEqual(['Tenant 2', 'Tenant 3']);
    await press('Yes');
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]).toMatchObject({ connectionId: AZURE.id, partnerId: CONTOSO.partnerId });
    expect(asked[0]?.links.map(({ target, before }) => [target.tenant, before])).toEqual([
      [TENANT(2), FABRIKAM],
      [TENANT(3), null],
    ]);
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
  });

  it('in a tenant that two accounts reach is told as one tenant and two sign-ins', async () => {
    await openPage(
      aTenantRow(1),
      aTenantRow(1, { account: 'ben.b', partner: CONTOSO }),
      aTenantRow(2, { partner: FABRIKAM }),
      aTenantRow(3, { partner: CONTOSO, account: 'ben.b' }),
    );
    await says('3 tenants, 4 sign-ins');
    await press('Select all', 'checkbox');
    await says('3 tenants, 4 sign-ins selected');
    await type('textbox', 'Partner ID', '5555555');
    // What differs in no tenant is said without more words.
    await the('button', 'Remove link in 3 tenants');
    await press('Link partner in 3 tenants, 4 sign-ins');
    const question = await the('alertdialog', 'Link partner in 3 tenants, 4 sign-ins?');
    expect(text(question)).toContain('each has a link of its own');
    expect(all('listitem', undefined, question).map((one) => text(one))).toEqual([
      'Tenant 1, ada',
      'Tenant 1, ben.b',
      'Tenant 2',
      'Tenant 3',
    ]);
    await press('Yes');
    await vi.waitFor(() => expect(asked[0]?.links).toHaveLength(4));
    choose('Without a link');
    await says('1 of 3 tenants, 1 of 4 sign-ins');
  });

  it.each([
    ['one for each tenant', [1, 2, 3], [], 'Sign in to 3 tenants'],
    ['two for one of them', [1, 2], [1], 'Sign in to 2 tenants, 3 sign-ins'],
    ['two for each', [1, 2], [1, 2], 'Sign in to 2 tenants, 4 sign-ins'],
  ] as const)('that needs sign-ins, %s, says in how many tenants', async (_what, adas, bens, name) => {
    const needy = { needsSignIn: true, isUnread: true } as const;
    await openPage(
      ...adas.map((at) => aTenantRow(at, needy)),
      ...bens.map((at) => aTenantRow(at, { ...needy, account: 'ben.b' })),
    );
    await the('button', name);
  });

  it('is not asked about where nothing would change, and the bar says so until another ID is typed', async () => {
    await openPage(aTenantRow(1, { partner: CONTOSO }), aTenantRow(2));
    await press('Select Tenant 1', 'checkbox');
    await type('textbox', 'Partner ID', CONTOSO.partnerId);
    await press('Link partner in 1 tenant');
    await says('Nothing to change: what is selected is linked so already, or not read yet.');
    expect(all('alertdialog')).toEqual([]);
    await type('textbox', 'Partner ID', FABRIKAM.partnerId);
    expect(text()).not.toContain('Nothing to change');
  });

  it.each<[string, () => Promise<void> | void]>([
    ['another tenant is selected too', () => press('Select Tenant 3', 'checkbox')],
    ['another one is selected in its place', () => press('Select Tenant 2', 'checkbox')],
    ['it is selected no more', () => press('Select Tenant 1', 'checkbox')],
    ['another ID is typed', () => type('textbox', 'Partner ID', FABRIKAM.partnerId)],
    ['it is linked otherwise by now', () => relink(FABRIKAM)],
  ])('that changed nothing is told until %s', async (_what, act) => {
    await openPage(aTenantRow(1, { partner: CONTOSO }), aTenantRow(2, { partner: CONTOSO }), aTenantRow(3));
    await press('Select Tenant 1', 'checkbox');
    await press('Select Tenant 2', 'checkbox');
    await type('textbox', 'Partner ID', CONTOSO.partnerId);
    await press('Link partner in 2 tenants');
    await says('Nothing to change');
    await act();
    await vi.waitFor(() => expect(text()).not.toContain('Nothing to change'));
    // Nor does it come back by itself.
    await relink(CONTOSO);
    expect(text()).not.toContain('Nothing to change');
  });

  it('that could not be asked for is told until something else is selected', async () => {
    world.worker['links.ask'] = async () => ({ ok: false, problem: 'storageFull' });
    await openPage(aTenantRow(1), aTenantRow(2));
    await press('Select Tenant 1', 'checkbox');
    await type('textbox', 'Partner ID', CONTOSO.partnerId);
    await press('Link partner in 1 tenant');
    await press('Yes');
    await says('has no room left');
    await press('Select Tenant 2', 'checkbox');
    await vi.waitFor(() => expect(text()).not.toContain('has no room left'));
  });

  it('is told row by row, and what ended as wished only as long as its batch is shown', async () => {
    const some = [
      aTenantRow(1, { partner: CONTOSO, life: DONE }),
      aTenantRow(2, { life: FORBIDDEN }),
      aTenantRow(3, { life: null }),
    ];
    await openPage(...some);
    expect(rowOf('Tenant 1')).not.toContain('Done');
    expect(rowOf('Tenant 2')).toContain('The change was not made.');
    choose('Failed');
    await vi.waitFor(() => expect(names()).toEqual(['Tenant 2']));
    choose('All');
    const items = some.map(({ target, name }, at) => ({
      id: uuid(1001 + at),
      target,
      targetName: name ?? '',
      page: null,
      before: null,
      basedOn: null,
      after: CONTOSO.partnerId,
    }));
    const batch = aBatch(1, items, { partners: [CONTOSO], connectionId: AZURE.id, person: null });
    expect(batch.id).toBe(BATCH);
    await kept.acceptBatch(batch, items);
    const progress = await kept.progressOf(batch.id);
    if (progress === null) throw new Error('There is a batch');
    broadcast({ changed: 'batch', progress, rows: [] });
    await says('Set 3 links to Contoso');
    await vi.waitFor(() => expect(rowOf('Tenant 1')).toContain('Done'));
    await says('Refused: Tenant 2.');
    await the('progressbar', 'Progress');
    await the('button', 'Stop');
  });
});

describe('The accounts', () => {
  it('that are signed in are named, each with the way out, beside the way to the options', async () => {
    const out: object[] = [];
    world.worker['azure.signOut'] = async (input) => {
      out.push(input);
      accounts = accounts.filter(({ user }) => user !== input.user);
      rows = rows.filter(({ account }) => accounts.some(({ user }) => user === account.user));
      broadcast({ changed: 'settings' });
      return null;
    };
    const [adas, bens] = [aTenantRow(1), aTenantRow(2, { account: 'ben.b' })];
    accounts = [adas.account, bens.account];
    await openPage(adas, bens);
    const list = await the('list', 'Accounts');
    expect(all('listitem', undefined, list).map((one) => text(one))).toEqual(['adaSign out', 'ben.bSign out']);
    const options = await the('link', 'Options');
    expect(options.getAttribute('href')).toContain('src/options/index.html');
    await press('Sign out of ben.b');
    await says('ben.b is signed out: this extension has forgotten it.');
    expect(out).toEqual([{ connectionId: AZURE.id, user: bens.account.user }]);
    await vi.waitFor(() => expect(all('listitem', undefined, list)).toHaveLength(1));
    expect(names()).toEqual(['Tenant 1']);
    // Whoever signs in then may be the same.
    await press('Add account');
    await vi.waitFor(() => expect(text()).not.toContain('is signed out'));
  });

  it('are none before anybody has signed in, and the way to the options is there', async () => {
    accounts = [];
    render(<TenantsPage history={kept} watches={watches} />, document.body);
    await the('link', 'Options');
    expect(all('list', 'Accounts')).toEqual([]);
  });
});

describe('The watching', () => {
  const person = { kind: 'connection', connectionId: AZURE.id } as const;
  const ENDED = { read: 2, unknown: 0, missing: 0, whole: true, endedAt: Date.now() - 3 * 60 * 60_000 };
  const looked = (users: readonly string[], more: Partial<typeof ENDED> = {}) =>
    watches.write(AZURE.id, {
      ...watchingOf(null, { person, address: AZURE.address }, 0),
      accounts: users,
      last: { ...ENDED, ...more },
    });

  it('is chosen here, and says what is true of links', async () => {
    const saved: object[] = [];
    world.worker['watch.save'] = async (input) => {
      saved.push(input);
      await settings(input);
      return null;
    };
    await openPage(aTenantRow(1));
    await the('combobox', 'Watch for changes made elsewhere');
    expect(text()).not.toContain('Links are looked at');
    await select('Watch for changes made elsewhere', 'Every hour');
    await says('Not looked for changes yet.');
    await says('Links are looked at once a day, however often is chosen, and only where no window opens for it.');
    expect(saved).toEqual([{ watch: 'hour' }]);
    expect(all('combobox', 'Subscriptions to watch')).toEqual([]);
  });

  it.each<[string, readonly string[], Partial<typeof ENDED>, string]>([
    ['all was read', ['ada'], {}, 'Last looked 3 hours ago.'],
    ['some was not', ['ada'], { unknown: 2 }, '2 could not be read: whether they changed is unknown.'],
    ['none of it was', [], { unknown: 1, read: 0 }, 'Last looked 3 hours ago.'],
    ['the account has come since', ['ben'], {}, 'Not looked for changes yet.'],
  ])('tells how the last look at links ended: %s', async (_what, users, more, words) => {
    await settings({ watch: 'day' });
    await looked(users, more);
    await openPage(aTenantRow(1));
    await says(words);
  });

  it('tells it of a look that ends while the page is open', async () => {
    await settings({ watch: 'day' });
    await openPage(aTenantRow(1));
    await says('Not looked for changes yet.');
    await looked(['ada'], { endedAt: Date.now() });
    broadcast({ changed: 'history' });
    await says(/Last looked (now|\d+ seconds? ago)\./);
  });
});

describe('Signing in', () => {
  it('is offered on the card of a batch whose account has signed out, which its tenants left the page with', async () => {
    await waitsForAda([1, 2]);
    await openPage(aTenantRow(3));
    await says('2 wait for ada@contoso.example, who is not signed in.');
    // Nothing of it goes on without anybody.
    expect(text()).not.toContain('You may close this page');
    await press('Sign in as ada@contoso.example');
    await vi.waitFor(() => expect(signedIn).toEqual([null]));
    await says('Nobody has allowed the application in this tenant yet.');
  });

  it('of some keeps nobody from leaving the page to the others of a batch, until they have ended', async () => {
    await waitsForAda([1], [2]);
    await openPage(aTenantRow(3));
    await says('1 waits for ada@contoso.example, who is not signed in.');
    await says('You may close this page');
    await kept.applyEvent(uuid(1002), { type: 'stopAsked', at: 3 });
    const progress = await kept.progressOf(BATCH);
    if (progress === null) throw new Error('There is a batch');
    broadcast({ changed: 'batch', progress, rows: [] });
    await vi.waitFor(() => expect(text()).not.toContain('You may close this page'));
    await says('1 waits for ada@contoso.example, who is not signed in.');
  });

  it('goes through all that need it: one that is refused is named, and keeps none from the next', async () => {
    const needy = { needsSignIn: true, isUnread: true } as const;
    await openPage(
      aTenantRow(1, needy),
      aTenantRow(2),
      aTenantRow(3, needy),
      aTenantRow(4, { ...needy, ignored: true }),
    );
    await press('Sign in to 2 tenants');
    await says('Tenant 1: ');
    await says('Tenant 3: ');
    expect(signedIn).toEqual([TENANT(1), TENANT(3)]);
  });

  it('can be spared by commands where consent is missing, for what was asked for', async () => {
    await openPage(
      aTenantRow(1, { partner: FABRIKAM, life: refusedWith({ ...NO_CONSENT, reason: 'refused' }) }),
      aTenantRow(2, { life: FORBIDDEN }),
    );
    expect(all('button').filter((one) => text(one) === 'Copy commands')).toHaveLength(1);
    await press('Copy commands for Tenant 1');
    await says('The commands for Tenant 1 are copied.');
    expect(copied).toEqual([
      `az login --tenant ${TENANT(1)} --allow-no-subscriptions\naz managementpartner update --partner-id ${CONTOSO.partnerId}\n`,
    ]);
  });
});

it('A tenant where Azure refuses whoever works there by delegation alone says what to do', async () => {
  const said = 'If you are a CSP partner logged in the customer tenant, you will not be able to link the Partner ID';
  await openPage(aTenantRow(1, { life: refusedWith({ reason: 'refused', status: 403, code: 'Forbidden', said }) }));
  await says('Sign in with an account that is a member or guest of the customer’s own tenant and has a role there');
  await says(`Azure said: “${said}”`);
});

describe('A colleague’s report', () => {
  async function load(name: string, content: string): Promise<void> {
    const input = document.querySelector<HTMLInputElement>('input[type=file]');
    if (input === null) throw new Error('There is no file input');
    Object.defineProperty(input, 'files', { configurable: true, value: [new File([content], name)] });
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  it('is shown beside one’s own links, names its bad lines, and goes when it is put away', async () => {
    await openPage(aTenantRow(1, { partner: CONTOSO }));
    await load(
      'ben.csv',
      `Tenant ID,Account,Partner ID\n${TENANT(1)},ben,${FABRIKAM.partnerId}\n${TENANT(2)},ben,\nwhat,ben,\n`,
    );
    await says('2 links were read from ben.csv.');
    await says('Line 4: “what” cannot be read as Tenant ID.');
    await the('table', 'Reports side by side');
    const lines = [...document.querySelectorAll('.reports-table tbody tr')].map((line) => text(line));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('Different links');
    expect(lines[1]).toContain(FABRIKAM.partnerId);
    expect(lines[2]).toContain('No link');
    await press('Put away ben.csv');
    await vi.waitFor(() => expect(document.querySelector('.reports-table')).toBeNull());
  });

  it.each([
    ['has other columns', 'a,b\n1,2\n', 'The column “Tenant ID” is missing.'],
    ['is a workbook', 'PK\u0003\u0004', 'This is a workbook or an archive'],
    ['is empty', '', 'There is nothing in it.'],
  ])('that %s is not read, and it is said why', async (_what, content, words) => {
    await openPage(aTenantRow(1));
    await load('ben.csv', content);
    await says(words);
  });
});

it('a page that came for a batch begins there', async () => {
  const items = [aTenantRow(1)].map(({ target }) => ({
    id: uuid(1001),
    target,
    targetName: 'Tenant 1',
    page: null,
    before: CONTOSO,
    basedOn: '1',
    after: null,
  }));
  const batch = aBatch(1, items, { partners: [], connectionId: AZURE.id, person: null });
  await kept.acceptBatch(batch, items);
  history.replaceState(null, '', `/?batch=${batch.id}`);
  await openPage(aTenantRow(1, { partner: CONTOSO }));
  await says('Remove 1 link');
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Remove 1 link'));
});
