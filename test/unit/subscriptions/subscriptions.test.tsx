import { CONNECTION, SERVICE_CAN } from '../../support/connections';
import { HOSTILE } from '../../support/hostile';
import { attached, CONTOSO, FABRIKAM } from '../../support/partners';
import { aRecord, listedOf } from '../../support/records';
import { SUBSCRIPTION_ID, subscriptionId } from '../../support/targets';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import type { Failure } from '../../../src/domain/failure';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { SubscriptionsPage as Answer, SubscriptionView } from '../../../src/messaging/protocol';
import { SubscriptionsPage } from '../../../src/subscriptions/subscriptions-page';
import { browser, endWorker, resetWorld, world } from '../../support/page-browser';
import { all, press, says, text, the, type } from '../../support/screen';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const PAGE_SIZE = 2;
let held: SubscriptionRecord[];
let filters: string[];

beforeEach(async () => {
  resetWorld();
  filters = [];
  held = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon'].map((displayName) =>
    aRecord({ displayName, subscriptionId: subscriptionId(`id-${displayName}`) }),
  );
  world.worker['subscriptions.list'] = async ({ next, filter }) => {
    filters.push(filter);
    const found = held.filter(({ displayName }) => displayName.toLowerCase().includes(filter.toLowerCase()));
    const from = next === null ? 0 : Number(next);
    const to = from + PAGE_SIZE;
    return {
      ok: true,
      subscriptions: found.slice(from, to).map(listedOf),
      next: to < found.length ? String(to) : null,
      readAt: Date.now(),
    };
  };
  await browser.storage.local.set({ connection: CONNECTION });
});
afterEach(() => render(null, document.body));

const view = (record: SubscriptionRecord): SubscriptionView => ({
  source: 'localhost:8787',
  ...listedOf(record),
  can: SERVICE_CAN,
  readAt: Date.now(),
  order: 1,
  failure: null,
  standing: null,
  changeOrder: 0,
  support: null,
});

const numbered = (length: number) =>
  Array.from({ length }, (_, n) => aRecord({ displayName: `Number ${n}`, subscriptionId: subscriptionId(`id-${n}`) }));
const openPage = () => render(<SubscriptionsPage />, document.body);
/** The names in the table, once there are that many. */
async function names(count: number): Promise<string[]> {
  await vi.waitFor(() => expect(document.querySelectorAll('tbody tr')).toHaveLength(count));
  return all('rowheader').map((cell) => text(cell.querySelector('bdi') ?? cell));
}

test('says that a kind that lists nothing lists nothing, and asks it for no list', async () => {
  const kind = { kind: CONNECTION.kind, can: { ...SERVICE_CAN, list: false }, signIns: ['none'], steps: [] } as const;
  world.worker['connections.kinds'] = async () => [kind];
  openPage();
  await says('does not list its subscriptions. Open a subscription’s page in your portal');
  expect(all('searchbox')).toEqual([]);
  expect(all('button')).toEqual([]);
  expect(all('alert')).toEqual([]);
});

