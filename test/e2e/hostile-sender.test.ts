import { beforeAll, describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import type { MessageInput, MessageName } from '../../src/messaging/protocol';
import { protocol } from '../../src/messaging/protocol';
import { MESSAGES } from '../unit/messaging/messages';
import { isWrite } from './harness/fault-proxy';
import { panelOn } from './harness/panel';
import { sendFrom, tabAt } from './harness/sender';
import { check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { until } from './harness/until';
import { azurePage, POPUP_PAGE } from './harness/world';

/** What the backstage page, one of the extension's own, can do. */
declare const chrome: {
  readonly scripting: {
    executeScript(injection: {
      readonly target: { readonly tabId: number; readonly allFrames: boolean };
      readonly func: () => Promise<unknown>;
    }): Promise<readonly { readonly result: unknown }[]>;
  };
};

const spec = oneWorld();

/** What somebody else's subscription has that a sender could name. */
interface Others {
  readonly subscriptionId: string;
  readonly etag: string;
  readonly openChangeId: string;
}

/** `null`: the message names nothing that could be somebody else's; what it answers is looked at below. */
type Row<N extends MessageName> = ((others: Others) => MessageInput<N>) | null;

const OTHERS_LINK = {
  kind: 'signIn',
  connectionId: '00000000-0000-4000-8000-000000000001',
  tenant: '00000000-0000-4000-8000-000000000002',
  user: 'somebody.else',
} as const;

const naming = ({ openChangeId }: Others) => ({ changeId: openChangeId });

/** Every message that a portal may send, about a subscription that is not the one in its tab. The rest it may not send at all. */
const ABOUT_OTHERS: { readonly [N in MessageName]: Row<N> } = {
  'page.seen': null,
  'panel.start': null,
  // It names no portal: the tab's own is meant.
  'panel.dock': null,
  'subscription.read': ({ subscriptionId }) => ({ subscriptionId, anew: true }),
  'subscription.show': ({ subscriptionId }) => ({ subscriptionId }),
  'subscription.changes': ({ subscriptionId }) => ({ subscriptionId }),
  'subscriptions.list': null,
  'stars.set': null,
  'partner.check': null,
  'checks.start': null,
  'checks.stop': null,
  'checks.resume': null,
  'checks.clear': null,
  'partners.used': null,
  'change.assign': ({ subscriptionId, etag }) => ({
    id: crypto.randomUUID(),
    subscriptionId,
    partnerId: NORTHWIND.partnerId,
    seen: etag,
  }),
  'change.remove': ({ subscriptionId, etag }) => ({ id: crypto.randomUUID(), subscriptionId, seen: etag }),
  'link.read': ({ subscriptionId }) => ({ subscriptionId, user: null, anew: true }),
  'link.known': null,
  'link.assign': ({ etag }) => ({
    id: crypto.randomUUID(),
    target: OTHERS_LINK,
    partnerId: NORTHWIND.partnerId,
    seen: etag,
  }),
  'link.remove': ({ etag }) => ({ id: crypto.randomUUID(), target: OTHERS_LINK, seen: etag }),
  'link.signIn': ({ subscriptionId }) => ({ subscriptionId, user: null }),
  'change.overwrite': ({ openChangeId, etag }) => ({ id: crypto.randomUUID(), changeId: openChangeId, seen: etag }),
  'change.restore': null,
  'foreign.seen': null,
  'foreign.who': null,
  'change.undo': ({ openChangeId, etag }) => ({ id: crypto.randomUUID(), changeId: openChangeId, seen: etag }),
  'change.sendAsMe': ({ openChangeId }) => ({ changeId: openChangeId, me: null }),
  'confirm.open': null,
  'change.stop': naming,
  'change.tryNow': naming,
  'change.keep': naming,
  'change.seen': naming,
  'batch.ask': null,
  'links.ask': null,
  'tenants.list': null,
  'tenants.rows': null,
  'tenants.read': null,
  'tenants.ignore': null,
  'batch.stop': null,
  'batch.dismiss': null,
  'batch.undo': null,
  'batch.retry': null,
  'batch.answerConflicts': null,
  'batch.sendAsMe': null,
  'person.present': null,
  'support.read': null,
  'options.open': null,
  'signIn.start': null,
  'signIn.visit': null,
  'signIn.end': null,
  'azure.accounts': null,
  'azure.signIn': null,
  'azure.signOut': null,
  'azure.consentLink': null,
  'scopes.named': null,
  'scopes.agree': null,
  'connection.test': null,
  'connection.save': null,
  'connection.remove': null,
  'connection.makeDefault': null,
  'connections.import': null,
  'connections.kinds': null,
  'notify.save': null,
  'settings.discardDamaged': null,
  'portals.save': null,
  'confirm.openFor': null,
  'confirm.underWay': null,
  'confirm.save': null,
  'watch.save': null,
  'ownPartnerId.save': null,
  'retention.preview': null,
  'retention.save': null,
  'manyChanges.seen': null,
  'history.clear': null,
};

const names = Object.keys(protocol) as MessageName[];
const isForPages = (name: MessageName) => !protocol[name].from.includes('portal');
const refused = { ok: false, problem: 'notAllowed' };

let record: SubscriptionRecord;
let others: Others;

/** What must be the same after every attack. */
async function everything() {
  const { backstage, service } = spec.world;
  return {
    settings: await backstage.storedLocally(),
    changes: (await backstage.history()).filter(({ type }) => type === 'change').map(({ id }) => id),
    change: (await backstage.changesOf(others.subscriptionId)).map(({ life }) => [
      life.state,
      'for' in life && life.for,
    ]),
    etag: (await service.read(others.subscriptionId)).etag,
  };
}

// Somebody else's subscription has an open change, that waits for a sign-in.
beforeAll(async () => {
  const { world } = spec;
  record = await world.newSubscription();
  const other = await world.newSubscription();
  const page = await world.browser.open(azurePage(other.subscriptionId));
  const panel = panelOn(page);
  await check(panel, FABRIKAM);
  world.proxy.plan(isWrite, { kind: 'answer', status: 401 });
  await panel.click('button', 'Save partner');
  await panel.waitFor('button', 'Sign in');
  const change = await world.backstage.waitForChange(other.subscriptionId, 'waiting');
  others = { subscriptionId: other.subscriptionId, etag: other.etag, openChangeId: change.id };
  await page.close();
});

/** Until a panel that has just opened has asked the service what holds by now, and nothing of it is on its way any more. */
async function hasRead(subscriptionId: string): Promise<void> {
  const { requests } = spec.world.proxy;
  await until('what the panel reads when it opens', async () => {
    const isRead = requests.some(({ method, path }) => method === 'GET' && path.endsWith(subscriptionId));
    return isRead && requests.every(({ endedAt }) => endedAt !== null);
  });
}

describe('Every message of the protocol', () => {
  it('has its row here', () => {
    expect(Object.keys(ABOUT_OTHERS).toSorted()).toEqual(names.toSorted());
    // What a portal may send and names a subscription or a change has an input of its own.
    const naming = names.filter((name) => !isForPages(name) && /Id"/.test(JSON.stringify(MESSAGES[name].input)));
    expect(naming.filter((name) => ABOUT_OTHERS[name] === null)).toEqual(['partner.check']);
  });

  it('from a portal’s tab about a subscription that it does not show, or not meant for portals, is refused', async () => {
    const before = await everything();
    const { page } = await spec.openPanel(record);
    const attacks = names.flatMap((name) => {
      const input = isForPages(name) ? MESSAGES[name].input : ABOUT_OTHERS[name]?.(others);
      return input === undefined ? [] : [{ name, input }];
    });
    const { top } = await sendFrom(spec.world.backstage, page, attacks);
    expect(top.map((answer, index) => [attacks[index]?.name, answer])).toEqual(
      attacks.map(({ name }) => [name, expect.objectContaining(refused)]),
    );
    expect(await everything()).toEqual(before);
    expect(spec.world.proxy.requests.filter(({ path }) => path.includes(others.subscriptionId))).toEqual([]);
  });

  it('from a tab that has left the subscription’s page is refused, though its script is still there', async () => {
    const page = await spec.open(azurePage(others.subscriptionId));
    await panelOn(page).waitFor('region', 'Partner of record');
    await hasRead(others.subscriptionId);
    await page.evaluate(() => history.pushState(null, '', '#home'));
    await panelOn(page).waitGone('region', 'Partner of record');
    spec.world.proxy.reset();
    const before = await everything();
    const attacks = names.flatMap((name) => {
      const input = ABOUT_OTHERS[name]?.(others);
      return input === undefined ? [] : [{ name, input }];
    });
    const { top } = await sendFrom(spec.world.backstage, page, attacks);
    expect(top).toEqual(attacks.map(() => expect.objectContaining(refused)));
    expect(await everything()).toEqual(before);
    expect(spec.world.proxy.requests).toEqual([]);
  });

  it('from a portal’s own frames is refused, also about the subscription that the tab shows', async () => {
    const { ownPortal } = spec.world;
    const page = await spec.open(ownPortal.pageOf(record.subscriptionId));
    await panelOn(page).waitForText('No partner of record');
    await page.evaluate(
      async (addresses) => {
        for (const address of addresses) {
          const frame = document.createElement('iframe');
          const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
          frame.src = address;
          document.body.append(frame);
          await loaded;
        }
      },
      [ownPortal.pageOf(others.subscriptionId), azurePage(record.subscriptionId)],
    );
    spec.world.proxy.reset();
    const before = await everything();
    const here = { subscriptionId: record.subscriptionId };
    const attacks = names.map((name) => ({ name, input: { ...MESSAGES[name].input, ...here } }));
    const { top, inner } = await sendFrom(
      spec.world.backstage,
      page,
      attacks.filter(({ name }) => name === 'subscription.read'),
    );
    expect(top).toEqual([expect.objectContaining({ ok: true })]);
    expect(inner).toEqual([[expect.objectContaining(refused)], [expect.objectContaining(refused)]]);
    const dangerous = attacks.filter(({ name }) => name !== 'options.open' && name !== 'signIn.start');
    const all = await sendFrom(
      spec.world.backstage,
      page,
      dangerous.filter(({ name }) => isForPages(name)),
    );
    for (const answers of [all.top, ...all.inner]) {
      expect(answers).toEqual(answers.map(() => expect.objectContaining(refused)));
    }
    expect(await everything()).toEqual(before);
  });

  it('with an input that is malformed or too long does nothing, whoever sends it', async () => {
    const before = await everything();
    const { page } = await spec.openPanel(record);
    await hasRead(record.subscriptionId);
    spec.world.proxy.reset();
    const deep: unknown = JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`);
    const junk = [null, 'x', 7, [], deep, 'x'.repeat(100_000), { subscriptionId: 'x'.repeat(100_000), anew: true }];
    const attacks = names.flatMap((name) => [...MESSAGES[name].bad, ...junk].map((input) => ({ name, input })));
    const taken = ({ name, input }: { name: MessageName; input: unknown }) =>
      // An array or an object more is an empty input to what takes none.
      typeof input === 'object' && input !== null && JSON.stringify(MESSAGES[name].input) === '{}';
    const malformed = attacks.filter((attack) => !taken(attack));
    expect(malformed.length).toBeGreaterThan(100);
    const unbelievable = { ok: false, problem: expect.stringMatching(/^(notAllowed|badInput)$/) };
    const { top } = await sendFrom(spec.world.backstage, page, malformed);
    expect(top).toEqual(malformed.map(() => expect.objectContaining(unbelievable)));

    const strangers = ['no.such', '__proto__', 'constructor', 'toString', '', null, 7, ['panel.start']].map((name) => ({
      name,
      input: {},
    }));
    const unheard = await sendFrom(spec.world.backstage, page, [
      ...strangers,
      null,
      'panel.start',
      7,
      [],
      { input: {} },
    ]);
    for (const answer of unheard.top) expect(JSON.stringify(answer)).toMatch(/nobody answered|Error/);
    expect(await everything()).toEqual(before);
    expect(spec.world.proxy.requests).toEqual([]);
  });

  it('that a portal may send tells it of no other subscription and of no setting', async () => {
    const { page } = await spec.openPanel(record);
    const harmless = ['panel.start', 'partners.used', 'partner.check'] as const;
    const { top } = await sendFrom(
      spec.world.backstage,
      page,
      harmless.map((name) => ({ name, input: MESSAGES[name].input })),
    );
    expect(top[0]).toMatchObject({ ok: true, answer: { page: { subscriptionId: record.subscriptionId } } });
    const told = JSON.stringify(top);
    for (const secret of [others.subscriptionId, spec.world.proxy.url, spec.world.service.token, 'etag']) {
      expect(told).not.toContain(secret);
    }
    // Storage is closed to content scripts besides.
    const storage = await spec.world.backstage.page.evaluate(
      async (tabId) => {
        const [frame] = await chrome.scripting.executeScript({
          target: { tabId, allFrames: false },
          func: async () => {
            const areas: unknown = Reflect.get(chrome, 'storage');
            const read = async (name: string) => {
              const area: unknown = Reflect.get(Object(areas), name);
              if (area === undefined) return 'absent';
              try {
                return await Reflect.get(Object(area), 'get').call(area);
              } catch (error) {
                return String(error);
              }
            };
            return Promise.all(['local', 'session', 'sync'].map(read));
          },
        });
        return frame?.result;
      },
      await tabAt(spec.world.backstage, page.url()),
    );
    expect(storage).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/absent|Error/)));
  });
});

describe('A page of the extension', () => {
  it('can not be opened in a frame, neither by a portal nor by a page of ours', async () => {
    const address = spec.world.browser.extensionUrl(POPUP_PAGE);
    const portal = await spec.open(spec.world.ownPortal.url);
    const own = await spec.openPage(POPUP_PAGE);
    for (const page of [portal, own]) {
      await page.evaluate(async (src) => {
        const frame = document.createElement('iframe');
        frame.src = src;
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
        document.body.append(frame);
        await Promise.race([loaded, new Promise((later) => setTimeout(later, 1000))]);
      }, address);
      const inner = page.frames().filter((frame) => frame !== page.mainFrame());
      for (const frame of inner) expect(await frame.content()).not.toContain('Partner IDs');
    }
  });
});
