import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { StorageError } from '../../../src/domain/storage-problem';
import { type MessageName, protocol } from '../../../src/messaging/protocol';
import {
  answer,
  type Handlers,
  NotAllowed,
  serve,
  type VerifiedSender,
  verifySender,
} from '../../../src/messaging/serve';
import type { Runtime } from '../../../src/platform/browser';
import { isPortalOrigin } from '../../../src/portals';
import { MESSAGES } from './messages';

const OWN = { id: 'ownextension', origin: 'chrome-extension://ownextension' };
const PORTAL = 'https://portal.azure.com';
const HERE = `${PORTAL}/#@contoso/resource/subscriptions/5b000000-0000-4000-8000-000000000001/overview`;
// The account centre is switched off.
const portals = { off: ['accountCentre' as const], own: ['https://billing.example:8443/:subscriptionId'] };
const isPortal = (origin: string) => isPortalOrigin(origin, portals);

type Listener = (message: unknown, sender: Runtime.MessageSender, respond: (answer: unknown) => void) => unknown;
const { listeners } = vi.hoisted(() => ({ listeners: [] as Listener[] }));

vi.mock('../../../src/platform/browser', () => ({
  browser: {
    runtime: {
      id: 'ownextension',
      getURL: (path: string) => `chrome-extension://ownextension/${path}`,
      onMessage: { addListener: (listener: Listener) => listeners.push(listener) },
    },
  },
}));

type From = Runtime.MessageSender & { readonly origin?: string };

const tab = (url: string | undefined, id: number | undefined = 7) =>
  ({ id, url, index: 0, highlighted: true, active: true, pinned: false, incognito: false }) as NonNullable<From['tab']>;

const page: From = { id: OWN.id, origin: OWN.origin, url: `${OWN.origin}/src/popup/index.html` };
const portal: From = { id: OWN.id, origin: PORTAL, url: HERE, frameId: 0, tab: tab(HERE) };
const without = (sender: From, key: keyof From): From =>
  Object.fromEntries(Object.entries(sender).filter(([name]) => name !== key)) as From;

const RIGHT: readonly (readonly [what: string, sender: From, is: VerifiedSender])[] = [
  ['a page in a popup', page, { kind: 'page', tabId: null, page: 'popup' }],
  ['a page opened in a tab', { ...page, frameId: 0, tab: tab(page.url) }, { kind: 'page', tabId: 7, page: 'popup' }],
  [
    'the window to confirm in',
    { ...page, url: `${OWN.origin}/src/confirm/index.html#1` },
    { kind: 'page', tabId: null, page: 'confirm' },
  ],
  ['another file of ours', { ...page, url: `${OWN.origin}/manifest.json` }, { kind: 'page', tabId: null, page: null }],
  ['a portal’s top frame', portal, { kind: 'portal', tabId: 7, address: HERE }],
  [
    'a portal whose route has changed since: the tab’s address counts',
    { ...portal, url: `${PORTAL}/#home` },
    { kind: 'portal', tabId: 7, address: HERE },
  ],
  [
    'an own portal, with its port',
    { ...portal, origin: 'https://billing.example:8443', tab: tab('https://billing.example:8443/1') },
    { kind: 'portal', tabId: 7, address: 'https://billing.example:8443/1' },
  ],
  [
    'a portal in a Firefox that names no origin',
    without(portal, 'origin'),
    { kind: 'portal', tabId: 7, address: HERE },
  ],
];