describe('the table', () => {
  it('shows a subscription with its partner, since when, and the caller’s role in words', async () => {
    held = [aRecord({ partnerOfRecord: attached({ ...CONTOSO, name: HOSTILE }), service: 'ems' })];
    openPage();
    await the('table', 'Subscriptions');
    expect(all('columnheader').map((cell) => text(cell))).toEqual([
      'Subscription',
      'Type',
      'Customer',
      'Partner of record',
      'Since',
      'Your role',
    ]);
    const row = text(document.querySelector('tbody tr') ?? undefined);
    for (const part of [
      'Production',
      SUBSCRIPTION_ID,
      'Enterprise Mobility + Security',
      'Northwind',
      HOSTILE,
      '1234567',
    ])
      expect(row).toContain(part);
    expect(row).toContain('account administrator');
    expect(document.querySelector('img[src="x"]')).toBeNull();
    await says('1 subscription. Read from localhost:8787');
  });

  it('grows page by page by itself, each subscription once', async () => {
    const { 'subscriptions.list': real } = world.worker;
    world.worker['subscriptions.list'] = async (input, sender) => {
      const page = await real?.(input, sender);
      // One more comes before the second page is read: the last of the first page moves there.
      if (input.next === null)
        held = [aRecord({ subscriptionId: subscriptionId('id-New'), displayName: 'New' }), ...held];
      return page ?? { ok: false, failure: { reason: 'noAnswer' } };
    };
    openPage();
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    await says('5 subscriptions.');
    expect(all('button', 'Show more')).toEqual([]);
  });

  it('reads ten pages at a time, and more when it is asked to', async () => {
    held = numbered(23);
    openPage();
    await names(20);
    await says('20 subscriptions shown; there are more.');
    await press('Show more');
    await names(23);
    expect(all('button', 'Show more')).toEqual([]);
  });

  it('leads to each subscription’s page in the portal of its kind, and where it was met', async () => {
    const met = { subscriptionId: subscriptionId(SUBSCRIPTION_ID), place: { cloud: 'china', tenant: 'contoso.cn' } };
    await browser.storage.session.set({ placesMet: [met] });
    const other = SUBSCRIPTION_ID.replace('1', '2');
    held = [
      aRecord({ displayName: 'Met' }),
      aRecord({ displayName: 'Mail', service: 'office365', subscriptionId: subscriptionId(other) }),
      aRecord({ displayName: ' ', subscriptionId: subscriptionId('nowhere') }),
    ];
    openPage();
    await names(3);
    expect((await the('link', 'Met')).getAttribute('href')).toBe(
      `https://portal.azure.cn/#@contoso.cn/resource/subscriptions/${SUBSCRIPTION_ID}/overview`,
    );
    expect((await the('link', 'Mail')).getAttribute('href')).toBe(
      `https://admin.microsoft.com/Adminportal/Home#/subscriptions/assets/${other}`,
    );
    expect(document.querySelectorAll('tbody a')).toHaveLength(2);
    expect(await names(3)).toEqual(['Met', 'Mail', 'nowhere']);
  });

  it('draws a row anew only when its record is another', async () => {
    openPage();
    await names(5);
    const [first, second] = document.querySelectorAll('tbody tr');
    const cell = first?.querySelector('td');
    cell?.replaceChildren('drawn before');
    const changed = { ...(held[1] ?? aRecord()), partnerOfRecord: attached(FABRIKAM) };
    createBroadcaster()({ changed: 'subscription', view: view(changed) });
    await says('Fabrikam (7654321)');
    expect(text(second)).toContain('Fabrikam');
    expect(text(cell ?? undefined)).toBe('drawn before');
  });

  it('lets the service filter, once the typing pauses', async () => {
    openPage();
    await names(5);
    const box = await the('searchbox', 'Filter');
    if (!(box instanceof HTMLInputElement)) throw new Error('The filter is no box to type in');
    // Without a pause, however busy the machine is.
    for (const typed of ['g', 'ga', 'gam']) {
      box.value = typed;
      box.dispatchEvent(new Event('input', { bubbles: true }));
    }
    expect(await names(1)).toEqual(['Gamma']);
    expect([...new Set(filters)]).toEqual(['', 'gam']);
    await type('searchbox', 'Filter', 'zzz');
    await says('No subscription matches the filter.');
  });

  it('drops a late answer for an earlier filter', async () => {
    const { 'subscriptions.list': real } = world.worker;
    const late: (() => void)[] = [];
    world.worker['subscriptions.list'] = async (input, sender) => {
      if (input.filter === 'a') await new Promise<void>((resolve) => late.push(resolve));
      return real?.(input, sender) ?? { ok: false, failure: { reason: 'noAnswer' } };
    };
    openPage();
    await names(5);
    await type('searchbox', 'Filter', 'a');
    await vi.waitFor(() => expect(late).toHaveLength(1));
    await type('searchbox', 'Filter', 'eps');
    expect(await names(1)).toEqual(['Epsilon']);
    late[0]?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await names(1)).toEqual(['Epsilon']);
  });

  it('shows a change made elsewhere in the extension at once', async () => {
    openPage();
    await names(5);
    const changed = { ...(held[1] ?? aRecord()), partnerOfRecord: attached(FABRIKAM) };
    createBroadcaster()({ changed: 'subscription', view: view(changed) });
    await says('Fabrikam (7654321)');
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
  });
});

describe('the end of the worker', () => {
  it('has the list read again, as far as it went, with no row gone meanwhile', async () => {
    held = numbered(25);
    openPage();
    await names(20);
    await press('Show more');
    await names(25);
    const counts: number[] = [];
    const watched = new MutationObserver(() => counts.push(document.querySelectorAll('tbody tr').length));
    watched.observe(document.body, { subtree: true, childList: true, characterData: true });
    held = held.map((record) => ({ ...record, partnerOfRecord: attached(FABRIKAM) }));
    endWorker();
    await vi.waitFor(() => expect(text().match(/Fabrikam/g)).toHaveLength(25));
    watched.disconnect();
    expect(Math.min(...counts)).toBe(25);
    expect(all('alert')).toEqual([]);
  });

  it('in the middle of a page has that list read to its end', async () => {
    const { 'subscriptions.list': real } = world.worker;
    let asked = 0;
    world.worker['subscriptions.list'] = async (input, sender) => {
      asked += 1;
      if (asked === 2) throw new Error('It ended');
      return real?.(input, sender) ?? { ok: false, failure: { reason: 'noAnswer' } };
    };
    openPage();
    await the('alert');
    endWorker();
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    expect(all('alert')).toEqual([]);
  });
});

