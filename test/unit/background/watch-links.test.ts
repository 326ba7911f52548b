import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createAzurePal } from '../../../src/backends/azure-pal';
import type { ForeignChange } from '../../../src/domain/history';
import { markOf } from '../../../src/domain/partner-state';
import type { Settings } from '../../../src/domain/settings';
import type { LinkTarget } from '../../../src/domain/target';
import type { VerifiedSender } from '../../../src/messaging/serve';
import type { TenantTokens } from '../../../src/storage/entra-secrets';
import { createSnapshots } from '../../../src/storage/snapshots';
import { createWatches } from '../../../src/storage/watches';
import { testDirectory } from '../../azure/directory';
import { HOUR, MINUTE, SECOND } from '../../support/clock';
import { onlyConnection } from '../../support/connections';
import { deferred } from '../../support/deferred';
import { createLocks } from '../../support/locks';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { uuid } from '../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';
import { accountAt, type AzureWorld, signInAt, startAzure } from '../backends/azure-world';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'tenants' };
const [ADA, BEN] = [0, 1];
const TENANTS = 3;
const NEEDS_PERSON: TenantTokens = {
  access: null,
  claims: null,
  trouble: { reason: 'signInNeeded', code: 'SignInFailed' },
};
const wire = globalThis.fetch;

let azure: AzureWorld;
let whole: WholeWorker;
let device: ReturnType<typeof createFakeBrowser>;
/** What left for any other address than the management interface: to ask Entra for a token, say. */
let elsewhere: string[];
/** How many requests {@link reads} has told. */
let seen: number;

beforeEach(async () => {
  azure = await startAzure({ directory: testDirectory(TENANTS) });
  const { server, endpoints, directory } = azure;
  for (const { partnerId, name } of [OLD, WANTED, FOREIGN]) server.partners.set(partnerId, name);
  elsewhere = [];
  seen = 0;
  vi.stubGlobal('fetch', async (input: string, init: RequestInit) => {
    const { origin, pathname, search } = new URL(input);
    if (origin === endpoints.management) return wire(`${server.url}${pathname}${search}`, init);
    elsewhere.push(input);
    throw new TypeError(`Nobody is at ${origin}`);
  });
  onTestFinished(() => {
    expect([elsewhere, whole.errors]).toEqual([[], []]);
  });
  device = createFakeBrowser();
  fake.browser = device.browser;
  whole = createWholeWorker(createAzurePal);
  await set({ watch: 'hour' });
  whole.restart();
  await signIn(ADA);
  for (let tenant = 0; tenant < directory.tenants.length; tenant += 1) server.setLink(at(tenant), OLD.partnerId);
});

const at = (tenant: number, account = ADA) => signInAt(azure.directory, { tenant, account });
const targetAt = (tenant: number, account = ADA): LinkTarget => ({
  kind: 'signIn',
  connectionId: azure.connection.id,
  ...at(tenant, account),
});

async function set(more: Partial<Settings>): Promise<void> {
  const settings = { version: 2, ...onlyConnection(azure.connection), notify: true, watched: 'all', ...more };
  await device.browser.storage.local.set({ settings });
}

/** Somebody signed in, and has a token for each tenant that they reach. */
async function signIn(account: number): Promise<void> {
  const { connection, directory } = azure;
  const signedIn = { ...accountAt(directory, account), refreshToken: null, trouble: null };
  const reached = directory.accounts[account]?.objectIds ?? new Map<string, string>();
  const [home] = directory.tenants.flatMap(({ id }, i) => (id === signedIn.homeTenant ? [tokensAt(i, account)] : []));
  if (home === undefined) throw new Error('Nobody is of no tenant');
  await whole.secrets.saveAccount(connection, signedIn, home);
  for (const [i, { id }] of directory.tenants.entries())
    if (reached.has(id)) await keepTokens(tokensAt(i, account), account);
}

function tokensAt(tenant: number, account: number) {
  const of = at(tenant, account);
  const { token, directoryUser } = azure.credentialOf(of);
  const access = {
    token,
    since: whole.clock.now(),
    lastsMs: null,
    objectId: directoryUser?.objectId ?? '',
    askedWith: null,
  };
  return { tenant: of.tenant, tokens: { access, claims: null, trouble: null } };
}

async function keepTokens(
  kept: { readonly tenant: string; readonly tokens: TenantTokens },
  account = ADA,
): Promise<void> {
  const { user } = at(0, account);
  await whole.secrets.updateAccount(azure.connection, user, (one) => one, kept);
}

/** Lets the time pass that the work waits for, a second at a time. */
async function through(work: Promise<unknown>): Promise<void> {
  const end = { came: false };
  const ended = work.finally(() => {
    end.came = true;
  });
  while (!end.came) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (whole.clock.pending() > 0) whole.clock.moveTo(whole.clock.now() + SECOND);
  }
  await ended;
}

async function look(): Promise<void> {
  await through(whole.worker.watch.run());
  await whole.announced();
}

/** The alarm comes so much later. */
async function ringAfter(ms: number): Promise<void> {
  whole.clock.moveTo(whole.clock.now() + ms);
  await through(whole.worker.watch.ring());
  await whole.announced();
}