const WRONG: readonly (readonly [what: string, sender: From])[] = [
  ['another extension', { ...page, id: 'otherextension' }],
  ['another extension’s page', { ...page, id: 'otherextension', origin: 'chrome-extension://otherextension' }],
  ['another extension, on a portal', { ...portal, id: 'otherextension' }],
  ['nobody’s', without(portal, 'id')],
  ['nobody’s page', without(page, 'id')],
  ['our page in a frame', { ...page, frameId: 3 }],
  ['our page in a frame of a portal', { ...page, frameId: 3, tab: tab(HERE) }],
  ['a page of ours that has no origin but an address', { ...without(page, 'origin'), frameId: 4 }],
  ['a portal’s inner frame', { ...portal, frameId: 3 }],
  ['a portal’s frame that is not told', without(portal, 'frameId')],
  [
    'a portal that is switched off',
    { ...portal, origin: 'https://account.azure.com', tab: tab('https://account.azure.com/') },
  ],
  ['another site', { ...portal, origin: 'https://evil.example', tab: tab('https://evil.example/') }],
  ['another site that says it is at a portal', { ...portal, origin: 'https://evil.example' }],
  ['another site’s frame in a portal', { ...portal, origin: 'https://evil.example', frameId: 2 }],
  ['a portal’s frame in another site', { ...portal, frameId: 2, tab: tab('https://evil.example/') }],
  ['a portal whose tab has gone elsewhere', { ...portal, tab: tab('https://evil.example/') }],
  ['a portal whose tab has gone to another portal', { ...portal, tab: tab('https://ms.portal.azure.com/') }],
  ['a portal whose tab shows a page of ours', { ...portal, tab: tab(page.url) }],
  ['a portal whose tab’s address is unknown', { ...portal, tab: tab(undefined) }],
  ['a portal whose tab’s address is none', { ...portal, tab: tab('') }],
  [
    'a portal in a tab without an ID',
    { ...portal, tab: { ...tab(HERE), id: undefined } as unknown as NonNullable<From['tab']> },
  ],
  ['a portal without a tab', without(portal, 'tab')],
  [
    'a portal’s host without https',
    { ...portal, origin: 'http://portal.azure.com', tab: tab('http://portal.azure.com/') },
  ],
  ['a portal’s host at another port', { ...portal, origin: `${PORTAL}:8443`, tab: tab(`${PORTAL}:8443/`) }],
  [
    'an own portal’s host at another port',
    { ...portal, origin: 'https://billing.example', tab: tab('https://billing.example/') },
  ],
  [
    'a host that begins like a portal’s',
    { ...portal, origin: `${PORTAL}.evil.example`, tab: tab(`${PORTAL}.evil.example/`) },
  ],
  ['a sandboxed document', { ...portal, origin: 'null' }],
  ['a file', { ...portal, origin: 'file://', tab: tab('file:///home/ada/portal.html') }],
  ['nothing but our ID', { id: OWN.id }],
  ['nothing at all', {}],
];

/** What this kind of sender would be taken for, were it the right one. */
test.each(RIGHT)('%s is known', (_what, sender, is) => {
  expect(verifySender(sender, OWN, isPortal)).toEqual(is);
});

test.each(WRONG)('%s is nobody', (_what, sender) => {
  expect(verifySender(sender, OWN, isPortal)).toBeNull();
});

const names = Object.keys(protocol) as MessageName[];

test('every message of the protocol has its row here', () => {
  expect(Object.keys(MESSAGES).sort()).toEqual([...names].sort());
});

let handled: { name: string; input: unknown; sender: VerifiedSender }[];
let handlers: Handlers;
let logged: string[];

beforeEach(() => {
  handled = [];
  logged = [];
  listeners.length = 0;
  handlers = Object.fromEntries(
    names.map((name) => [
      name,
      async (input: unknown, sender: VerifiedSender) => {
        handled.push({ name, input, sender });
        return null;
      },
    ]),
  ) as unknown as Handlers;
});

const log = { info: () => undefined, error: (sentence: string) => void logged.push(sentence) };

/** Lets a message arrive as the browser would deliver it. */
function arrive(message: unknown, sender: From): unknown {
  serve(handlers, async () => isPortal, log);
  return delivered(message, sender);
}

/** What the one listener answers, by and by; undefined where it says that it will not answer. */
function delivered(message: unknown, sender: From): unknown {
  let willAnswer: unknown;
  const answer = new Promise((resolve) => {
    willAnswer = listeners[0]?.(message, sender, resolve);
  });
  return willAnswer === true ? answer : undefined;
}

/** What a message holds, to name a test by: some hold megabytes. */
function inShort(given: unknown): string {
  const whole = JSON.stringify(given) ?? String(given);
  return whole.length <= 100 ? whole : `${whole.slice(0, 100)}… of ${whole.length} characters`;
}