describe('a list that cannot be read again', () => {
  const rows = () => document.querySelectorAll('tbody tr').length;

  it.each([1, 2, 3])(
    'at page %i keeps its rows, and is read from its start when it is tried again',
    async (failing) => {
      held = numbered(25);
      openPage();
      // There is more than what is read at once.
      await names(20);
      await the('button', 'Show more');
      const { 'subscriptions.list': real } = world.worker;
      let asked = 0;
      world.worker['subscriptions.list'] = async (input, sender) => {
        asked += 1;
        const failure = { ok: false, failure: { reason: 'noAnswer' } } as const;
        return asked === failing ? failure : ((await real?.(input, sender)) ?? failure);
      };
      held = held.map((record) => ({ ...record, partnerOfRecord: attached(FABRIKAM) }));
      endWorker();
      await the('alert');
      expect(rows()).toBe(20);
      await press('Try again');
      await vi.waitFor(() => expect(text().match(/Fabrikam/g)).toHaveLength(20));
      expect(rows()).toBe(20);
      expect(all('alert')).toEqual([]);
    },
  );
});

describe('a failure', () => {
  it('is told in words and can be tried again', async () => {
    const { 'subscriptions.list': real } = world.worker;
    world.worker['subscriptions.list'] = async (): Promise<Answer> => ({ ok: false, failure: { reason: 'noAnswer' } });
    openPage();
    expect(text(await the('alert'))).toBe(
      'localhost:8787 can’t be reached. Check your network or VPN, then try again.',
    );
    expect(text()).not.toContain('shows you no subscriptions');
    if (real) world.worker['subscriptions.list'] = real;
    await press('Try again');
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    expect(all('alert')).toEqual([]);
  });

  it('of a further page leaves what is there, and only that page is asked for again', async () => {
    const { 'subscriptions.list': real } = world.worker;
    const asked: (string | null)[] = [];
    world.worker['subscriptions.list'] = async (input, sender): Promise<Answer> => {
      asked.push(input.next);
      if (asked.length === 2) return { ok: false, failure: { reason: 'busy' } };
      return real?.(input, sender) ?? { ok: false, failure: { reason: 'noAnswer' } };
    };
    openPage();
    await the('alert');
    expect(await names(2)).toEqual(['Alpha', 'Beta']);
    await press('Try again');
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    expect(asked).toEqual([null, '2', '2', '4']);
  });

  it('offers what helps against it, and whom to ask', async () => {
    const { 'subscriptions.list': real } = world.worker;
    let failure: Failure = { reason: 'signInNeeded' };
    let signedIn = 0;
    world.worker['subscriptions.list'] = async (): Promise<Answer> => ({ ok: false, failure });
    world.worker['signIn.start'] = async () => {
      signedIn++;
      if (signedIn === 1) return 'cancelled';
      if (real) world.worker['subscriptions.list'] = real;
      return 'signedIn';
    };
    openPage();
    await press('Sign in');
    await says('Signing in was cancelled');
    expect(all('button', 'Try again')).toEqual([]);
    expect(text()).toContain('Whom do I ask?');
    await press('Sign in');
    expect(await names(5)).toHaveLength(5);
    render(null, document.body);

    failure = { reason: 'noAnswer' };
    world.worker['subscriptions.list'] = async (): Promise<Answer> => ({ ok: false, failure });
    openPage();
    await the('button', 'Try again');
    expect((await the('link', 'Test connection')).getAttribute('href')).toMatch(/options\/index\.html#test$/);
    render(null, document.body);

    failure = { reason: 'redirected' };
    let opened = 0;
    world.worker['options.open'] = async () => {
      opened++;
      return 'opened';
    };
    openPage();
    await press('Open options');
    await vi.waitFor(() => expect(opened).toBe(1));
  });

  it('goes when the person has mended its cause elsewhere', async () => {
    const { 'subscriptions.list': real } = world.worker;
    world.worker['subscriptions.list'] = async (): Promise<Answer> => ({
      ok: false,
      failure: { reason: 'signInNeeded' },
    });
    openPage();
    await the('alert');
    if (real) world.worker['subscriptions.list'] = real;
    createBroadcaster()({ changed: 'settings' });
    expect(await names(5)).toHaveLength(5);
    expect(all('alert')).toEqual([]);
  });

  it('of the extension itself is told too', async () => {
    world.worker['subscriptions.list'] = async () => {
      throw new Error('the disk is on fire');
    };
    openPage();
    expect(text(await the('alert'))).toContain('the disk is on fire');
  });
});

it('says that the settings could not be read, and not that no service is set up', async () => {
  await browser.storage.local.set({ connection: { ...CONNECTION, address: 7 } });
  openPage();
  await says('Your settings could not be read');
  expect(text()).not.toContain('No service');
});

it('says that no service is set up', async () => {
  await browser.storage.local.set({ connection: null });
  openPage();
  await says('No service is set up yet');
  expect(all('table')).toEqual([]);
});
