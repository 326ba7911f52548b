// @vitest-environment jsdom
// @vitest-environment-options { "url": "https://portal.azure.com/" }
import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBackend, kindFacts } from '../../../src/backends/kinds';
import { panelIsHere } from '../../../src/content/markers';
import type { Envelope, Push } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { english } from '../../setup/english';
import { createFakeBrowser } from '../../support/worker-browser';
import { createFakeLedger, ledgerKind } from '../../support/fake-ledger';
import type { FakeBackend } from '../../support/fake-service';
import { readSettings } from '../../../src/storage/settings';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID } from '../../support/targets';
import { alertsIn, button, controlsIn, partnerIdBox, statusIn, textOf } from './look';
import { press, type } from '../../support/trusted-person';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

// jsdom draws nothing: what is seen, and for how long, is tried in Chromium.
vi.mock('../../../src/content/seeing', async (original) => ({
  ...(await original<typeof import('../../../src/content/seeing')>()),
  judgePress: () => 'counts',
}));

class NoFrames {
  observe = () => undefined;
  disconnect = () => undefined;
}

const ADDRESS = 'https://ledger.example';
const page: VerifiedSender = { kind: 'page', tabId: null, page: 'options' };
const TAB = 7;

let device: ReturnType<typeof createFakeBrowser>;
let ledger: FakeBackend;
let whole: WholeWorker;
let root: ShadowRoot | null;
let announcing: ReturnType<typeof setInterval>;

/** The panel's script against the worker as it is put together, with a kind of backend that the panel has never met. */
beforeEach(async () => {
  device = createFakeBrowser();
  const listeners = new Set<(push: Push, sender: object) => unknown>();
  Object.assign(device.browser.runtime, {
    sendMessage: ({ name, input }: Envelope) =>
      whole.send(name, input, { kind: 'portal', tabId: TAB, address: location.href }),
    connect: () => ({ disconnect: () => undefined, onDisconnect: { addListener: () => undefined } }),
    onMessage: {
      addListener: (listener: (push: Push) => unknown) => listeners.add(listener),
      removeListener: (listener: (push: Push) => unknown) => listeners.delete(listener),
    },
  });
  Object.assign(device.browser.tabs, {
    query: async () => [{ id: TAB, url: location.href }],
    sendMessage: async (_tabId: number, push: Push) => {
      for (const listener of listeners) listener(push, { id: device.browser.runtime.id });
    },
  });
  Object.assign(device.browser.i18n, { getMessage: english.sentence });
  fake.browser = device.browser;
  vi.stubGlobal('ResizeObserver', NoFrames);
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(() => new DOMRect(0, 0, 400, 300));
  Element.prototype.checkVisibility = () => true;
  Element.prototype.getAnimations = () => [];
  document.elementFromPoint = () => document.querySelector('[data-partner-of-record]');
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(400);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(300);
  root = null;
  const attachShadow = Element.prototype.attachShadow;
  vi.spyOn(Element.prototype, 'attachShadow').mockImplementation(function (this: Element, init) {
    const attached = attachShadow.call(this, init);
    if (init.mode === 'closed') root = attached;
    return attached;
  });
  document.body.innerHTML =
    '<div class="fxs-portal-main"><div class="fxs-blade-content-wrapper"><p>A blade</p></div></div>';
  location.hash = `#resource/subscriptions/${SUBSCRIPTION_ID}/overview`;

  ledger = createFakeLedger();
  whole = createWholeWorker(
    (connection, ports) => (connection.kind === 'ledger' ? ledger : createBackend(connection, ports)),
    [...kindFacts(), { kind: 'ledger', ...ledgerKind }],
  );
  const form = {
    kind: 'ledger',
    name: null,
    address: ADDRESS,
    signIn: 'none',
    token: 'kept',
    remember: false,
  } as const;
  const saved = await whole.send('connection.save', { ...form, edited: null, abandonOpenChanges: false }, page);
  expect(saved).toEqual({ ok: true, answer: { ok: true } });
  const present = await whole.send('person.present', {}, page);
  if (!present.ok || present.answer === null) throw new Error('Nobody is there');
  ledger.person = present.answer;
  // The worker's time passes by hand; what it gathers is announced all the time.
  announcing = setInterval(() => void whole.announced(), 20);
});

/** A later version's host in its stead ends a panel; a script ends once its extension is gone. */
afterEach(async () => {
  const later = document.createElement('div');
  later.dataset['partnerOfRecord'] = 'later';
  for (const host of document.querySelectorAll('[data-partner-of-record]')) host.remove();
  document.body.append(later);
  Object.assign(device.browser.runtime, { id: undefined });
  dispatchEvent(new Event('hashchange'));
  location.hash = '#home';
  await expect.poll(panelIsHere).toBe(false);
  clearInterval(announcing);
  vi.restoreAllMocks();
});

