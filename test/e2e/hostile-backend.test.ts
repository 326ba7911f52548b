import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import { always, type Fault, isWrite, type SeenRequest } from './harness/fault-proxy';
import { listen } from './harness/listen';
import { type Panel, panelOn } from './harness/panel';
import { check, FABRIKAM, NORTHWIND, oneWorld, tryAgain } from './harness/spec';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

const spec = oneWorld();

const READ = /^\/subscriptions\/[^/]+$/;
const LIST = /^\/subscriptions\?/;
const CHECK = /^\/partners\//;

const answer = (body: string, status = 200, headers = {}): Fault => ({ kind: 'answer', status, body, headers });
const edit = (change: (body: Record<string, unknown>) => unknown): Fault => ({
  kind: 'edit',
  change: (body) => change(Object(body)),
});
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const FIFTY_MEGABYTES = 'x'.repeat(50_000_000);
const UNREADABLE = 'could not be read';
/** Of one thing that is another one; and of a list whose link leads elsewhere, as with a wrong PUBLIC_URL. */
const UNEXPECTED = /answered something other than what was asked for|set PUBLIC_URL to what stands there before/;

/** What a hostile service answers to everything, and what a person is then told. */
const ANSWERS: readonly (readonly [what: string, fault: Fault, sentence: string | RegExp])[] = [
  ['garbage', answer('Bad gateway{'), UNREADABLE],
  ['a sign-in page', answer('<!doctype html><title>Sign in</title>'), 'A web page came in place of'],
  ['brackets 100,000 deep', answer(DEEP), UNREADABLE],
  ['its fields in prototypes', answer(inPrototypes()), UNREADABLE],
  ['50 MB', answer(FIFTY_MEGABYTES), 'too large'],
  ['a redirect', answer('', 307, { location: 'http://localhost:9/' }), 'sent us to another address'],
  ['half a body', { kind: 'halfBody' }, 'was cut short on its way'],
  ['half a body as if it were whole', answer('{"value": [{"sub'), 'was cut short on its way'],
  ['about something else', edit(aboutSomethingElse), UNEXPECTED],
  ['a refusal that is garbage', answer('{"error": [[[', 403), 'refused (403)'],
];

/** Reads the list again to the end, so that none of its requests is the one that meets the next fault. */
async function readAgainInPeace(subscriptions: Page): Promise<void> {
  await subscriptions.getByRole('button', { name: 'Try again' }).click();
  await subscriptions.getByRole('alert').waitFor({ state: 'detached' });
  await subscriptions.getByRole('button', { name: 'Refresh', disabled: false }).waitFor();
}

/** Whatever is asked for, it would be in here. */
function wholeAnswer() {
  return {
    value: [],
    ...FABRIKAM,
    subscriptionId: 'x',
    caller: { canChangePartner: true },
    partnerOfRecord: FABRIKAM,
    status: 'ok',
    contract: 1,
  };
}

function inPrototypes(): string {
  const whole = JSON.stringify(wholeAnswer());
  return `{"__proto__": ${whole}, "constructor": {"prototype": ${whole}}}`;
}

function aboutSomethingElse(body: Record<string, unknown>): unknown {
  if ('value' in body) return { ...body, nextLink: 'https://elsewhere.example/v1/subscriptions' };
  return { ...body, subscriptionId: '00000000-0000-4000-8000-000000000000', partnerId: NORTHWIND.partnerId };
}

/** A server of somebody else's, that notes whoever comes. */
let visited: string[];
let stranger: { readonly url: string; close(): Promise<void> };
beforeAll(async () => {
  visited = [];
  const server = createServer((request, response) => {
    visited.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('{}');
  });
  const { port, close } = await listen(server);
  stranger = { url: `http://localhost:${port}`, close };
});
afterAll(() => stranger.close());

