import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Change, IN_FLIGHT_MS, isResting } from '../../src/domain/change';
import { markOf } from '../../src/domain/partner-state';
import { isOver } from '../../src/domain/wait';
import { AUDIENCE, startIdentityProvider, type TestProvider } from '../server/support/identity-provider';
import { type Running, start } from '../server/support/process';
import { LIMIT_MS, within } from '../within';
import { BUILT_EXTENSION, type ExtensionBrowser, launchBrowser } from './harness/browser';
import { drawFrom } from './harness/draw';
import { type FaultProxy, isWrite, startFaultProxy } from './harness/fault-proxy';
import { saveConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { signInAtProvider } from './harness/provider-pages';
import { NORTHWIND } from './harness/spec';
import { newDataFolder } from './harness/service';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';
import { azurePage } from './harness/world';

const DIST = join(BUILT_EXTENSION, '..');
const CLIENT_ID = 'helper';
/** The manifest's key gives the extension this ID. */
const REDIRECT_URI = 'https://fobnlladjoobbjgfpefhmhhpdkgjfdae.chromiumapp.org/';
/** Drawn anew for every run, unless it is repeated. */
const SEED = process.env['SEED'] ?? String(Date.now() % 1_000_000);
const SEQUENCES = 10;
const STEPS = 7;

declare const chrome: { readonly storage: { readonly session: { set(items: object): Promise<void> } } };

interface Caller {
  readonly principalId: string;
  readonly token: string;
}

let folder: string;
let provider: TestProvider;
let service: Running;
let proxy: FaultProxy;
let portals: Portals;
let browser: ExtensionBrowser;
let backstage: Backstage;
let people: readonly [Caller, Caller];
let subscriptions: string[];

beforeAll(async () => {
  folder = await newDataFolder();
  provider = await startIdentityProvider({
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
  });
  const file = join(folder, 'tokens.json');
  service = start(join(DIST, 'service/main.js'), ['demo', '--tokens-file', file], {
    DATA_DIR: join(folder, 'database'),
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: AUDIENCE,
  });
  await service.event('listening');
  const { baseUrl, callers }: { baseUrl: string; callers: Caller[] } = JSON.parse(await readFile(file, 'utf8'));
  const [one, other] = callers;
  if (one === undefined || other === undefined) throw new Error('The demo lacks a caller');
  people = [one, other];
  const list = await fetch(`${baseUrl}/subscriptions?pageSize=200`, {
    headers: { authorization: `Bearer ${one.token}` },
  });
  const { value }: { value: { subscriptionId: string; caller: { canChangePartner: boolean } }[] } = await list.json();
  subscriptions = value.filter(({ caller }) => caller.canChangePartner).map(({ subscriptionId }) => subscriptionId);
  proxy = await startFaultProxy(baseUrl);
  portals = await startPortals();
  browser = await launchBrowser({ extension: join(DIST, 'chromium'), hostResolverRules: portals.hostResolverRules });
  backstage = await openBackstage(browser);
  // By hand once, so that the browser grants what it asks for.
  const options = await browser.welcomePage();
  await options.getByRole('textbox', { name: 'Service URL' }).fill(proxy.url);
  await options.getByRole('combobox', { name: 'Sign-in' }).selectOption({ label: 'OpenID Connect' });
  await options.getByRole('textbox', { name: 'Issuer URL' }).fill(provider.issuer);
  await options.getByRole('textbox', { name: 'Client ID' }).fill(CLIENT_ID);
  await saveConnection(options);
  await options.close();
});

afterAll(async () => {
  await browser?.close();
  service?.child.kill('SIGTERM');
  await service?.ended;
  await Promise.all([proxy?.close(), provider?.stop(), portals?.close()]);
  await rm(folder, { recursive: true, force: true });
});

const form = () =>
  ({ address: proxy.url, edited: null, notify: false, abandonOpenChanges: true, remember: false }) as const;

async function paste({ token }: Caller): Promise<void> {
  await backstage.page.evaluate((typed) => chrome.storage.session.set({ typedToken: typed }), token);
  await backstage.call('connection.save', { ...form(), signIn: 'accessToken', token: 'typed' });
}

/** Signs in on the provider's own pages, in whichever of its windows asks for it. */
async function signIn({ principalId }: Caller): Promise<void> {
  await backstage.call('connection.save', {
    ...form(),
    signIn: 'openIdConnect',
    token: 'kept',
    issuer: provider.issuer,
    clientId: CLIENT_ID,
    scopes: ['profile'],
  });
  await browser.context.clearCookies();
  const inWindow = (page: Page): void => {
    // One that comes back without asking anybody closes by itself.
    signInAtProvider(page, principalId).catch((cause: unknown) => left.push(String(cause)));
  };
  const left: string[] = [];
  browser.context.on('page', inWindow);
  try {
    const outcome = await within('a sign-in', backstage.call('signIn.start', { another: false }), 2 * LIMIT_MS);
    expect([outcome, null], left.join('\n')).toContain('signedIn');
  } finally {
    browser.context.off('page', inWindow);
  }
}

/** Whose a token is that a write carried. */
function ownerOf(token: string | null): string | undefined {
  const pasted = people.find((one) => one.token === token);
  if (pasted !== undefined || token === null) return pasted?.principalId;
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')).sub;
}

const FAULTS = [
  { kind: 'answer', status: 503 },
  { kind: 'answer', status: 401 },
  { kind: 'resetBefore' },
  { kind: 'resetAfter' },
] as const;

/** Who pressed "Send as me", by the change. */
const adopters = new Map<string, string[]>();

/** Those whose time was moved on since the one who is here came: once is enough, and a worker that is at it is left alone. */
const aged = new Set<string>();

/** Has all go on that can go on by itself, and answers whether nothing can any more. */
async function isAllAtRest(subscriptionId: string): Promise<boolean> {
  const changes = await backstage.changesOf(subscriptionId);
  // One that was on the wire meanwhile waits for its next attempt, longer each time.
  for (const { id } of changes) await backstage.call('change.tryNow', { changeId: id });
  if (changes.some(isSettling)) await letTimePass(subscriptionId);
  return changes.every(isAtRest);
}

/** It ended or waits for a person; or it settles, and only the one who asked can have it told by its key. */
function isAtRest({ id, life }: Change): boolean {
  if (life.state !== 'waiting') return life.state !== 'sending';
  return isResting(life) || (aged.has(id) && !isOver(life.wait, Date.now()));
}

/** It was refused after an attempt that may have taken effect: for 56 s something of it may be under way, and nothing is. */
const isSettling = ({ id, life }: Change): boolean =>
  life.state === 'waiting' && life.settle !== null && !aged.has(id) && !proxy.isUnderWay(id);

/** With no worker there: between a look at the row and its writing nobody sends. */
async function letTimePass(subscriptionId: string): Promise<void> {
  await backstage.killWorker();
  for (const change of (await backstage.changesOf(subscriptionId)).filter(isSettling)) {
    await backstage.age(change.id, IN_FLIGHT_MS);
    aged.add(change.id);
  }
  await backstage.ringAlarm();
}

async function sequence(number: number): Promise<string[]> {
  const draw = drawFrom('two people in a browser', SEED, number);
  const did: string[] = [];
  const note = (what: string) => void did.push(what);
  const subscriptionId = subscriptions[number];
  if (subscriptionId === undefined) throw new Error('The demo has no more subscriptions');
  let here = draw.one(people);
  const come = async () => {
    here = draw.one(people);
    const way = draw.one(['pastes a token', 'signs in']);
    note(`${here.principalId} ${way}`);
    await (way === 'signs in' ? signIn(here) : paste(here));
  };
  const ask = async () => {
    const view = await backstage.call('subscription.read', { subscriptionId, anew: true });
    if (view === null || view.state === null) return note('could not ask');
    const input = { id: draw.uuid(), subscriptionId, seen: markOf(view.state) };
    note(`${here.principalId} asks`);
    if (view.state.partnerOfRecord !== null) return void (await backstage.call('change.remove', input));
    await backstage.call('partner.check', { partnerId: NORTHWIND.partnerId });
    await backstage.call('change.assign', { ...input, partnerId: NORTHWIND.partnerId });
  };
  await come();
  for (let step = 0; step < STEPS; step += 1) {
    const fault = draw.one(FAULTS);
    proxy.draw((request) => (isWrite(request) && draw.fraction() < 0.7 ? fault : undefined));
    await draw.weighted<() => Promise<void>>([
      [3, ask],
      [3, come],
      [
        2,
        async () => {
          note('the worker is killed');
          await backstage.killWorker();
          await backstage.ringAlarm();
        },
      ],
      [
        1,
        async () => {
          note('somebody tries again');
          for (const { id } of await backstage.changesOf(subscriptionId))
            await backstage.call('change.tryNow', { changeId: id });
        },
      ],
    ])();
  }
  // No more faults, and the other one is here: what waits for the one who asked is shown in the panel.
  proxy.draw(() => undefined);
  const [open] = (await backstage.changesOf(subscriptionId)).filter(({ life }) => life.state === 'waiting');
  if (open !== undefined) {
    const page = await browser.open(azurePage(subscriptionId));
    const panel = panelOn(page);
    await panel.waitFor('region', 'Partner of record');
    if ((await panel.find('button', 'Send as me')) !== null) {
      note(`${here.principalId} sends it as theirs`);
      adopters.set(open.id, [here.principalId]);
      await panel.click('button', 'Send as me');
    }
    await page.close();
  }
  for (const one of people) {
    here = one;
    await paste(one);
    await backstage.call('subscription.read', { subscriptionId, anew: true });
    aged.clear();
    await until('nothing to be on the wire', () => isAllAtRest(subscriptionId), {
      patienceMs: 2 * LIMIT_MS,
      state: async () =>
        `SEED=${SEED}, sequence ${number}: ${did.join(', ')}\n${JSON.stringify(await backstage.changesOf(subscriptionId), null, 1)}`,
    });
  }
  return did;
}

it(
  'two people in one profile, in the browser: no write ever carries the token of somebody whose change it is not',
  async () => {
    console.info(`SEED=${SEED}`);
    const told: string[] = [];
    for (let number = 0; number < SEQUENCES; number += 1)
      told.push(`${number}: ${(await sequence(number)).join(', ')}`);
    const facts = `SEED=${SEED}\n${told.join('\n')}`;
    const writes = proxy.writes();
    const rows = (await backstage.history()).flatMap((row) => (row.type === 'change' ? [row.change] : []));
    const breaches = writes.flatMap((write) => {
      const owner = ownerOf(write.token());
      const row = rows.find(({ id }) => id === write.idempotencyKey);
      const person = row?.person;
      const asker =
        person?.kind === 'openIdConnect' ? person.sub : person?.kind === 'principal' ? person.principalId : null;
      const mayBe = [asker, ...(adopters.get(write.idempotencyKey ?? '') ?? [])];
      return owner !== undefined && mayBe.includes(owner) ? [] : [{ key: write.idempotencyKey, owner, mayBe }];
    });
    expect(breaches, facts).toEqual([]);
    const senders = new Set(writes.map((write) => ownerOf(write.token())));
    expect([writes.length >= SEQUENCES, senders.size], facts).toEqual([true, 2]);
    console.info(`SEED=${SEED}: ${SEQUENCES} sequences, ${writes.length} writes, ${adopters.size} sent as theirs`);
  },
  12 * LIMIT_MS,
);