async function opened(): Promise<ShadowRoot> {
  vi.resetModules();
  await import('../../../src/content/panel.iife');
  await expect.poll(() => (root === null ? '' : textOf(root))).toContain('Ledger');
  if (root === null) throw new Error('No panel');
  return root;
}

async function openedForm(): Promise<ShadowRoot> {
  const panel = await opened();
  press(button(panel, 'Change'));
  await expect.poll(() => panel.querySelector('input')).not.toBeNull();
  return panel;
}

describe('A panel on a backend that neither checks, lists nor logs', () => {
  test('offers no Check ID and no Log, and promises no name that may never come', async () => {
    const panel = await openedForm();
    expect(controlsIn(panel).join()).not.toMatch(/Check ID|Log/);
    type(partnerIdBox(panel), WANTED.partnerId);
    await expect.poll(() => controlsIn(panel)).toContain('button Save partner');
    expect(textOf(panel)).toContain('The name is known once the partner is saved, if at all.');
    expect(controlsIn(panel).join()).not.toMatch(/Check ID|Log/);
  });

  test('saves without a check, and names the partner as the backend does then', async () => {
    const panel = await openedForm();
    type(partnerIdBox(panel), WANTED.partnerId);
    await expect.poll(() => controlsIn(panel)).toContain('button Save partner');
    press(button(panel, 'Save partner'));
    await expect.poll(() => statusIn(panel)).toMatch(/Partner information has been changed\.$/);
    expect(statusIn(panel)).toContain(`Ledger’s ${WANTED.partnerId}`);
    expect(alertsIn(panel)).toEqual([]);
    expect(ledger.effects).toHaveLength(1);
    expect(whole.errors).toEqual([]);
  });

  test('promises no mail and nothing to see, before and after, where the partner gets neither', async () => {
    const panel = await openedForm();
    type(partnerIdBox(panel), WANTED.partnerId);
    await expect.poll(() => controlsIn(panel)).toContain('button Save partner');
    expect(textOf(panel)).not.toMatch(/mail|What this partner will see/);
    press(button(panel, 'Save partner'));
    await expect.poll(() => statusIn(panel)).toMatch(/is now the partner of record\./);
    expect(statusIn(panel)).not.toContain('mail');
  });

  test('removes, and undoes it', async () => {
    const panel = await opened();
    press(button(panel, 'Remove partner'));
    await expect.poll(() => controlsIn(panel)).toContain('button Yes');
    expect(textOf(panel)).toContain(OLD.partnerId);
    expect(textOf(panel)).not.toContain('mail');
    press(button(panel, 'Yes'));
    await expect.poll(() => statusIn(panel)).toMatch(/Partner information has been removed\.$/);
    press(button(panel, 'Undo'));
    await expect.poll(() => ledger.effects).toHaveLength(2);
    await expect.poll(() => textOf(panel)).toContain(`Ledger’s ${OLD.partnerId}`);
  });

  test('shows what somebody else did meanwhile, and overwrites it', async () => {
    const panel = await openedForm();
    ledger.write(SUBSCRIPTION_ID, FOREIGN);
    type(partnerIdBox(panel), WANTED.partnerId);
    await expect.poll(() => controlsIn(panel)).toContain('button Save partner');
    press(button(panel, 'Save partner'));
    await expect.poll(() => controlsIn(panel)).toContain('button Overwrite');
    expect(alertsIn(panel).join()).toContain(FOREIGN.partnerId);
    expect(ledger.effects).toEqual([]);
    press(button(panel, 'Overwrite'));
    await expect.poll(() => ledger.effects).toHaveLength(1);
  });

  test('carries a change whose answer was lost to its end by reading, once', async () => {
    const panel = await openedForm();
    ledger.fateOf = async () => 'answerLost';
    type(partnerIdBox(panel), WANTED.partnerId);
    await expect.poll(() => controlsIn(panel)).toContain('button Save partner');
    press(button(panel, 'Save partner'));
    await expect.poll(() => controlsIn(panel)).toContain('button Try again');
    whole.clock.moveTo(whole.clock.now() + 60_000);
    await expect.poll(() => statusIn(panel)).toMatch(/Partner information has been changed\.$/);
    expect(ledger.effects).toHaveLength(1);
    expect(ledger.requests.filter((request) => request.startsWith('apply'))).toHaveLength(1);
  });
});

test('nothing is asked of it that it cannot: check, list and log are answered as not supported, in words', async () => {
  const notSupported = { failure: { reason: 'refused', code: 'NotSupported' } };
  const send = whole.send;
  const [connection] = (await readSettings()).connections;
  expect(await send('partner.check', { partnerId: WANTED.partnerId }, page)).toMatchObject({ answer: notSupported });
  expect(await send('subscriptions.list', { connectionId: connection?.id ?? '', after: null }, page)).toMatchObject({
    answer: notSupported,
  });
  expect(await send('subscription.changes', { subscriptionId: SUBSCRIPTION_ID }, page)).toMatchObject({
    answer: notSupported,
  });
  expect(ledger.requests).toEqual([]);
});
