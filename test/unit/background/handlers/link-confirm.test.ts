import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { kindFacts } from '../../../../src/backends/kinds';
import type { ChangeAnswer, MessageInput, MessageName } from '../../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../../src/messaging/serve';
import { markOf } from '../../../../src/domain/partner-state';
import { placeOf } from '../../../../src/domain/place';
import { readPlaces } from '../../../../src/storage/places';
import { readConfirmWindow } from '../../../../src/storage/confirm-window';
import { anEntraConnection } from '../../../support/connections';
import { AZURE_CAN, LINK_OWNER, LINK_TARGET, linkStateOf } from '../../../support/links';
import { CONTOSO } from '../../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../../support/whole-worker';
import { createFakeBrowser } from '../../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const { tenant, user } = LINK_TARGET;
const azure = anEntraConnection();
const ada = {
  user,
  homeTenant: tenant,
  username: 'ada@contoso.example',
  name: 'Ada',
  refreshToken: 'r',
  trouble: null,
};
const OTHER_TENANT = uuid(60);

const address = (of: string) => `https://portal.azure.com/#@${of}/resource/subscriptions/${SUBSCRIPTION_ID}`;
const panel: VerifiedSender = { kind: 'portal', tabId: 7, address: address(tenant) };
const elsewhere: VerifiedSender = { kind: 'portal', tabId: 8, address: address(OTHER_TENANT) };
const home: VerifiedSender = { kind: 'portal', tabId: 9, address: 'https://portal.azure.com/#home' };
const own: VerifiedSender = { kind: 'page', tabId: 1, page: 'confirm' };

let whole: WholeWorker;
let device: ReturnType<typeof createFakeBrowser>;
let state = linkStateOf(CONTOSO);
/** The writes that a backend was asked for. */
let applied: number;

beforeEach(async () => {
  device = createFakeBrowser();
  fake.browser = device.browser;
  applied = 0;
  state = linkStateOf(CONTOSO);
  // Whatever is asked of Azure besides: nobody is there.
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Nobody is there')));
  whole = createWholeWorker(
    () => ({
      can: AZURE_CAN,
      lane: () => 'one',
      sender: async () => LINK_OWNER,
      read: async () => state,
      async apply() {
        applied += 1;
        return state;
      },
      async *test() {
        yield { step: 'reachable', ok: true } as const;
      },
    }),
    kindFacts(),
  );
  await device.browser.storage.local.set({
    settings: { version: 2, connections: [azure], defaultConnection: azure.id },
  });
  await whole.secrets.saveAccount(azure, ada, { tenant, tokens: { access: null, claims: null, trouble: null } });
});

function send<N extends MessageName>(name: N, input: MessageInput<N>, sender: VerifiedSender) {
  return whole.send(name, input, sender);
}
const open = (sender: VerifiedSender, link: { user: string | null } = { user: null }) =>
  send('confirm.open', { typed: '4711', link }, sender);
const notAllowed = { ok: false, problem: 'notAllowed' };