async function prototypesAreClean(page: Page): Promise<void> {
  const names = ['partnerId', 'subscriptionId', 'canChangePartner', 'value', 'prototype', 'contract'];
  // What looks into a worker that has fallen asleep waits until another comes.
  await spec.world.backstage.askWorker();
  const worker = spec.world.browser.context.serviceWorkers()[0];
  const polluted = (all: string[]) => all.filter((name) => name in {});
  expect(await page.evaluate(polluted, names)).toEqual([]);
  expect(await worker?.evaluate(polluted, names)).toEqual([]);
}

describe('A service that answers', () => {
  it.each(ANSWERS)('%s: panel, popup and subscriptions page say so, and go on', async (_what, fault, sentence) => {
    const { proxy } = spec.world;
    const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    proxy.plan(always, fault, Number.POSITIVE_INFINITY);
    const panel = panelOn(await spec.open(azurePage(record.subscriptionId)));
    await panel.waitForText(sentence);
    // Where the list of an earlier page had it, the panel shows what was read then, and says when that was.
    expect(await panel.text()).toMatch(/What you see here was read|^(?!.*No partner of record)/s);

    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(FABRIKAM.partnerId);
    await popup.getByRole('button', { name: 'Check ID' }).click();
    await popup.getByRole('listitem').filter({ hasText: sentence }).waitFor();

    const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await subscriptions.getByRole('alert').filter({ hasText: sentence }).waitFor();
    await prototypesAreClean(popup);

    proxy.reset();
    await tryAgain(panel, FABRIKAM.name);
    // Once the service says whom to ask, the list that failed is read by itself.
    await subscriptions.getByRole('button', { name: 'Refresh' }).click();
    await subscriptions.getByRole('table').waitFor();
  });

  it('more than was asked for, however deep: the rest is read, and nothing of it is kept', async () => {
    const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    const { etag } = record;
    const body = JSON.stringify(record).replace(/^\{/, `{"__proto__": {"x": 1}, "more": ${DEEP}, `);
    spec.world.proxy.plan(({ path }) => READ.test(path), answer(body, 200, { etag }));
    const { panel } = await spec.openPanel(record);
    await panel.waitForText(FABRIKAM.name);
    await prototypesAreClean(spec.world.backstage.page);
  });
});

describe('A change to a service that answers', () => {
  it('anything but the truth is not lost: it is tried again under its key, and takes effect once', async () => {
    const { world } = spec;
    const faults = [answer(DEEP), answer(FIFTY_MEGABYTES), answer(inPrototypes())];
    const saved: { record: SubscriptionRecord; panel: Panel }[] = [];
    for (const fault of faults) {
      const record = await world.newSubscription();
      const { panel } = await spec.openPanel(record);
      await check(panel, FABRIKAM);
      const isItsWrite = (request: SeenRequest) => isWrite(request) && request.path.includes(record.subscriptionId);
      const met = world.proxy.plan(isItsWrite, fault);
      await panel.click('button', 'Save partner');
      await met;
      saved.push({ record, panel });
    }
    for (const { record, panel } of saved) {
      const change = await world.backstage.waitForChange(record.subscriptionId, 'done');
      expect(change.life.attempts).toBeGreaterThanOrEqual(2);
      expect(await world.effects(record.subscriptionId)).toHaveLength(1);
      await panel.waitForText('Partner information has been changed.');
    }
  });
});

describe('A service that sends us elsewhere', () => {
  it('by any redirect, of any request: nobody comes there, with a token or without', async () => {
    const { proxy } = spec.world;
    const record = await spec.world.newSubscription();
    const { panel } = await spec.openPanel(record);
    await check(panel, FABRIKAM);
    const to = (status: number) => answer('', status, { location: `${stranger.url}/v1/x` });
    const written = proxy.plan(isWrite, to(308));
    await panel.click('button', 'Save partner');
    await written;
    await panel.waitForText('sent us to another address');
    await spec.world.backstage.waitForChange(record.subscriptionId, 'done');

    const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await subscriptions.getByRole('table').waitFor();
    for (const status of [301, 302, 303, 307, 308]) {
      const met = proxy.plan(({ path }) => LIST.test(path), to(status));
      await subscriptions.getByRole('button', { name: 'Refresh' }).click();
      await met;
      await subscriptions.getByRole('alert').filter({ hasText: 'sent us to another address' }).waitFor();
      await readAgainInPeace(subscriptions);
    }

    proxy.plan(({ path }) => CHECK.test(path), to(302));
    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(NORTHWIND.partnerId);
    await popup.getByRole('button', { name: 'Check ID' }).click();
    await popup.getByRole('listitem').filter({ hasText: 'sent us to another address' }).waitFor();

    for (const path of ['/health', '/me']) {
      proxy.draw((request) => (request.path === path ? to(301) : undefined));
      const options = await spec.openPage(OPTIONS_PAGE);
      await options.getByRole('button', { name: 'Test connection' }).click();
      await options.getByText('sent us to another address').first().waitFor();
    }
    proxy.draw(() => undefined);
    expect(visited).toEqual([]);
  });

  it('by the link to the next page, or in a circle: the list ends with a sentence', async () => {
    const { proxy } = spec.world;
    const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await subscriptions.getByRole('table').waitFor();
    const linking = (nextLink: string) => edit((body) => ({ ...body, nextLink }));
    for (const nextLink of [
      `${stranger.url}/v1/subscriptions?page=2`,
      `${proxy.url}/../../elsewhere`,
      'javascript:1',
    ]) {
      proxy.plan(({ path }) => LIST.test(path), linking(nextLink));
      await subscriptions.getByRole('button', { name: 'Refresh' }).click();
      await subscriptions.getByRole('alert').filter({ hasText: 'nextLink' }).waitFor();
      await readAgainInPeace(subscriptions);
    }

    const pageAt = (page: string) => `${proxy.url}/subscriptions?pageSize=200&page=${page}`;
    proxy.plan(({ path }) => path.endsWith('page=b'), linking(pageAt('c')), Number.POSITIVE_INFINITY);
    proxy.plan(({ path }) => path.endsWith('page=c'), linking(pageAt('b')), Number.POSITIVE_INFINITY);
    proxy.plan(({ path }) => LIST.test(path), linking(pageAt('b')));
    await subscriptions.getByRole('button', { name: 'Refresh' }).click();
    const alert = subscriptions.getByRole('alert').filter({ hasText: 'nextLink' });
    await alert.waitFor();
    expect(visited).toEqual([]);
  });
});

describe('A partner that would pass for another', () => {
  // Text that turns around, isolates, characters of no width, tags, fillers, and marks that cover other lines.
  const name = `\u202eFabri\u200bkam\u2066 Cloud\u2060 \u{e0041}\u3164Services\u2069${'\u0489'.repeat(6)}`;
  const shown = `[U+202E]Fabri[U+200B]kam[U+2066] Cloud[U+2060] [U+E0041][U+3164]Services[U+2069]${'\u0489'.repeat(4)}[U+0489]`;

  it('is shown for what it is, beside its own ID, in panel, popup and subscriptions page', async () => {
    const record = await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId });
    const renamed = edit((body) => JSON.parse(JSON.stringify(body).replaceAll(NORTHWIND.name, name)));
    spec.world.proxy.plan(always, renamed, Number.POSITIVE_INFINITY);
    const { panel } = await spec.openPanel(record);
    await panel.waitForText(shown);
    expect(await panel.text()).toContain(NORTHWIND.partnerId);
    expect(await panel.text()).not.toContain(name);

    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(NORTHWIND.partnerId);
    await popup.getByRole('button', { name: 'Check ID' }).click();
    await popup.getByRole('listitem').filter({ hasText: shown }).filter({ hasText: NORTHWIND.partnerId }).waitFor();

    const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await subscriptions.getByRole('searchbox', { name: 'Filter' }).fill(record.subscriptionId);
    await subscriptions.getByRole('row').filter({ hasText: shown }).first().waitFor();
    for (const page of [popup, subscriptions]) expect(await page.locator('body').innerText()).not.toContain(name);
  });
});