const nextPass = () => ringAfter(24 * HOUR);

async function rows(): Promise<ForeignChange[]> {
  const { entries } = await whole.history.page({ kind: 'foreign' }, null, 100, { viewers: [], now: 0 });
  return entries.flatMap((entry) => (entry.type === 'foreign' ? [entry.foreign] : []));
}

const watching = () => createWatches(whole.open).read(azure.connection.id);

/** Whose link was read where, since the last time that somebody asked. */
function reads(): string[] {
  const all = azure.server.requests.slice(seen);
  seen += all.length;
  return all.flatMap(({ method, path, of }) => {
    if (method !== 'GET' || of === null) return [];
    const tenant = azure.directory.tenants.findIndex(({ id }) => id === of.tenant);
    return [path === '/tenants' ? `tenants of ${of.user.slice(0, 8)}` : `link in ${tenant}`];
  });
}

describe('a first look at links', () => {
  test('announces nothing, and the next one which of them vanished or were changed elsewhere, once', async () => {
    await look();
    expect([await rows(), reads().length, (await watching())?.last]).toMatchObject([[], 4, { read: 3, whole: true }]);
    azure.server.setLink(at(1), null);
    await nextPass();
    await nextPass();
    const [vanished] = await rows();
    expect(await rows()).toMatchObject([
      { target: targetAt(1), targetName: 'Tenant 2 (ada@tenant1.example)', before: OLD, after: null, seen: false },
    ]);
    expect(device.notified).toEqual([
      {
        id: vanished?.id,
        message: 'Tenant 2 (ada@tenant1.example): changed elsewhere from Old Partner (100001) to no partner link.',
      },
    ]);
    expect(device.badge.text).toBe('1');
    azure.server.setLink(at(2), FOREIGN.partnerId);
    await nextPass();
    expect((await rows()).map(({ target, after }) => [target, after?.partnerId ?? null])).toEqual([
      [targetAt(2), FOREIGN.partnerId],
      [targetAt(1), null],
    ]);
    expect(device.notified).toHaveLength(2);
  });

  test('notes as met what has changed since somebody saw it, and calls nobody', async () => {
    await whole.send('tenants.read', { targets: [targetAt(1)] }, page);
    azure.server.setLink(at(1), null);
    await look();
    expect(await rows()).toMatchObject([{ target: targetAt(1), seen: true }]);
    expect([device.notified, device.badge.text]).toEqual([[], '']);
  });

  test('is that of each account, whoever was signed in before', async () => {
    await look();
    azure.server.setLink(at(0, BEN), OLD.partnerId);
    await signIn(BEN);
    await whole.send('tenants.read', { targets: [targetAt(0, BEN)] }, page);
    azure.server.setLink(at(0, BEN), FOREIGN.partnerId);
    azure.server.setLink(at(0), FOREIGN.partnerId);
    await nextPass();
    expect((await rows()).map(({ target, seen }) => [target, seen])).toEqual(
      expect.arrayContaining([
        [targetAt(0, BEN), true],
        [targetAt(0), false],
      ]),
    );
    expect(device.notified).toHaveLength(1);
    azure.server.setLink(at(0, BEN), null);
    await nextPass();
    expect(device.notified).toHaveLength(2);
  });
});

describe('links are looked at', () => {
  test('once a day, however often records are', async () => {
    await look();
    reads();
    await ringAfter(HOUR);
    await ringAfter(22 * HOUR);
    expect(reads()).toEqual([]);
    await ringAfter(HOUR);
    expect(reads()).toHaveLength(1 + TENANTS);
  });

  test('not at all where watching is off, nor before somebody is signed in', async () => {
    await set({ watch: 'off' });
    await look();
    await set({ watch: 'day' });
    await whole.secrets.forgetAccount(azure.connection, at(0).user);
    await look();
    expect(reads()).toEqual([]);
  });

  test('a second apart, one after the other', async () => {
    const begun = whole.clock.now();
    await look();
    expect(whole.clock.now() - begun).toBeGreaterThanOrEqual(3 * SECOND);
    expect(reads().slice(1)).toEqual(['link in 0', 'link in 1', 'link in 2']);
  });
});