describe('The window to confirm a link in', () => {
  test('is about the link that counts on the panel’s page, whatever else was sent', async () => {
    const sent = { typed: '4711', link: { user: null }, target: { ...LINK_TARGET, tenant: OTHER_TENANT } };
    expect(await send('confirm.open', sent, panel)).toEqual({ ok: true, answer: 'opened' });
    expect((await readConfirmWindow())?.subject).toEqual({
      id: expect.any(String),
      subscriptionId: SUBSCRIPTION_ID,
      connectionId: azure.id,
      link: { target: { ...LINK_TARGET, connectionId: azure.id }, account: ada.username, tenant },
      typed: '4711',
    });
    expect(await open(home)).toMatchObject(notAllowed);
  });

  test('is of an account that is signed in, and of no other that a page names', async () => {
    await open(panel, { user: 'somebody.else' });
    expect((await readConfirmWindow())?.subject.link?.target.user).toBe(user);
  });

  test('is not opened where nobody is signed in, since nobody knows whose link it would be: the person signs in first', async () => {
    await whole.worker.handlers['azure.signOut']({ connectionId: azure.id, user }, own);
    expect(await open(panel)).toEqual({ ok: true, answer: 'optionsOpened' });
    expect([device.windows.size, device.opened]).toEqual([0, ['options']]);
  });

  test('is not opened where nobody tells in which tenant the page is, and the panel says so', async () => {
    expect(await open({ ...panel, address: address('contoso.example') })).toEqual({ ok: true, answer: 'linkUnread' });
    expect(device.windows.size).toBe(0);
  });

  test('is another than that of the record, and than that of the link in another tenant', async () => {
    await open(panel);
    await send('confirm.open', { typed: '' }, panel);
    expect((await readConfirmWindow())?.subject).not.toHaveProperty('link');
    await open(panel);
    await open(elsewhere);
    expect((await readConfirmWindow())?.subject.link?.target.tenant).toBe(OTHER_TENANT);
    const id = (await readConfirmWindow())?.subject.id ?? '';
    await send('confirm.underWay', { id, underWay: true }, own);
    expect(await open(panel)).toEqual({ ok: true, answer: 'busy' });
    expect(await open(elsewhere)).toEqual({ ok: true, answer: 'opened' });
    expect((await readConfirmWindow())?.subject.id).toBe(id);
  });

  test('counts among the windows that portals may open', async () => {
    const answered = [];
    for (let number = 0; number < 8; number += 1) answered.push(await open({ ...panel, tabId: number }));
    expect(answered.at(-1)).toEqual({ ok: true, answer: 'tooMany' });
  });

  test('is opened by a page of ours for the account that it shows', async () => {
    await send('panel.start', {}, panel);
    await vi.waitFor(async () => expect(placeOf(SUBSCRIPTION_ID, await readPlaces()).tenant).toBe(tenant));
    const asked = { subscriptionId: SUBSCRIPTION_ID, link: { user } };
    expect(await send('confirm.openFor', asked, { ...own, page: 'popup' })).toEqual({ ok: true, answer: 'opened' });
    expect((await readConfirmWindow())?.subject.link?.target).toEqual({ ...LINK_TARGET, connectionId: azure.id });
  });

  test('reads its link and links it, where no panel may', async () => {
    const target = { ...LINK_TARGET, connectionId: azure.id };
    const asked = { subscriptionId: SUBSCRIPTION_ID, target, anew: true };
    expect(await send('link.known', asked, own)).toMatchObject({
      answer: { source: 'Azure', state: { partnerOfRecord: { partnerId: CONTOSO.partnerId } } },
    });
    expect(await send('link.known', asked, panel)).toMatchObject(notAllowed);
    const gone = { ...target, connectionId: uuid(70) };
    expect(await send('link.known', { ...asked, target: gone }, own)).toMatchObject({ answer: { source: null } });
  });
});

describe('Where every change is to be confirmed', () => {
  const target = { ...LINK_TARGET, connectionId: azure.id };
  const asking = () => ({ id: crypto.randomUUID(), target, seen: markOf(state) });

  test.each(['local', 'managed'] as const)('a panel changes no link, and a page does (chosen in %s)', async (area) => {
    if (area === 'local') await send('confirm.save', { confirm: 'always' }, own);
    else await device.browser.storage.managed.set({ confirm: 'always' });
    const problem = async (name: 'link.assign' | 'link.remove', sender: VerifiedSender) => {
      const input = name === 'link.assign' ? { ...asking(), partnerId: '4711001' } : asking();
      const answered = await send(name, input as MessageInput<typeof name>, sender);
      const answer = answered.ok ? (answered.answer as ChangeAnswer) : null;
      return answer?.ok === false ? answer.problem : answer?.ok;
    };
    await send('link.known', { subscriptionId: SUBSCRIPTION_ID, target, anew: true }, own);
    expect(await problem('link.assign', panel)).toBe('confirmInExtension');
    expect(await problem('link.remove', panel)).toBe('confirmInExtension');
    await whole.worker.engine.run();
    expect(applied).toBe(0);
    expect(await problem('link.assign', own)).toBe(true);
    await whole.worker.engine.run();
    expect(applied).toBe(1);
  });

  test('its panel is told so, and offered no act that alters the link', async () => {
    await send('confirm.save', { confirm: 'always' }, own);
    const read = { subscriptionId: SUBSCRIPTION_ID, user: null, anew: true };
    expect(await send('link.read', read, panel)).toMatchObject({ answer: { confirms: true } });
  });
});
