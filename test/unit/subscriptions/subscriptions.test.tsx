import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { createNotifier } from '../../../src/messaging/notices';
import type { SubscriptionsPage as Answer } from '../../../src/messaging/protocol';
import { SubscriptionsPage } from '../../../src/subscriptions/subscriptions-page';
import { browser, resetWorld, world } from '../pages/fake-browser';
import { CONNECTION, CONTOSO, FABRIKAM, HOSTILE, ofRecord, record, subscriptionId } from '../pages/samples';
import { all, press, says, text, the, type } from '../pages/screen';

vi.mock('../../../src/platform/browser', () => import('../pages/fake-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const PAGE_SIZE = 2;
let held: SubscriptionRecord[];
let filters: string[];

beforeEach(async () => {
  resetWorld();
  filters = [];
  held = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon'].map((displayName) =>
    record({ displayName, subscriptionId: subscriptionId(`id-${displayName}`) }),
  );
  world.worker['subscriptions.list'] = async ({ next, filter }) => {
    filters.push(filter);
    const found = held.filter(({ displayName }) => displayName.toLowerCase().includes(filter.toLowerCase()));
    const from = next === null ? 0 : Number(next);
    const to = from + PAGE_SIZE;
    return {
      ok: true,
      records: found.slice(from, to),
      next: to < found.length ? String(to) : null,
      readAt: Date.now(),
    };
  };
  await browser.storage.local.set({ connection: CONNECTION });
});
afterEach(() => render(null, document.body));

const openPage = () => render(<SubscriptionsPage />, document.body);
/** The names in the table, once there are that many. */
async function names(count: number): Promise<string[]> {
  await vi.waitFor(() => expect(document.querySelectorAll('tbody tr')).toHaveLength(count));
  return all('rowheader').map((cell) => text(cell.querySelector('bdi') ?? cell));
}

describe('the table', () => {
  it('shows a subscription with its partner, since when, and the caller’s role in words', async () => {
    held = [record({ partnerOfRecord: ofRecord({ ...CONTOSO, name: HOSTILE }), service: 'ems' })];
    openPage();
    await the('table', 'Subscriptions');
    expect(all('columnheader').map((cell) => text(cell))).toEqual([
      'Subscription',
      'Kind',
      'Customer',
      'Partner of record',
      'Since',
      'Your role',
    ]);
    const row = text(document.querySelector('tbody tr') ?? undefined);
    for (const part of [
      'Production',
      '11111111-2222',
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

  it('grows page by page, each subscription once', async () => {
    openPage();
    expect(await names(2)).toEqual(['Alpha', 'Beta']);
    // One that moved to the next page meanwhile.
    held = [
      ...held.slice(0, 1),
      record({ subscriptionId: subscriptionId('id-New'), displayName: 'New' }),
      ...held.slice(1),
    ];
    await press('Show more');
    expect(await names(3)).toEqual(['Alpha', 'Beta', 'Gamma']);
    await press('Show more');
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    expect(all('button', 'Show more')).toEqual([]);
  });

  it('lets the service filter, once the typing pauses', async () => {
    openPage();
    await names(2);
    for (const typed of ['g', 'ga', 'gam']) await type('searchbox', 'Filter', typed);
    expect(await names(1)).toEqual(['Gamma']);
    expect(filters).toEqual(['', 'gam']);
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
    await names(2);
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
    await names(2);
    const changed = { ...(held[1] ?? record()), partnerOfRecord: ofRecord(FABRIKAM) };
    createNotifier()({
      changed: 'subscription',
      view: {
        subscriptionId: changed.subscriptionId,
        source: 'localhost:8787',
        record: changed,
        readAt: Date.now(),
        failure: null,
        standing: null,
        support: null,
      },
    });
    await says('Fabrikam (7654321)');
    expect(await names(2)).toEqual(['Alpha', 'Beta']);
  });
});

describe('a failure', () => {
  it('is told in words and can be tried again', async () => {
    const { 'subscriptions.list': real } = world.worker;
    world.worker['subscriptions.list'] = async (): Promise<Answer> => ({ ok: false, failure: { reason: 'noAnswer' } });
    openPage();
    expect(text(await the('alert'))).toBe('The service can’t be reached. Check your connection, then try again.');
    expect(text()).not.toContain('shows you no subscriptions');
    if (real) world.worker['subscriptions.list'] = real;
    await press('Try again');
    expect(await names(2)).toEqual(['Alpha', 'Beta']);
    expect(all('alert')).toEqual([]);
  });

  it('of a further page leaves what is there, and only that page is asked for again', async () => {
    const { 'subscriptions.list': real } = world.worker;
    openPage();
    await names(2);
    world.worker['subscriptions.list'] = async (): Promise<Answer> => ({ ok: false, failure: { reason: 'busy' } });
    await press('Show more');
    await the('alert');
    expect(await names(2)).toEqual(['Alpha', 'Beta']);
    if (real) world.worker['subscriptions.list'] = real;
    await press('Try again');
    expect(await names(4)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta']);
  });

  it('of the extension itself is told too', async () => {
    world.worker['subscriptions.list'] = async () => {
      throw new Error('the disk is on fire');
    };
    openPage();
    expect(text(await the('alert'))).toContain('the disk is on fire');
  });
});

it('says that no service is set up', async () => {
  await browser.storage.local.set({ connection: null });
  openPage();
  await says('No service is set up yet');
  expect(all('table')).toEqual([]);
});