describe('a change of our own is never one made elsewhere', () => {
  /** Asks for it over what was read last. */
  async function ask(partnerId: string | null): Promise<void> {
    const { user, tenant } = targetAt(1);
    azure.server.nextChange(at(1));
    const list = await whole.send('tenants.list', { connectionId: azure.connection.id, anew: false }, page);
    const rows = list.ok ? list.answer.rows : [];
    const state = rows.find(({ target }) => target.tenant === tenant && target.user === user)?.view.state;
    if (state === undefined || state === null) throw new Error('Nothing is known of that link');
    const asked = { id: uuid(50), target: targetAt(1), seen: markOf(state) };
    const answer = await (partnerId === null
      ? whole.send('link.remove', asked, page)
      : whole.send('link.assign', { ...asked, partnerId }, page));
    expect(answer).toMatchObject({ ok: true, answer: { ok: true } });
  }

  const life = async () => (await whole.history.readChange(uuid(50)))?.life;

  test.each([
    ['that set a partner', WANTED.partnerId],
    ['that removed the link', null],
  ])('once it has ended: one %s', async (_what, partnerId) => {
    await look();
    await ask(partnerId);
    await vi.waitFor(async () => expect(await life()).toMatchObject({ state: 'done' }));
    await nextPass();
    expect(await rows()).toEqual([]);
    expect(azure.server.link(at(1))?.partnerId ?? null).toBe(partnerId);
  });

  test('once it has ended, though the disk had no room for what it led to', async () => {
    await look();
    const [before] = await createSnapshots(whole.open).readAll([targetAt(1)]);
    await ask(null);
    await vi.waitFor(async () => expect(await life()).toMatchObject({ state: 'done' }));
    if (before === null || before === undefined) throw new Error('Nothing was read');
    await (await whole.open()).put('snapshots', before, [
      azure.connection.id,
      JSON.stringify([at(1).tenant, at(1).user]),
    ]);
    whole.restart();
    await nextPass();
    expect(await rows()).toEqual([]);
    // Somebody sets that partner again, and it is removed elsewhere.
    azure.server.setLink(at(1), OLD.partnerId);
    await nextPass();
    azure.server.setLink(at(1), null);
    await nextPass();
    expect((await rows()).map(({ after }) => after?.partnerId ?? null)).toEqual([null, OLD.partnerId]);
  });

  test('while its answer is on its way', async () => {
    await look();
    const { promise, resolve } = deferred();
    const held = azure.server.startFault({ kind: 'held', when: 'after', until: promise }, { on: ['write'] });
    await ask(null);
    await vi.waitFor(() => expect(held.met()).toBe(1));
    await nextPass();
    expect([await life(), await rows()]).toMatchObject([{ state: 'sending' }, []]);
    resolve();
    await vi.waitFor(async () => expect(await life()).toMatchObject({ state: 'done' }));
    await nextPass();
    expect(await rows()).toEqual([]);
  });
});

describe('a look at links', () => {
  test('asks no person: a tenant whose token needs one is unknown, and the others are read', async () => {
    await keepTokens({ tenant: at(1).tenant, tokens: NEEDS_PERSON });
    await look();
    expect(reads().slice(1)).toEqual(['link in 0', 'link in 2']);
    expect((await watching())?.last).toMatchObject({ read: 2, unknown: 1, whole: false });
    expect(await rows()).toEqual([]);
  });

  test.each([
    ['refuses', { kind: 'forbidden' }],
    ['asks to wait for long', { kind: 'throttled', retryAfter: '36000' }],
    ['has no such interface', { kind: 'noSuchInterface' }],
  ] as const)(
    'knows nothing of a tenant that %s, tells of nothing there, and reads the others',
    async (_how, fault) => {
      await look();
      reads();
      azure.server.setLink(at(0), null);
      azure.server.startFault(fault, { of: at(0), on: ['read'] });
      await nextPass();
      expect(reads().slice(1)).toEqual(['link in 0', 'link in 1', 'link in 2']);
      expect((await watching())?.last).toMatchObject({ read: 2, unknown: 1, missing: 0 });
      expect(await rows()).toEqual([]);
      await nextPass();
      expect(await rows()).toMatchObject([{ target: targetAt(0), after: null }]);
    },
  );

  test('tries again later what got no answer, and then goes on without it', async () => {
    azure.server.startFault({ kind: 'answerLost', when: 'before' }, { of: at(1), on: ['read'], times: 100 });
    await look();
    expect((await watching())?.pass).toMatchObject({ tries: 1, hold: { for: 'time' } });
    for (let again = 0; again < 2; again += 1) {
      whole.clock.moveTo(whole.clock.now() + 5 * MINUTE);
      await look();
    }
    expect((await watching())?.last).toMatchObject({ read: 2, unknown: 1 });
    expect(new Set(reads())).toContain('link in 2');
  });

  test('goes on where it was after its worker has ended, and tells once of all that it has found', async () => {
    await look();
    for (const tenant of [0, 2]) azure.server.setLink(at(tenant), null);
    const never = new Promise<void>(() => undefined);
    const held = azure.server.startFault({ kind: 'held', when: 'before', until: never }, { of: at(1), on: ['read'] });
    reads();
    whole.clock.moveTo(whole.clock.now() + 24 * HOUR);
    await through(
      Promise.race([
        whole.worker.watch.ring(),
        vi.waitFor(
          () => {
            if (held.met() === 0) throw new Error('Not there yet');
          },
          { interval: 1 },
        ),
      ]),
    );
    vi.stubGlobal('navigator', { locks: createLocks() });
    whole.restart();
    expect(device.notified).toEqual([]);
    await look();
    const tenants = expect.stringContaining('tenants of');
    expect(reads()).toEqual([
      tenants,
      'link in 0',
      'link in 1',
      'link in 1',
      'link in 2',
      // What the last one's tenant is called.
      tenants,
    ]);
    expect(device.notified).toMatchObject([{ id: 'foreign', message: '2 changes made elsewhere.' }]);
  });
});