describe.each(names)('%s', (name) => {
  const { from, input, bad } = MESSAGES[name];

  test('is open to those it was meant for, and to no others', () => {
    expect(protocol[name].from).toEqual(from);
  });

  test.each([
    ['page', page],
    ['portal', portal],
  ] as const)('from a %s', async (kind, sender) => {
    const crossing = await arrive({ name, input }, sender);
    if (from.includes(kind)) {
      expect(crossing).toEqual({ ok: true, answer: null });
      expect(handled.map((one) => [one.name, one.sender.kind])).toEqual([[name, kind]]);
    } else {
      expect(crossing).toMatchObject({ ok: false, problem: 'notAllowed' });
      expect(handled).toEqual([]);
    }
  });

  test.each(WRONG)('from %s is not allowed, with a good input or a bad one', async (_what, sender) => {
    for (const given of [input, undefined, ...bad]) {
      expect(await arrive({ name, input: given }, sender)).toMatchObject({ ok: false, problem: 'notAllowed' });
      listeners.length = 0;
    }
    expect(handled).toEqual([]);
  });

  test.each([undefined, null, 'text', 7, true, ...bad].map((given) => [inShort(given), given]))(
    'with %s reaches no handler',
    async (_what, given) => {
      const sender: VerifiedSender =
        from[0] === 'portal'
          ? { kind: 'portal', tabId: 7, address: HERE }
          : { kind: 'page', tabId: null, page: 'popup' };
      expect(await answer(name, given, sender, handlers)).toMatchObject({ ok: false, problem: 'badInput' });
      expect(handled).toEqual([]);
    },
  );

  test('carries only what it is for: other fields, `__proto__` among them, do not get through', async () => {
    const sender: VerifiedSender =
      from[0] === 'portal' ? { kind: 'portal', tabId: 7, address: HERE } : { kind: 'page', tabId: null, page: 'popup' };
    const more = JSON.parse(`{"__proto__": {"isAdmin": true}, "isAdmin": true}`) as object;
    const given = Object.defineProperties({ ...Object(input) }, Object.getOwnPropertyDescriptors(more));
    expect(await answer(name, given, sender, handlers)).toMatchObject({ ok: true });
    expect(handled[0]?.input).toEqual(input);
    expect(handled[0]?.input).not.toHaveProperty('isAdmin');
  });
});

describe('the listener', () => {
  test.each([
    undefined,
    null,
    'page.seen',
    [],
    {},
    { name: 'page.seen' },
    { name: 'no.such', input: {} },
    { name: '__proto__', input: {} },
    { name: 'constructor', input: {} },
    { name: ['page.seen'], input: {} },
    { push: 'connection' },
  ])('leaves %j to others: it answers nothing, at once', (message) => {
    expect(arrive(message, page)).toBeUndefined();
  });

  test('answers with a rejection’s text and not the rejection, which would not cross', async () => {
    handlers = { ...handlers, 'options.open': () => Promise.reject(new Error('No window')) };
    expect(await arrive({ name: 'options.open', input: {} }, page)).toEqual({
      ok: false,
      problem: 'failed',
      detail: 'No window',
    });
    expect(logged).toEqual(['The message options.open failed']);
  });

  test('says what is wrong with the storage, so that a page can say what to do', async () => {
    handlers = { ...handlers, 'history.clear': () => Promise.reject(new StorageError('broken', 'Not opened')) };
    const answered = await arrive({ name: 'history.clear', input: {} }, page);
    expect(answered).toEqual({ ok: false, problem: 'storage', detail: 'broken' });
    expect(logged).toEqual(['The message history.clear failed']);
  });

  test('says notAllowed when a handler says so', async () => {
    handlers = { ...handlers, 'change.stop': () => Promise.reject(new NotAllowed('Not yours')) };
    expect(await arrive({ name: 'change.stop', input: MESSAGES['change.stop'].input }, portal)).toEqual({
      ok: false,
      problem: 'notAllowed',
      detail: 'Not yours',
    });
    expect(logged).toEqual([]);
  });

  test('fails when the portals cannot be read, rather than let anyone in', async () => {
    serve(handlers, () => Promise.reject(new Error('No settings')), log);
    expect(await delivered({ name: 'panel.start', input: {} }, portal)).toMatchObject({
      ok: false,
      problem: 'failed',
    });
    expect(handled).toEqual([]);
  });
});
