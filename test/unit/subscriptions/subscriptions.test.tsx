import 'fake-indexeddb/auto';
import axe from 'axe-core';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import type { Failure } from '../../../src/domain/failure';
import type { Person } from '../../../src/domain/person';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { subscriptionTarget } from '../../../src/domain/target';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { SubscriptionsPage as Answer, SubscriptionView } from '../../../src/messaging/protocol';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, createHistoryReader } from '../../../src/storage/history';
import { createKeptLists } from '../../../src/storage/kept-lists';
import type { Database } from '../../../src/storage/schema';
import { createSnapshots } from '../../../src/storage/snapshots';
import { createStars } from '../../../src/storage/stars';
import { createWatchesReader } from '../../../src/storage/watches';
import { SubscriptionsPage } from '../../../src/subscriptions/subscriptions-page';
import { aChange } from '../../support/changes';
import { anEntraConnection, CONNECTION, SERVICE_CAN } from '../../support/connections';
import { keepHold } from '../../support/held-lanes';
import { HOSTILE } from '../../support/hostile';
import { browser, endWorker, resetWorld, world } from '../../support/page-browser';
import { attached, CONTOSO, FABRIKAM } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { aRecord, listedOf } from '../../support/records';
import { all, choose, press, says, text, the, type } from '../../support/screen';
import { SUBSCRIPTION_ID, subscriptionId, uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const PAGE_SIZE = 2;
let held: SubscriptionRecord[];
let asked: (string | null)[];
let person: Person;
let open: () => Promise<Database>;
let ports: Parameters<typeof SubscriptionsPage>[0];

beforeEach(async () => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
  history.replaceState(null, '', '/');
  open = createDatabase(() => undefined);
  ports = {
    history: createHistoryReader(open),
    watches: createWatchesReader(open),
    kept: createKeptLists(open),
    stars: createStars(open),
  };
  asked = [];
  person = ADA;
  held = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon'].map((displayName) =>
    aRecord({ displayName, subscriptionId: subscriptionId(`id-${displayName}`) }),
  );
  world.worker['person.present'] = async () => person;
  world.worker['subscriptions.list'] = async ({ after }) => {
    const next = after?.next ?? null;
    asked.push(next);
    const from = next === null ? 0 : Number(next);
    const to = from + PAGE_SIZE;
    return {
      ok: true,
      subscriptions: held.slice(from, to).map(listedOf),
      next: to < held.length ? String(to) : null,
      place: null,
      readAs: person,
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
const openPage = () => render(<SubscriptionsPage {...ports} />, document.body);
/** Has the worker do something else with some of the pages that are asked for. */
function answering(as: (real: () => Promise<Answer>, after: string | null, nth: number) => Promise<Answer>): void {
  const { 'subscriptions.list': real } = world.worker;
  if (real === undefined) throw new Error('There is no list');
  let nth = 0;
  world.worker['subscriptions.list'] = (input, sender) => {
    nth += 1;
    return as(() => real(input, sender), input.after?.next ?? null, nth);
  };
}
const NO_ANSWER = { ok: false, failure: { reason: 'noAnswer' } } as const;
/** The names in the table, once there are that many. */
async function names(count: number): Promise<string[]> {
  await vi.waitFor(() => expect(document.querySelectorAll('tbody tr.line')).toHaveLength(count));
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

test('leads to the tenants of a connection that holds links, and asks it for no list', async () => {
  const azure = anEntraConnection({ id: uuid(3) });
  await browser.storage.local.set({
    settings: { version: 3, connections: [CONNECTION, azure], defaultConnection: CONNECTION.id },
  });
  const listed: string[] = [];
  const { 'subscriptions.list': real } = world.worker;
  world.worker['subscriptions.list'] = async (input, sender) => {
    listed.push(input.connectionId);
    if (real === undefined) throw new Error('There is no list');
    return real(input, sender);
  };
  openPage();
  await says('Azure holds links, one of yours in each tenant.');
  expect((await the('link', 'See all tenants')).getAttribute('href')).toMatch(/tenants\/index\.html$/);
  await names(held.length);
  expect(new Set(listed)).toEqual(new Set([CONNECTION.id]));
});

describe('the table', () => {
  it('shows a subscription with its partner, since when, and the caller’s role in words', async () => {
    held = [aRecord({ partnerOfRecord: attached({ ...CONTOSO, name: HOSTILE }), service: 'ems' })];
    openPage();
    await the('table', 'Subscriptions');
    expect(all('columnheader').map((cell) => text(cell))).toEqual([
      '',
      'Name',
      'ID',
      'Service',
      'Customer',
      'Partner of record',
      'Since',
      'Your role',
      'State',
    ]);
    const row = text(document.querySelector('tbody tr.line') ?? undefined);
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
    answering(async (real, after) => {
      const page = await real();
      // One more comes before the second page is read: the last of the first page moves there.
      if (after === null) held = [aRecord({ subscriptionId: subscriptionId('id-New'), displayName: 'New' }), ...held];
      return page;
    });
    openPage();
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    await says('5 subscriptions.');
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
    expect(document.querySelectorAll('tbody .line a')).toHaveLength(2);
    expect(await names(3)).toEqual(['Met', 'Mail', 'nowhere']);
  });

  it('draws a row anew only when its record is another', async () => {
    openPage();
    await names(5);
    const [first, second] = document.querySelectorAll('tbody tr.line');
    const cell = first?.querySelector('td');
    cell?.replaceChildren('drawn before');
    const changed = { ...(held[1] ?? aRecord()), partnerOfRecord: attached(FABRIKAM) };
    createBroadcaster()({ changed: 'subscription', view: view(changed) });
    await says('Fabrikam (7654321)');
    expect(text(second)).toContain('Fabrikam');
    expect(text(cell ?? undefined)).toBe('drawn before');
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
  it('has the list read again, with no row gone meanwhile', async () => {
    held = numbered(20);
    openPage();
    await names(20);
    await says('20 subscriptions.');
    const counts: number[] = [];
    const watched = new MutationObserver(() => counts.push(document.querySelectorAll('tbody tr.line').length));
    watched.observe(document.body, { subtree: true, childList: true, characterData: true });
    held = held.map((record) => ({ ...record, partnerOfRecord: attached(FABRIKAM) }));
    endWorker();
    await vi.waitFor(() =>
      expect(text(document.querySelector('tbody') ?? undefined).match(/Fabrikam/g)).toHaveLength(20),
    );
    watched.disconnect();
    expect(Math.min(...counts)).toBe(20);
    expect(all('alert')).toEqual([]);
  });

  it('in the middle of a page has that list read to its end', async () => {
    answering(async (real, _, nth) => {
      if (nth === 2) throw new Error('It ended');
      return real();
    });
    openPage();
    await the('alert');
    endWorker();
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    await vi.waitFor(() => expect(all('alert')).toEqual([]));
  });
});

describe('a failure', () => {
  it('is told in words and can be tried again', async () => {
    const { 'subscriptions.list': real } = world.worker;
    world.worker['subscriptions.list'] = async () => NO_ANSWER;
    openPage();
    expect(text(await the('alert')).trim()).toBe(
      'localhost:8787 can’t be reached. Check your network or VPN, then try again.',
    );
    expect(text()).not.toContain('shows you no subscriptions');
    if (real) world.worker['subscriptions.list'] = real;
    await press('Try again');
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    expect(all('alert')).toEqual([]);
  });

  it('of a further page leaves what is there, says so, and only that page is asked for again', async () => {
    answering(async (real, _, nth) => (nth === 2 ? { ok: false, failure: { reason: 'busy' } } : real()));
    openPage();
    expect(text(await the('alert'))).toContain('The rest of the list is missing.');
    expect(await names(2)).toEqual(['Alpha', 'Beta']);
    await press('Try again');
    expect(await names(5)).toEqual(['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon']);
    expect(asked).toEqual([null, '2', '4']);
    expect(all('alert')).toEqual([]);
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

describe('what an earlier opening read', () => {
  const owner = (of: Person) => ({ connectionId: CONNECTION.id, person: of });
  const HOUR_MS = 60 * 60_000;

  async function keep(of: Person, ...records: SubscriptionRecord[]): Promise<void> {
    const subscriptions = records.map(listedOf);
    await createKeptLists(open).writePage(owner(of), {
      after: null,
      readAt: Date.now() - 3 * HOUR_MS,
      isLast: true,
      subscriptions,
    });
  }

  it('is there at once with its age, until it has been read again; what is gone is gone then', async () => {
    await keep(ADA, aRecord({ displayName: 'Gone', subscriptionId: subscriptionId('gone') }), ...held);
    let answer: () => void = () => undefined;
    const held2 = new Promise<void>((resolve) => {
      answer = resolve;
    });
    answering(async (real) => {
      await held2;
      return real();
    });
    openPage();
    expect(await names(6)).toContain('Gone');
    await says('as of 3 hours ago; being read again');
    answer();
    expect(await names(5)).not.toContain('Gone');
    await says('5 subscriptions. Read from localhost:8787 now');
  });

  it('stays where it cannot be read again, and says how old it is', async () => {
    await keep(ADA, ...held);
    world.worker['subscriptions.list'] = async () => NO_ANSWER;
    openPage();
    await the('alert');
    await says('5 subscriptions are shown as they were 3 hours ago.');
    expect(await names(5)).toHaveLength(5);
    expect(text(document.querySelector('tbody tr.line') ?? undefined)).toContain('Read 3 hours ago');
  });

  it('is nobody else’s: another person has their own list, and nothing of the other’s is shown', async () => {
    await keep(ADA, aRecord({ displayName: 'Of Ada', subscriptionId: subscriptionId('of-ada') }));
    person = BEN;
    openPage();
    await names(5);
    expect(text()).not.toContain('Of Ada');
    person = ADA;
    held = [aRecord({ displayName: 'Of Ada', subscriptionId: subscriptionId('of-ada') })];
    createBroadcaster()({ changed: 'settings' });
    expect(await names(1)).toEqual(['Of Ada']);
    expect(text()).not.toContain('Alpha');
  });
});

describe('a view', () => {
  beforeEach(() => {
    held = [
      aRecord({
        displayName: 'Mail',
        subscriptionId: subscriptionId('m'),
        service: 'office365',
        partnerOfRecord: attached(CONTOSO),
      }),
      aRecord({ displayName: 'Web 10', subscriptionId: subscriptionId('w10') }),
      aRecord({
        displayName: 'Web 9',
        subscriptionId: subscriptionId('w9'),
        customer: { id: 'c2', name: 'Straße AG' },
        caller: { role: 'Reader', canChangePartner: false },
      }),
    ];
  });

  it('is made by what is typed and chosen, asks nobody anything, and stands in the address', async () => {
    openPage();
    await names(3);
    const before = asked.length;
    await type('searchbox', 'Filter', 'STRASSE');
    expect(await names(1)).toEqual(['Web 9']);
    await says('1 of 3 subscriptions.');
    expect(location.search).toBe('?filter=STRASSE');
    await type('searchbox', 'Filter', '');
    await choose('Service', 'Office 365');
    expect(await names(1)).toEqual(['Mail']);
    await choose('Service', 'All services');
    await choose('Customer', 'Straße AG');
    expect(await names(1)).toEqual(['Web 9']);
    await press('Clear filters');
    await press('Without a partner', 'radio');
    expect(await names(2)).toEqual(['Web 10', 'Web 9']);
    expect(location.search).toBe('?show=without');
    await press('Not permitted', 'radio');
    expect(await names(1)).toEqual(['Web 9']);
    expect(asked).toHaveLength(before);
    await type('searchbox', 'Filter', 'zzz');
    await says('No subscription matches the filter.');
  });

  it('comes back by its address, and Back leads to the one before', async () => {
    history.replaceState(null, '', '/?show=without&sort=-name&partner=&group=nothing&service=unheard-of');
    openPage();
    expect(await names(2)).toEqual(['Web 10', 'Web 9']);
    await press('All', 'radio');
    await names(3);
    history.back();
    expect(await names(2)).toEqual(['Web 10', 'Web 9']);
  });

  it('is ordered by a press on a column, once more downwards, and then as the service lists it', async () => {
    openPage();
    await names(3);
    await press('Name');
    await vi.waitFor(async () => expect(await names(3)).toEqual(['Mail', 'Web 9', 'Web 10']));
    expect((await the('columnheader', 'Name')).getAttribute('aria-sort')).toBe('ascending');
    await press('Name');
    await vi.waitFor(async () => expect(await names(3)).toEqual(['Web 10', 'Web 9', 'Mail']));
    await press('Name');
    await vi.waitFor(async () => expect(await names(3)).toEqual(['Mail', 'Web 10', 'Web 9']));
    expect(document.querySelector('[aria-sort]')).toBeNull();
  });

  it('is told in numbers, and by a bar whose parts lead to a partner’s subscriptions', async () => {
    openPage();
    await names(3);
    const summary = await the('region', 'Summary');
    expect(text(summary)).toContain('With a partner1');
    expect(text(summary)).toContain('Without a partner2');
    await press('Contoso 1');
    expect(await names(1)).toEqual(['Mail']);
    expect(location.search).toBe('?partner=1234567');
  });

  it('has a customer’s subscriptions under a line of its own, whose box selects them all', async () => {
    openPage();
    await names(3);
    await press('Group by customer', 'checkbox');
    await press('Select all of Northwind', 'checkbox');
    const boxes = () => all('checkbox').filter((box) => box.closest('tbody')) as HTMLInputElement[];
    await vi.waitFor(() => expect(boxes().map(({ checked }) => checked)).toEqual([true, true, true, false, false]));
    expect((await the('table', 'Subscriptions')).getAttribute('aria-rowcount')).toBe('6');
  });

  it('has what a person starred', async () => {
    world.worker['stars.set'] = async ({ connectionId, subscriptionId: id, starred }) => {
      await createStars(open).set({ connectionId, person }, id, starred);
      createBroadcaster()({ changed: 'stars' });
      return { ok: true };
    };
    openPage();
    await names(3);
    await press('Star Web 9');
    await vi.waitFor(async () => expect((await the('button', 'Star Web 9')).getAttribute('aria-pressed')).toBe('true'));
    await press('Starred', 'radio');
    expect(await names(1)).toEqual(['Web 9']);
  });
});

describe('what is done with the list', () => {
  it('is offered: an import, the table as a file, and how often to look for changes made elsewhere', async () => {
    const saved: object[] = [];
    world.worker['watch.save'] = async (chosen) => {
      saved.push(chosen);
      return null;
    };
    openPage();
    await names(5);
    for (const name of ['Import CSV', 'Export CSV', 'Export Excel']) await the('button', name);
    await choose('Watch for changes made elsewhere', 'Every hour');
    await vi.waitFor(() => expect(saved).toEqual([{ watch: 'hour' }]));
  });
});

describe('more rows than are drawn', () => {
  it('have their numbers among all, and Ctrl+F leads to the box that finds them', async () => {
    held = numbered(300);
    openPage();
    await says('300 subscriptions.');
    const table = await the('table', 'Subscriptions');
    expect(table.getAttribute('aria-rowcount')).toBe('301');
    const drawn = [...document.querySelectorAll('tbody tr.line')];
    expect(drawn.length).toBeLessThan(60);
    expect(drawn.map((row) => row.getAttribute('aria-rowindex'))).toEqual(drawn.map((_, at) => String(at + 2)));
    const find = () => {
      const event = new KeyboardEvent('keydown', { key: 'f', ctrlKey: true, bubbles: true, cancelable: true });
      return !(document.activeElement ?? document.body).dispatchEvent(event);
    };
    expect(find()).toBe(true);
    expect(document.activeElement).toBe(await the('searchbox', 'Filter'));
    // Once more it is the browser's.
    expect(find()).toBe(false);
  });

  it('are reached by keys, and the row with the focus stays drawn', async () => {
    held = numbered(300);
    openPage();
    await says('300 subscriptions.');
    (await the('checkbox', 'Select Number 0')).focus();
    const key = (name: string) =>
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }),
      );
    const focused = () => document.activeElement?.getAttribute('aria-label');
    key('ArrowDown');
    await vi.waitFor(() => expect(focused()).toBe('Select Number 1'));
    key('End');
    await vi.waitFor(() => expect(focused()).toBe('Select Number 299'));
    key('ArrowUp');
    await vi.waitFor(() => expect(focused()).toBe('Select Number 298'));
    key('Home');
    await vi.waitFor(() => expect(focused()).toBe('Select Number 0'));
  });

  it('have the focus go to the row in the place of one that is gone', async () => {
    held = numbered(5);
    openPage();
    await press('Without a partner', 'radio');
    await says('5 of 5 subscriptions.');
    (await the('checkbox', 'Select Number 2')).focus();
    const changed = { ...(held[2] ?? aRecord()), partnerOfRecord: attached(FABRIKAM) };
    createBroadcaster()({ changed: 'subscription', view: view(changed) });
    await vi.waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Select Number 3'));
  });
});

it('has no accessibility mistakes that axe finds, grouped and in order', async () => {
  history.replaceState(null, '', '/?group=customer&sort=name');
  openPage();
  await names(6);
  expect((await axe.run(document.body, { rules: { region: { enabled: false } } })).violations).toEqual([]);
});

describe('what the history knows of a row', () => {
  it('is told in it: a change made elsewhere, and one that was under way before the page was opened', async () => {
    const [alpha, beta] = ['Alpha', 'Beta'].map((name) =>
      subscriptionTarget(CONNECTION.id, subscriptionId(`id-${name}`)),
    );
    if (alpha === undefined || beta === undefined) throw new Error('There are no targets');
    await createHistory(open).insertChange(aChange({ target: beta }), null);
    const snapshot = { state: listedOf(aRecord({ partnerOfRecord: null })).state, readAt: Date.now(), readAs: null };
    const foreign = { id: uuid(7), target: alpha, targetName: 'Alpha', before: CONTOSO, after: attached(FABRIKAM) };
    const met = { ...foreign, foundAt: Date.now(), by: 'Ben', version: null, seen: false };
    await createSnapshots(open).writeAfter([{ target: alpha, snapshot, foreign: () => met, least: 1 }]);
    openPage();
    await names(5);
    const line = (at: number) => text(document.querySelectorAll('tbody tr.line')[at]);
    await vi.waitFor(() => expect(line(0)).toContain('by Ben'));
    expect(all('button', 'Restore')).toHaveLength(1);
    await vi.waitFor(() => expect(line(1)).toContain('A change is under way'));
  });

  it('is told in it as its batch tells it: what holds up a change, as long as it does', async () => {
    const tell = createBroadcaster();
    const beta = subscriptionTarget(CONNECTION.id, subscriptionId('id-Beta'));
    await createHistory(open).insertChange(aChange({ target: beta }), null);
    const wait = { from: Date.now(), ms: 10 * 60_000 };
    await keepHold(open, { for: 'time', wait });
    openPage();
    await names(5);
    const line = (at: number) => text(document.querySelectorAll('tbody tr.line')[at]);
    await vi.waitFor(() => expect(line(1)).toContain('The service asks to wait until'));
    expect(line(0)).not.toContain('wait');
    for (const [hold, words] of [
      [{ for: 'time', wait, silent: true }, 'The service does not answer. It is tried again at'],
      [{ for: 'signIn' }, 'The changes wait until you are signed in.'],
      [null, 'A change is under way'],
    ] as const) {
      await keepHold(open, hold);
      tell({ changed: 'history' });
      await vi.waitFor(() => expect(line(1)).toContain(words));
    }
  });

  it('is not said to be under way while nobody knows what holds it up', async () => {
    const beta = subscriptionTarget(CONNECTION.id, subscriptionId('id-Beta'));
    await createHistory(open).insertChange(aChange({ target: beta }), null);
    ports = { ...ports, history: { ...ports.history, holds: () => Promise.reject(new Error('torn')) } };
    openPage();
    await names(5);
    const line = () => text(document.querySelectorAll('tbody tr.line')[1]);
    await vi.waitFor(() => expect(line()).toContain('Not ended yet'));
    expect(line()).not.toContain('under way');
  });
});
