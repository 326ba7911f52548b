import { toContoso } from '../../support/changes';
import { check } from '../../support/checks';
import {
  anEntraConnection,
  anOpenIdConnection,
  CONNECTION,
  CONNECTION_ID,
  SERVICE_CAN,
} from '../../support/connections';
import { deferred } from '../../support/deferred';
import { keepHold } from '../../support/held-lanes';
import { HOSTILE } from '../../support/hostile';
import { attached, CONTOSO, FABRIKAM, partnerId } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { aRecord } from '../../support/records';
import { aBatch, itemsOf, nothingMade } from '../../support/batches';
import { SUBSCRIPTION_ID, targetOf, uuid } from '../../support/targets';
import { holdingOf, stateOf } from '../../../src/domain/partner-state';
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Capabilities } from '../../../src/domain/capabilities';
import { TEST_STEPS } from '../../../src/domain/connection-test';
import type { Change, Waiting } from '../../../src/domain/change';
import { planChange, wishOf } from '../../../src/domain/change-request';
import type { Person } from '../../../src/domain/person';
import { standingOf } from '../../../src/domain/standing';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { MessageOutput, SubscriptionView } from '../../../src/messaging/protocol';
import { keptOutOf } from '../../../src/popup/kept-out';
import { type Place, placeOf } from '../../../src/popup/place';
import { Popup } from '../../../src/popup/popup';
import { matchPatterns } from '../../../src/portals';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, createHistoryReader, type History } from '../../../src/storage/history';
import { STEPS } from '../../../src/storage/versions';
import { SupportContext } from '../../../src/ui/support';
import { createLocks } from '../../support/locks';
import { browser, endWorker, resetWorld, world } from '../../support/page-browser';
import { all, choose, press, says, text, the, type } from '../../support/screen';
import { writeSettings } from '../../support/write-settings';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
const files: { name: string; content: string | Blob }[] = [];
vi.mock('../../../src/ui/download', () => ({
  download: (name: string, _type: string, content: string) => files.push({ name, content }),
  downloadBlob: (name: string, content: Blob) => files.push({ name, content }),
}));
const textOf = (index: number) => new Blob([files[index]?.content ?? '']).text();

// jsdom draws no dialogs: open is all there is to see.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};

const DAY_MS = 24 * 60 * 60 * 1000;
const PAGE = `https://portal.azure.com/#@contoso.com/resource/subscriptions/${SUBSCRIPTION_ID}/overview`;

let history: History;
let open: ReturnType<typeof createDatabase>;
let tell: ReturnType<typeof createBroadcaster>;
/** What the service holds. */
let held: SubscriptionRecord;
/** Who is signed in. */
let present: Person | null;
/** What the kind of the connection can do. */
let can: Capabilities;

beforeEach(async () => {
  resetWorld();
  files.length = 0;
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
  tell = createBroadcaster();
  held = aRecord({ partnerOfRecord: attached(CONTOSO) });
  present = ADA;
  can = SERVICE_CAN;
  await browser.storage.local.set({ connection: CONNECTION });
  for (const match of matchPatterns({ off: [], own: [] })) world.held.add(match);
  world.worker = worker();
});
afterEach(() => {
  render(null, document.body);
  tell({ changed: 'settings' });
});

function worker(): typeof world.worker {
  const event = async (changeId: string, happened: Parameters<History['applyEvent']>[1]) => {
    await history.applyEvent(changeId, happened);
    tell({ changed: 'history' });
    return null;
  };
  return {
    'subscription.read': async () => view(held),
    'change.stop': ({ changeId }) => event(changeId, { type: 'stopAsked', at: Date.now() }),
    'change.tryNow': ({ changeId }) => event(changeId, { type: 'tryNow', at: Date.now() }),
    'change.keep': ({ changeId }) => event(changeId, { type: 'kept' }),
    'change.seen': ({ changeId }) => event(changeId, { type: 'seen' }),
    'person.present': async () => present,
    'connections.kinds': async () => [{ kind: 'service', can, signIns: ['none'], steps: TEST_STEPS }],
    async 'change.sendAsMe'({ changeId, me }) {
      if (present === null || !('name' in present) || present.name !== me) return { ok: false, problem: 'otherByNow' };
      await event(changeId, { type: 'adopted', at: Date.now(), person: present });
      return { ok: true };
    },
    async 'change.overwrite'({ id, changeId, seen }) {
      const conflict = await history.readChange(changeId);
      if (conflict?.life.state !== 'conflict') return { ok: false, problem: 'notThere' };
      const plan = planChange(stateOf(held), { ...wishOf(conflict), seen });
      if (!plan.ok) {
        return plan.problem === 'changedSince'
          ? { ok: false, problem: plan.problem, found: holdingOf(stateOf(held)), view: view(held) }
          : { ok: false, problem: plan.problem };
      }
      const { kind, before, basedOn } = plan;
      const asked = toContoso(null, { id, kind, before, after: conflict.after, basedOn });
      const inserted = await history.insertChange(asked, changeId);
      tell({ changed: 'history' });
      return inserted.kind === 'inserted'
        ? { ok: true, standing: standingOf(inserted.change, viewer(), Date.now()) }
        : { ok: false, problem: 'idUsedOtherwise' };
    },
  };
}

const viewer = () => ({ connectionId: CONNECTION_ID, person: present, mayChange: true });

function view(of: SubscriptionRecord | null, more: Partial<SubscriptionView> = {}): SubscriptionView {
  return {
    subscriptionId: aRecord().subscriptionId,
    source: 'localhost:8787',
    state: of && stateOf(of),
    can: SERVICE_CAN,
    readAt: of === null ? null : Date.now() - 5 * 60_000,
    order: 1,
    failure: null,
    standing: null,
    changeOrder: 0,
    support: null,
    ...more,
  };
}

/** @param support whom the default's service says to ask */
function openPopup(place: Place = { in: 'popup' }, support: string | null = null) {
  render(
    <SupportContext.Provider value={support}>
      <Popup history={createHistoryReader(open)} place={place} />
    </SupportContext.Provider>,
    document.body,
  );
}

/** Writes a change that has come to the given life. */
async function write(...changes: Change[]): Promise<void> {
  for (const { life, ...asked } of changes) {
    await history.insertChange(toContoso(null, asked), null);
    const at = asked.askedAt;
    const sent = () => history.applyEvent(asked.id, { type: 'sent', at });
    switch (life.state) {
      case 'done':
        await sent();
        await history.applyEvent(asked.id, { type: 'applied', at, state: stateOf(held) });
        break;
      case 'refused':
        await sent();
        await history.applyEvent(asked.id, {
          type: 'failed',
          at,
          failure: life.failure,
          retryAfterMs: null,
          chance: 0,
        });
        break;
      case 'conflict': {
        await sent();
        await history.applyEvent(asked.id, { type: 'preconditionFailed', at, state: stateOf(held) });
        break;
      }
      case 'unknown':
        await sent();
        await history.applyEvent(asked.id, { type: 'abandoned', at });
        break;
      case 'waiting':
        if (life.for === 'person') await history.applyEvent(asked.id, { type: 'signedIn', at, person: BEN });
        if (life.for === 'connection') await history.applyEvent(asked.id, { type: 'connectionMissing', at });
        if (life.lastFailure === null) break;
        await sent();
        await history.applyEvent(asked.id, {
          type: 'failed',
          at,
          failure: life.lastFailure,
          retryAfterMs: null,
          chance: 0,
        });
    }
  }
}

const done = (more: Partial<Change> = {}) =>
  toContoso({ state: 'done', attempts: 1, endedAt: 1, outcome: { partnerOfRecord: null, version: '"2"' } }, more);
const waiting = (more: Partial<Waiting>, of: Partial<Change> = {}) => {
  const { life } = toContoso(null);
  if (life.state !== 'waiting') throw new Error('A new change waits');
  return toContoso({ ...life, ...more }, of);
};
const NO_ANSWER = { reason: 'noAnswer' } as const;
it('names whom to ask after a refusal at the default connection, and not after one elsewhere', async () => {
  const failure = { reason: 'refused', status: 403, code: 'NotPermitted' } as const;
  const refused = (id: string, connectionId?: string) =>
    toContoso(
      { state: 'refused', attempts: 1, endedAt: 1, failure, seen: false },
      { target: targetOf(id, connectionId) },
    );
  await write(refused('here'), refused('elsewhere', crypto.randomUUID()));
  openPopup({ in: 'popup' }, 'default@contoso.example');
  await vi.waitFor(async () => expect(all('article', undefined, await the('region', 'Needs you'))).toHaveLength(2));
  await says('default@contoso.example');
  expect(text(await the('region', 'Needs you')).split('default@contoso.example')).toHaveLength(2);
});

const conflict = () =>
  toContoso(
    { state: 'conflict', attempts: 1, endedAt: 1, found: { partnerOfRecord: null, version: '"2"' }, answer: null },
    { after: FABRIKAM },
  );

/** What the worker is asked to overwrite from now on. */
function overwritesAsked(): MessageOutput<'change.overwrite'>[] {
  const asked: MessageOutput<'change.overwrite'>[] = [];
  const { 'change.overwrite': real } = world.worker;
  world.worker['change.overwrite'] = async (input, sender) => {
    asked.push(input);
    return real?.(input, sender) ?? { ok: false, problem: 'notConfigured' };
  };
  return asked;
}

async function openHistory(show: 'Changes' | 'Checks' | 'All' = 'Changes') {
  openPopup();
  await press('History', 'tab');
  await the('list', 'History');
  await press(show, 'radio');
}

describe('the tabs', () => {
  it('move and choose with the arrow keys, Home and End, and only the chosen one is in the tab order', async () => {
    openPopup();
    const first = await the('tab', 'Check ID');
    const second = await the('tab', 'History');
    first.focus();
    const key = (target: HTMLElement, name: string) =>
      target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    key(first, 'ArrowRight');
    await vi.waitFor(() => expect(second.getAttribute('aria-selected')).toBe('true'));
    expect(document.activeElement).toBe(second);
    expect([first.tabIndex, second.tabIndex]).toEqual([-1, 0]);
    key(second, 'ArrowRight');
    await vi.waitFor(() => expect(document.activeElement).toBe(first));
    key(first, 'End');
    await vi.waitFor(() => expect(document.activeElement).toBe(second));
    await the('tabpanel', 'History');
  });
});

describe('“Needs you”', () => {
  const region = () => the('region', 'Needs you');
  const gone = () => vi.waitFor(() => expect(all('region', 'Needs you')).toEqual([]));
  const refused = (more: Partial<Change> = {}) =>
    toContoso(
      { state: 'refused', attempts: 1, endedAt: 1, failure: { reason: 'refused', code: 'NotPermitted' }, seen: false },
      more,
    );

  it('is absent while nothing needs anybody', async () => {
    await write(done(), waiting({}, { target: targetOf('other') }));
    openPopup();
    await the('textbox', 'Partner IDs');
    await the('tab', 'History');
    expect(all('region', 'Needs you')).toEqual([]);
  });

  it('stands before everything else, with what was asked and what was found, in words', async () => {
    world.tabAddress = PAGE;
    await write(conflict());
    openPopup();
    const needs = await region();
    await says('Not done. Meanwhile somebody else set the partner to Contoso (1234567)');
    // What was asked is named once.
    expect(text(needs).match(/Fabrikam \(7654321\)/g)).toHaveLength(1);
    expect(all('heading', 'Production', needs)).toHaveLength(1);
    const here = await the('region', 'This page');
    expect(needs.compareDocumentPosition(here)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  it('overwrites what was found there; then the badge has nothing to count, and the keyboard is not lost', async () => {
    held = aRecord({ partnerOfRecord: attached(CONTOSO), etag: '"9"' });
    await write(conflict());
    const asked = overwritesAsked();
    openPopup();
    await region();
    (await the('button', 'Overwrite')).focus();
    await press('Overwrite');
    await gone();
    expect(asked).toMatchObject([{ seen: '"9"' }]);
    expect(await history.attentionCount()).toBe(0);
    await says('Overwriting. How it ends stands in the history.');
    expect(document.activeElement?.tagName).toBe('MAIN');
    expect((await the('tab', 'History')).hasAttribute('aria-describedby')).toBe(false);
  });

  it('asks anew over a record that is another by now', async () => {
    await write(conflict());
    openPopup();
    await region();
    held = aRecord({ partnerOfRecord: attached({ partnerId: partnerId('3333333'), name: 'Third' }), etag: '"10"' });
    await press('Overwrite');
    await says('By now it is Third (3333333). Press again to replace that.');
    expect(await history.openChanges()).toEqual([]);
    await press('Overwrite');
    await gone();
    expect(await history.openChanges()).toMatchObject([{ basedOn: '"10"' }]);
  });

  it('lets a refusal be marked as seen, and marks none by itself', async () => {
    await write(refused());
    openPopup();
    expect(text(await region())).toContain('You may not change the partner of record of this subscription.');
    expect(await history.attentionCount()).toBe(1);
    await press('Mark as seen');
    await gone();
    expect(await history.attentionCount()).toBe(0);
  });

  it('counts what the badge counts, and shows the first of them until asked for all', async () => {
    for (let index = 1; index <= 5; index += 1) {
      const target = targetOf(`s${index}`);
      await write(refused({ target, targetName: `No ${index}`, askedAt: index }));
    }
    openPopup();
    const needs = await region();
    const names = () => all('heading', undefined, needs).map((heading) => text(heading));
    expect(names()).toEqual(['Needs you', 'No 5', 'No 4', 'No 3']);
    await press('Show all 5');
    await vi.waitFor(() => expect(names()).toEqual(['Needs you', 'No 5', 'No 4', 'No 3', 'No 2', 'No 1']));
    expect(await history.attentionCount()).toBe(5);
    expect(text(await the('tab', 'History'))).toContain('5');
  });

  it('has the buttons of each state', async () => {
    present = BEN;
    await write(waiting({ lastFailure: { reason: 'signInNeeded' } }, { target: targetOf('a'), person: BEN }));
    openPopup();
    await the('button', 'Sign in', await region());
    await write(waiting({ for: 'person' }, { target: targetOf('b') }));
    tell({ changed: 'history' });
    await says('Asked by Ada. You are signed in as Ben.');
    await says('Ada asked to set the partner to Contoso (1234567).');
    for (const name of ['Send as me', 'Discard']) await the('button', name, await region());
    await write(waiting({ for: 'connection' }, { target: targetOf('c'), person: BEN }));
    tell({ changed: 'history' });
    await says('This change waits: its connection is missing.');
    expect(all('button', 'Stop trying', await region()).length).toBeGreaterThan(0);
  });

  it('says why nobody is signed in', async () => {
    world.worker['signIn.start'] = async () => 'providerAway';
    await write(waiting({ lastFailure: { reason: 'signInNeeded' } }));
    openPopup();
    await region();
    await press('Sign in');
    await says('Your identity provider did not answer. Try again later.');
  });

  it('says so when it can not be read, rather than that there is nothing', async () => {
    const reader = { ...createHistoryReader(open), attention: async () => Promise.reject(new Error('torn')) };
    render(<Popup history={reader} place={{ in: 'popup' }} />, document.body);
    await says('Detailstorn');
  });
});

describe('the history', () => {
  it('lists the newest first and shows what a check just added', async () => {
    await write(done({ askedAt: Date.now() - DAY_MS }));
    await openHistory('All');
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(1));
    await history.addCheck(check('1234567', { kind: 'found', partner: CONTOSO }));
    tell({ changed: 'history' });
    await vi.waitFor(() => {
      const [first, second] = all('listitem').map((item) => text(item));
      expect(first).toMatch(/^Today.*Check.*Contoso \(1234567\)/);
      expect(second).toMatch(
        /^Yesterday.*Assign.*Production.*from no partner of record to Contoso \(1234567\)Asked by AdaDone.*Undo$/,
      );
    });
  });

  it('shows changes at first, checks apart from them, or all', async () => {
    await write(done({ targetName: 'Alpha' }));
    await history.addCheck(check('1234567', { kind: 'unknownPartner' }));
    await openHistory();
    await says('1 change');
    expect((await the('radio', 'Changes')).matches(':checked')).toBe(true);
    expect(all('listitem').map((item) => text(item))).toEqual([expect.stringContaining('Alpha')]);
    await press('Checks', 'radio');
    await says('1 check');
    expect(all('listitem').map((item) => text(item))).toEqual([expect.stringContaining('1234567')]);
    await press('All', 'radio');
    await says('2 entries');
    expect(all('listitem')).toHaveLength(2);
    expect(all('radio').map((radio) => radio.closest('[role="radiogroup"]')?.getAttribute('aria-label'))).toEqual([
      'Show',
      'Show',
      'Show',
    ]);
  });

  it('is searched and filtered by type and result, counts what matches, and marks it', async () => {
    await write(done({ targetName: 'Alpha' }), done({ targetName: 'Beta' }));
    await history.addCheck(check('1234567', { kind: 'unknownPartner' }));
    await history.addCheck(check('7654321', { kind: 'found', partner: { ...FABRIKAM, name: HOSTILE } }));
    await openHistory('All');
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(4));
    await type('searchbox', 'Search history', 'img SRC');
    await says('1 of 4 entries');
    expect([...document.querySelectorAll('mark')].map((mark) => text(mark))).toEqual(['img src']);
    await type('searchbox', 'Search history', '');
    await choose('Type', 'Checks');
    await says('2 of 4 entries');
    expect(document.querySelectorAll('mark')).toHaveLength(0);
    await choose('Result', 'No such partner');
    await says('1 of 4 entries');
    await choose('Type', 'Removals');
    await says('Nothing matches.');
    expect(all('button', 'Export CSV')).toEqual([]);
  });

  it('says once that nothing matches, and offers to clear the filters, back in the search', async () => {
    await write(done());
    await openHistory();
    await type('searchbox', 'Search history', 'nobody');
    await says('Nothing matches.');
    const status = (await the('tabpanel', 'History')).querySelector('[role="status"]');
    expect(text(status ?? undefined)).toBe('Nothing matches.');
    await press('Clear filters');
    await says('1 change');
    expect(document.activeElement).toBe(await the('searchbox', 'Search history'));
    expect(all('button', 'Clear filters')).toEqual([]);
  });

  it('loses its search to Escape, which closes nothing while there is one', async () => {
    await write(done());
    await openHistory();
    await type('searchbox', 'Search history', 'nobody');
    const search = await the('searchbox', 'Search history');
    const pressed = () => new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
    expect(search.dispatchEvent(pressed())).toBe(false);
    await says('1 change');
    expect(search.dispatchEvent(pressed())).toBe(true);
  });

  it('is filtered by date, from the first day to the last, under a heading for each day', async () => {
    const noon = (day: number) => new Date(2026, 9, day, 12).getTime();
    await write(
      ...[1, 2, 2, 3, 4].map((day, index) => done({ targetName: `No ${index}`, askedAt: noon(day), page: null })),
    );
    await openHistory();
    await says('5 changes');
    const days = () => all('heading').flatMap((heading) => (heading.className === 'day' ? [text(heading)] : []));
    expect(days()).toHaveLength(4);
    expect(days()[0]).toMatch(/4 October 2026/);
    await type('textbox', 'From', '2026-10-02');
    await says('4 of 5 changes');
    await type('textbox', 'To', '2026-10-03');
    await says('3 of 5 changes');
    expect(days()).toEqual([expect.stringMatching(/3 October 2026/), expect.stringMatching(/2 October 2026/)]);
    await type('textbox', 'To', '2026-10-01');
    await says('“From” comes after “To”.');
    expect((await the('textbox', 'From')).getAttribute('aria-invalid')).toBe('true');
    await press('Clear filters');
    await says('5 changes');
    expect(all('alert')).toEqual([]);
  });

  it('tells how often a change was tried where that was more than once', async () => {
    await write(done({ targetName: 'Once' }));
    const twice = waiting({ lastFailure: NO_ANSWER }, { targetName: 'Twice' });
    await write(twice);
    await history.applyEvent(twice.id, { type: 'tryNow', at: Date.now() });
    await history.applyEvent(twice.id, { type: 'sent', at: Date.now() });
    await openHistory();
    await says('2 attempts');
    expect(text()).not.toContain('1 attempt');
  });

  it('shows 50 entries, and the rest on “Show more”, each once', async () => {
    for (let index = 0; index < 70; index += 1) {
      await history.addCheck(check(String(1_000_000 + index), { kind: 'unknownPartner' }, index));
    }
    await openHistory('Checks');
    await vi.waitFor(() => expect(document.querySelectorAll('.entry')).toHaveLength(50));
    await press('Show more');
    await vi.waitFor(() => expect(document.querySelectorAll('.entry')).toHaveLength(70));
    expect(all('button', 'Show more')).toEqual([]);
    const shown = [...document.querySelectorAll('.entry-target')].map((id) => text(id));
    expect(shown).toEqual(Array.from({ length: 70 }, (_, index) => String(1_000_069 - index)));
  });

  it('leads to the page on which a change was asked for, when it still is a page of that subscription', async () => {
    await write(
      done({ page: PAGE, targetName: 'Led to' }),
      done({ page: 'javascript:alert(1)', targetName: 'Script' }),
      done({ page: 'https://evil.example/', targetName: 'Elsewhere' }),
      done({ page: PAGE.replace(SUBSCRIPTION_ID, SUBSCRIPTION_ID.replace('1', '9')), targetName: 'Another' }),
    );
    await openHistory();
    const link = await the('link', 'Led to');
    expect(link.getAttribute('href')).toBe(PAGE);
    for (const name of ['Script', 'Elsewhere', 'Another']) {
      await says(name);
      expect(all('link', name)).toEqual([]);
    }
  });

  it('marks a refused change as seen once it is before the person', async () => {
    const refused = toContoso({
      state: 'refused',
      attempts: 1,
      endedAt: 1,
      failure: { reason: 'refused', status: 403, code: 'NotPermitted', requestId: 'r-7' },
      seen: false,
    });
    await write(refused);
    openPopup();
    const tab = await the('tab', 'History');
    await vi.waitFor(() => {
      const description = document.getElementById(tab.getAttribute('aria-describedby') ?? '');
      expect(description?.textContent).toBe('1 change needs you');
    });
    expect(await history.attentionCount()).toBe(1);
    tab.click();
    await says('You may not change the partner of record of this subscription. (Request r-7)');
    await vi.waitFor(async () => expect(await history.attentionCount()).toBe(0));
    await vi.waitFor(() => expect(tab.hasAttribute('aria-describedby')).toBe(false));
  });

  it('lets a change that meets no answer be tried again or stopped', async () => {
    await write(waiting({ lastFailure: NO_ANSWER }));
    await openHistory();
    await says(/Still trying\. The service can’t be reached\. .* Next attempt: /);
    await the('button', 'Try again');
    expect(all('button', 'Sign in')).toEqual([]);
    await press('Stop trying');
    await says('Being stopped: we look first whether it already took effect.');
    await vi.waitFor(() => {
      for (const name of ['Stop trying', 'Try again', 'Sign in']) expect(all('button', name)).toEqual([]);
    });
  });

  it('has the worker sign in for a change that waits for it', async () => {
    let begun = false;
    world.worker['signIn.start'] = async () => {
      begun = true;
      return 'signedIn';
    };
    await write(waiting({ lastFailure: { reason: 'signInNeeded' } }));
    await openHistory();
    await press('Sign in');
    await vi.waitFor(() => expect(begun).toBe(true));
  });

  it('keeps what was found in a conflict', async () => {
    await write(conflict());
    await openHistory();
    await says('Not done. Meanwhile somebody else set the partner to Contoso (1234567)');
    await press('Keep');
    await says('What somebody else had set was kept.');
    expect(all('button', 'Overwrite')).toEqual([]);
  });

  it('overwrites what was found, and nothing else', async () => {
    held = aRecord({ partnerOfRecord: attached(CONTOSO), etag: '"9"' });
    const first = conflict();
    await write(first);
    const asked = overwritesAsked();
    await openHistory();
    await press('Overwrite');
    await says('Overwritten by a later change.');
    expect(asked).toMatchObject([{ changeId: first.id, seen: '"9"' }]);
    expect(await history.openChanges()).toMatchObject([{ basedOn: '"9"', before: CONTOSO, after: FABRIKAM }]);
  });

  it('never overwrites a record that the person has not been told of', async () => {
    await write(conflict());
    const asked = overwritesAsked();
    const third = { partnerId: partnerId('3333333'), name: 'Third' };
    await openHistory();
    await the('button', 'Overwrite');
    held = aRecord({ partnerOfRecord: attached(third), etag: '"10"' });
    await press('Overwrite');
    await says('By now it is Third (3333333). Press again to replace that.');
    expect((await history.openChanges()).length).toBe(0);
    held = aRecord({ etag: '"11"' });
    await press('Overwrite');
    await says('By now there is no partner. Press again to set one all the same.');
    expect((await history.openChanges()).length).toBe(0);
    await press('Overwrite');
    await says('Overwritten by a later change.');
    expect(asked.map(({ seen }) => seen)).toEqual(['"1"', '"10"', '"11"']);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(3);
    expect(await history.openChanges()).toMatchObject([{ basedOn: '"11"', before: null, after: FABRIKAM }]);
  });

  it('undoes a change that is done, over the record that it left', async () => {
    held = aRecord({ partnerOfRecord: attached(CONTOSO), etag: '"2"' });
    const first = done();
    await write(first);
    const asked: MessageOutput<'change.undo'>[] = [];
    world.worker['change.undo'] = async (input) => {
      asked.push(input);
      const standing = standingOf(toContoso(null, { id: input.id, kind: 'remove' }), viewer(), Date.now());
      return { ok: true, standing };
    };
    await openHistory();
    await press('Undo');
    await vi.waitFor(() => expect(asked).toMatchObject([{ changeId: first.id, seen: '"2"' }]));
    expect(all('alert')).toEqual([]);
  });

  it('never undoes over a record that the person has not been told of', async () => {
    held = aRecord({ partnerOfRecord: attached(CONTOSO), etag: '"2"' });
    await write(done());
    const asked: string[] = [];
    world.worker['change.undo'] = async ({ seen }) => {
      asked.push(seen);
      return { ok: false, problem: 'changedSince', found: holdingOf(stateOf(held)), view: view(held) };
    };
    held = aRecord({ partnerOfRecord: attached(FABRIKAM), etag: '"9"' });
    await openHistory();
    await press('Undo');
    await says('By now it is Fabrikam (7654321). Press again to replace that.');
    held = aRecord({ etag: '"10"' });
    await press('Undo');
    await says('By now there is no partner. Press again to set one all the same.');
    await press('Undo');
    await vi.waitFor(() => expect(asked).toEqual(['"2"', '"9"', '"10"']));
  });

  it('offers no Undo of what another connection was asked for', async () => {
    await write(done({ target: { ...targetOf(SUBSCRIPTION_ID), connectionId: crypto.randomUUID() } }));
    await openHistory();
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(1));
    expect(all('button', 'Undo')).toEqual([]);
  });

  describe('of another connection that is set up beside the default', () => {
    const BESIDE = anOpenIdConnection({ id: '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a31', name: 'Beside' });
    const there = { target: targetOf(SUBSCRIPTION_ID, BESIDE.id) };

    beforeEach(async () => {
      await browser.storage.local.remove('connection');
      await writeSettings({ connections: [CONNECTION, BESIDE], defaultConnection: CONNECTION.id });
      world.worker['person.present'] = async ({ connectionId }) => (connectionId === BESIDE.id ? BEN : ADA);
    });

    it('is shown alone once that connection is chosen, with a search too, and counted so', async () => {
      await write(done({ targetName: 'Of it' }), done({ ...there, targetName: 'Of Beside' }));
      await openHistory();
      await vi.waitFor(() => expect(all('listitem')).toHaveLength(2));
      await choose('Connection', 'Beside');
      await vi.waitFor(() =>
        expect(all('listitem').map((item) => text(item))).toEqual([expect.stringContaining('Of Beside')]),
      );
      await says('1 of 2 changes');
      await type('searchbox', 'Search history', 'of it');
      await says('Nothing matches.');
      await press('Clear filters');
      await vi.waitFor(() => expect(all('listitem')).toHaveLength(2));
    });

    it('offers to undo what is done there, and asks for that', async () => {
      const undone = done(there);
      const asked: unknown[] = [];
      world.worker['change.undo'] = async ({ changeId }) => {
        asked.push(changeId);
        return { ok: false, problem: 'notConfigured' };
      };
      await write(undone);
      await openHistory();
      await press('Undo');
      await vi.waitFor(() => expect(asked).toEqual([undone.id]));
    });

    it('offers to overwrite what is in the way of a change there, in both lists', async () => {
      await write({ ...conflict(), ...there });
      openPopup();
      await the('button', 'Overwrite', await the('region', 'Needs you'));
      await press('History', 'tab');
      await the('button', 'Overwrite', await the('list', 'History'));
    });

    it('offers who is signed in there, and not who is at the default, to send another person’s change', async () => {
      const asked: unknown[] = [];
      world.worker['change.sendAsMe'] = async ({ me }) => {
        asked.push(me);
        return { ok: false, problem: 'otherByNow' };
      };
      await write(waiting({ for: 'person' }, there));
      await openHistory();
      await says('You are signed in as Ben.');
      await press('Send as me');
      await vi.waitFor(() => expect(asked).toEqual([BEN.name]));
    });

    it('has the person sign in there for a change of there', async () => {
      const asked: unknown[] = [];
      world.worker['signIn.start'] = async ({ connectionId }) => {
        asked.push(connectionId);
        return 'cancelled';
      };
      await write(waiting({ lastFailure: { reason: 'signInNeeded' } }, there));
      await openHistory();
      await press('Sign in');
      await vi.waitFor(() => expect(asked).toEqual([BESIDE.id]));
    });
  });

  it('says so when there is nothing to overwrite any more', async () => {
    await write(conflict());
    await openHistory();
    await the('button', 'Overwrite');
    held = aRecord({ partnerOfRecord: attached(FABRIKAM), etag: '"10"' });
    await press('Overwrite');
    await says('Nothing to change: it is so already.');
    expect((await history.openChanges()).length).toBe(0);
  });

  it('offers another person’s change to who is here: to send it as their own, under the name that was shown', async () => {
    present = BEN;
    const adas = waiting({ for: 'person' });
    await write(adas);
    await openHistory();
    await says('Asked by Ada. You are signed in as Ben.');
    await the('button', 'Discard');
    await press('Send as me');
    await says('Asked by Ada, sent as Ben');
    expect(all('button', 'Send as me')).toEqual([]);
    expect(await history.readChange(adas.id)).toMatchObject({ person: ADA, sentAs: BEN });
  });

  it('sends nothing as a person who is not the one that was shown', async () => {
    present = BEN;
    const adas = waiting({ for: 'person' });
    await write(adas);
    await openHistory();
    await the('button', 'Send as me');
    present = { ...BEN, sub: 'cleo', name: 'Cleo' };
    await press('Send as me');
    await says('somebody else is signed in by now');
    expect(await history.readChange(adas.id)).toMatchObject({ sentAs: null, life: { for: 'person' } });
  });

  it('stops another person’s change on Discard', async () => {
    present = BEN;
    await write(waiting({ for: 'person' }));
    await openHistory();
    await press('Discard');
    await vi.waitFor(() =>
      expect(all('listitem').map((item) => text(item))).toEqual([
        expect.stringMatching(/Stopped\. Nothing was changed\.$/),
      ]),
    );
    expect(await history.openChanges()).toEqual([]);
  });

  it('offers nobody to send it as their own where nobody knows who asked or who is here', async () => {
    present = null;
    await write(waiting({ for: 'person' }, { person: null }));
    await openHistory();
    await says('It is not known who asked for this. Somebody else is signed in.');
    await the('button', 'Discard');
    expect(all('button', 'Send as me')).toEqual([]);
    expect(text()).not.toContain('Asked by');
  });

  it('shows who is signed in by now, after a sign-in elsewhere', async () => {
    present = null;
    await write(waiting({ for: 'person' }));
    await openHistory();
    await says('Asked by Ada. Somebody else is signed in.');
    present = BEN;
    tell({ changed: 'settings' });
    await says('Asked by Ada. You are signed in as Ben.');
    await the('button', 'Send as me');
  });

  it('says that the connection of a change is missing, and lets it be stopped', async () => {
    await write(waiting({ for: 'connection' }));
    await openHistory();
    await says('This change waits: its connection is missing.');
    expect(all('button', 'Try again')).toEqual([]);
    (await the('button', 'Stop trying')).focus();
    await press('Stop trying');
    await vi.waitFor(() =>
      expect(all('listitem').map((item) => text(item))).toEqual([
        expect.stringMatching(/Stopped\. Nothing was changed\.$/),
      ]),
    );
    expect(document.activeElement?.closest('[role="tabpanel"]')).not.toBeNull();
  });

  it('says that nobody can know an outcome, and marks that as seen once it is before the person', async () => {
    const failure = { reason: 'connectionChanged' } as const;
    await write(toContoso({ state: 'unknown', attempts: 1, endedAt: 1, failure, found: null, seen: false }));
    expect(await history.attentionCount()).toBe(1);
    await openHistory();
    await says('We cannot know whether your change was made. The service’s address was changed');
    await vi.waitFor(async () => expect(await history.attentionCount()).toBe(0));
  });

  it('offers no Stop while nothing holds a change up', async () => {
    await write(waiting({}));
    await openHistory();
    await says('Saving…');
    expect(all('button', 'Stop trying')).toEqual([]);
  });

  it('says of a change behind what another one was answered what holds it up, and until when, as it changes', async () => {
    await write(waiting({}));
    const wait = { from: Date.now(), ms: 10 * 60_000 };
    await keepHold(open, { for: 'time', wait });
    await openHistory();
    await says(/The service is busy\. Next attempt:/);
    expect(all('button', 'Stop trying')).toHaveLength(1);
    for (const [hold, words] of [
      [{ for: 'time', wait, silent: true }, /can’t be reached\..* Next attempt:/],
      [{ for: 'signIn' }, 'Your change waits until you are signed in.'],
      [null, 'Saving…'],
    ] as const) {
      await keepHold(open, hold);
      tell({ changed: 'history' });
      await says(words);
    }
  });

  it('says of a batch what holds it up', async () => {
    const items = itemsOf(2);
    await history.acceptBatch(aBatch(1, items), items);
    await keepHold(open, { for: 'signIn' });
    await openHistory();
    await says('2 left');
    await says('The changes wait until you are signed in.');
    // Nothing else begins as “Show” does, which chooses what the whole list has.
    await press('List its changes');
    await press('Hide its changes');
  });

  it('is searched by who asked', async () => {
    await write(done({ targetName: 'Of Ada' }), done({ targetName: 'Of Ben', person: BEN }), done({ person: null }));
    await openHistory();
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(3));
    await type('searchbox', 'Search history', 'ben');
    await vi.waitFor(() =>
      expect(all('listitem').map((item) => text(item))).toEqual([expect.stringContaining('Of Ben')]),
    );
    await says('Asked by Ben');
  });

  it('is taken along as CSV and JSON, as far as the filter shows it', async () => {
    await write(done({ targetName: '=1+1' }));
    await history.addCheck(check('7654321', { kind: 'found', partner: { ...FABRIKAM, name: HOSTILE } }));
    await openHistory('All');
    await press('Export CSV');
    await says('2 entries saved to');
    const csv = await textOf(0);
    expect(csv).toContain(",'=1+1,");
    expect(csv).toContain(HOSTILE);
    expect(csv).toMatch(/"?By"?,"?Sent as"?,"?Connection"?/);
    expect(csv).toMatch(/,"?Ada"?,"?"?,"?localhost:8787"?,/);
    await press('Checks', 'radio');
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(1));
    await press('Export JSON');
    await says('1 entry saved to');
    expect(JSON.parse(await textOf(1)).rows).toMatchObject([{ type: 'check', check: { partnerId: '7654321' } }]);
  });

  it('says so when something else holds the history', async () => {
    Object.defineProperty(navigator, 'locks', { value: createLocks(), configurable: true });
    const older = await openDB('partner-of-record', 1);
    const later = createDatabase(() => undefined, [...STEPS, () => undefined]);
    render(<Popup history={createHistoryReader(later)} place={{ in: 'popup' }} />, document.body);
    await press('History', 'tab');
    await says('holds the history. Close the other pages');
    older.close();
  });

  it('says that it is being updated while rows of an earlier version move, shows them, and stops saying so', async () => {
    await history.addCheck(check('1234567', { kind: 'unknownPartner' }));
    const db = await open();
    await db.put('marks', { after: '', newest: 0 }, 'moving');
    await openHistory('All');
    await says('Updating the history.');
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(1));
    await history.update();
    tell({ changed: 'history' });
    await vi.waitFor(() => expect(document.body.textContent).not.toContain('Updating the history.'));
    expect(all('listitem')).toHaveLength(1);
  });

  it('reports entries that can not be read, and shows the others', async () => {
    await history.addCheck(check('1234567', { kind: 'unknownPartner' }));
    const db = await open();
    const whole = await db.getAll('rows');
    await db.put('rows', { ...whole[0], id: crypto.randomUUID(), row: { type: 'nonsense' } } as never);
    await openHistory('All');
    await says('1 entry could not be read and is left out.');
    await vi.waitFor(() => expect(all('listitem')).toHaveLength(1));
  });
});

describe('the current tab’s subscription', () => {
  it('is shown as it is known, then anew, then as it changes', async () => {
    world.tabAddress = PAGE;
    const read = deferred();
    world.worker['subscription.read'] = async ({ anew }) => {
      if (!anew) return view(aRecord({ displayName: 'Known of old' }));
      await read.promise;
      return view(aRecord({ partnerOfRecord: attached({ ...CONTOSO, name: HOSTILE }) }));
    };
    openPopup();
    await says(/Known of oldNo partner of record.*From localhost:8787, read 5 minutes ago/);
    read.resolve();
    await says(`Production${HOSTILE} (1234567)`);
    tell({ changed: 'subscription', view: view(aRecord({ partnerOfRecord: attached(FABRIKAM) })) });
    await says('Fabrikam (7654321)');
  });

  it('offers to change it to whoever may, and to nobody who may not', async () => {
    world.tabAddress = PAGE;
    const reader = { role: 'Reader', canChangePartner: false } as const;
    world.worker['subscription.read'] = async () => view(aRecord());
    openPopup();
    await the('button', 'Change');
    tell({ changed: 'subscription', view: view(aRecord({ caller: reader })) });
    await vi.waitFor(() => expect(all('button', 'Change')).toEqual([]));
  });

  it('is never shown as “none” while it is unknown', async () => {
    world.tabAddress = PAGE;
    world.worker['subscription.read'] = async ({ anew }) =>
      view(null, { failure: anew ? { reason: 'noAnswer' } : null });
    openPopup();
    await says('The partner of record is not known yet.');
    await says('localhost:8787 can’t be reached.');
    expect(text()).not.toContain('No partner of record');
  });

  it('is absent on any other page', async () => {
    world.tabAddress = 'https://portal.azure.com/#home';
    openPopup();
    await the('textbox', 'Partner IDs');
    expect(all('region', 'This page')).toEqual([]);
  });
});

describe('the current tab’s subscription, when nobody is signed in', () => {
  it('has the way to sign in, and is read anew once somebody is', async () => {
    world.tabAddress = PAGE;
    let signedIn = false;
    world.worker['subscription.read'] = async () =>
      signedIn ? view(held) : view(null, { failure: { reason: 'signInNeeded' } });
    world.worker['signIn.start'] = async () => {
      signedIn = true;
      tell({ changed: 'settings' });
      return 'signedIn';
    };
    openPopup();
    const here = await the('region', 'This page');
    await press('Sign in', 'button', here);
    await vi.waitFor(() => expect(text(here)).toContain('Contoso (1234567)'));
    expect(all('button', 'Sign in')).toEqual([]);
  });

  it('is not called “being read” where no service is set up', async () => {
    world.tabAddress = PAGE;
    world.worker['subscription.read'] = async () => view(null, { source: null });
    openPopup();
    await says('No service is set up yet, so the partner of record is not known here.');
    expect(all('button', 'Change')).toEqual([]);
  });

  it('names whom its own connection says to ask', async () => {
    world.tabAddress = PAGE;
    const failure = { reason: 'refused', status: 403, code: 'NotPermitted' } as const;
    world.worker['subscription.read'] = async () => view(null, { failure, support: 'own@northwind.example' });
    openPopup({ in: 'popup' }, 'default@contoso.example');
    await says('Whom to ask: own@northwind.example');
    expect(text()).not.toContain('default@contoso.example');
  });

  it('has no service that is not set up where the settings could not be read', async () => {
    world.tabAddress = PAGE;
    world.worker['subscription.read'] = async () => view(null, { source: null, settingsUnread: true });
    openPopup();
    await says('Your settings could not be read');
    expect(text(await the('region', 'This page'))).not.toContain('No service');
  });
});

describe('the same in a tab', () => {
  it('is a link away, which knows the tab that the popup is over', async () => {
    openPopup();
    const link = await the('link', 'Open in a tab');
    await vi.waitFor(() => expect(link.getAttribute('href')).toMatch(/src\/popup\/index\.html\?tab=7$/));
    expect(placeOf('?tab=7')).toEqual({ in: 'tab', over: 7 });
    expect(placeOf('?tab=')).toEqual({ in: 'tab', over: null });
    expect(placeOf('')).toEqual({ in: 'popup' });
  });

  it('shows the page that the popup was over, the history with both exports, and no further link to itself', async () => {
    world.tabAddresses.set(7, PAGE);
    await write(done());
    openPopup({ in: 'tab', over: 7 });
    await the('region', 'This page');
    expect(all('link', 'Open in a tab')).toEqual([]);
    await the('link', 'All subscriptions');
    await press('History', 'tab');
    await the('button', 'Export CSV');
    await the('button', 'Export JSON');
  });

  it('reads the page’s subscription again once the worker has ended', async () => {
    world.tabAddresses.set(7, PAGE);
    openPopup({ in: 'tab', over: 7 });
    await says('ProductionContoso');
    held = aRecord({ partnerOfRecord: attached(FABRIKAM) });
    endWorker();
    await says('ProductionFabrikam');
  });

  it('shows no page where that tab is gone', async () => {
    openPopup({ in: 'tab', over: 7 });
    await the('textbox', 'Partner IDs');
    expect(all('region', 'This page')).toEqual([]);
  });
});

describe('a portal that the browser withholds', () => {
  it('is named and can be allowed', async () => {
    world.held.delete('https://portal.azure.com/*');
    openPopup();
    await says('The browser keeps the extension away from Azure portal');
    await press('Allow');
    expect(world.asked).toContain('https://portal.azure.com/*');
    expect(world.asked).not.toContain('https://admin.microsoft.com/*');
    await vi.waitFor(() => expect(all('button', 'Allow')).toEqual([]));
  });

  it('stays withheld when the person refuses, and the popup says so', async () => {
    world.held.delete('https://admin.microsoft.com/*');
    world.allows = false;
    openPopup();
    await press('Allow');
    await says('Not allowed. You can allow it later');
  });

  it('is not asked about when it is switched off', async () => {
    world.held.delete('https://portal.azure.com/*');
    await browser.storage.local.set({ portals: { off: ['azure'], own: [] } });
    openPopup();
    await the('textbox', 'Partner IDs');
    expect(all('button', 'Allow')).toEqual([]);
  });
});

describe('“Change” beside this page’s partner', () => {
  it('opens the extension’s own window for the subscription that is shown', async () => {
    world.tabAddress = PAGE;
    const asked: unknown[] = [];
    world.worker['confirm.openFor'] = async (input) => {
      asked.push(input);
      return 'opened';
    };
    openPopup();
    await press('Change');
    await vi.waitFor(() => expect(asked).toEqual([{ subscriptionId: SUBSCRIPTION_ID }]));
    expect(all('alert')).toEqual([]);
  });

  it('says so when that window is still at another change', async () => {
    world.tabAddress = PAGE;
    world.worker['confirm.openFor'] = async () => 'busy';
    openPopup();
    await press('Change');
    await says('The extension’s window is still at another change.');
  });
});

describe('the popup', () => {
  it('says whose record it is and leads to the other pages', async () => {
    openPopup();
    const title = await the('heading', 'Partner of Record Helper');
    const whose = 'This is your organisation’s own record. It changes nothing at Microsoft.';
    await vi.waitFor(() => expect(title.title).toBe(whose));
    expect((await the('link', 'All subscriptions')).getAttribute('href')).toMatch(/subscriptions\/index\.html$/);
    expect((await the('link', 'Options')).getAttribute('href')).toMatch(/options\/index\.html$/);
  });

  it('leads to the tenants where a connection holds links, and only there', async () => {
    openPopup();
    await the('link', 'All subscriptions');
    expect(all('link', 'Tenants')).toEqual([]);
    await browser.storage.local.set({
      settings: {
        version: 3,
        connections: [CONNECTION, anEntraConnection({ id: uuid(3) })],
        defaultConnection: CONNECTION.id,
      },
    });
    expect((await the('link', 'Tenants')).getAttribute('href')).toMatch(/tenants\/index\.html$/);
  });

  it('has no Check ID where the connection’s kind cannot check, nor a way to a list that it cannot make', async () => {
    can = { ...SERVICE_CAN, check: false, list: false };
    openPopup();
    await vi.waitFor(() => expect(all('link', 'All subscriptions')).toEqual([]));
    expect(all('textbox', 'Partner IDs')).toEqual([]);
    expect(all('button', 'Check ID')).toEqual([]);
    // What is there instead says what can be done, and the tab is not called by what is not.
    expect(all('tab').map((tab) => text(tab))).toEqual(['Partner', 'History']);
    await says('Open a subscription’s page in your portal');
    await the('link', 'Options');
  });

  it('draws no line round all of it for the focus that the box had until the kind was known', async () => {
    const told = deferred();
    const kind = {
      kind: 'service',
      can: { ...SERVICE_CAN, check: false },
      signIns: ['none'],
      steps: TEST_STEPS,
    } as const;
    world.worker['connections.kinds'] = async () => {
      await told.promise;
      return [kind];
    };
    openPopup();
    const box = await the('textbox', 'Partner IDs');
    await vi.waitFor(() => expect(document.activeElement).toBe(box));
    told.resolve();
    await says('Open a subscription’s page in your portal');
    await vi.waitFor(() => expect(document.activeElement).toBe(document.body));
  });

  it('says that this version does not know the connection’s kind, where nothing can be checked or changed', async () => {
    world.worker['connections.kinds'] = async () => [{ kind: 'other', can, signIns: ['none'], steps: TEST_STEPS }];
    openPopup();
    await says('This version of the extension does not know this kind of backend.');
    expect(all('textbox', 'Partner IDs')).toEqual([]);
    await the('button', 'Open options');
  });
});

describe('a page that the extension is kept out of', () => {
  const POLICY = 'This page cannot be scripted due to an ExtensionsSettings policy.';
  const portals = { off: [], own: [] };

  it.each([
    ['by policy, which hides the address too', undefined, POLICY, null],
    ['by policy', PAGE, POLICY, 'portal.azure.com'],
    ['by a list of Firefox', PAGE, 'Missing host permission for the tab', 'portal.azure.com'],
  ])('%s is found out by the error', async (_how, tabAddress, scriptError, host) => {
    Object.assign(world, { tabAddress, scriptError });
    expect(await keptOutOf(portals)).toEqual({ host });
  });

  it.each([
    ['a page where it may', PAGE, undefined],
    ['a page that is none of its business', 'https://example.com/', POLICY],
    ['a page without permission, in Firefox', 'https://example.com/', 'Missing host permission for the tab'],
    ['a page without permission, in Chromium', undefined, 'Cannot access contents of the page.'],
    ['a portal’s page that is just an error', PAGE, 'Frame with ID 0 is showing error page'],
  ])('is not %s', async (_what, tabAddress, scriptError) => {
    Object.assign(world, { tabAddress, scriptError });
    expect(await keptOutOf(portals)).toBeNull();
  });

  it('is not one where the person can allow it, or whose portal is switched off', async () => {
    Object.assign(world, { tabAddress: PAGE, scriptError: POLICY });
    expect(await keptOutOf({ off: ['azure'], own: [] })).toBeNull();
    world.held.clear();
    expect(await keptOutOf(portals)).toBeNull();
  });

  it('is told in the popup', async () => {
    Object.assign(world, { tabAddress: PAGE, scriptError: POLICY });
    openPopup();
    await says('Your browser or organisation keeps the extension out of portal.azure.com.');
  });
});

describe('many changes from portal pages', () => {
  it('are told once, until the person has seen it', async () => {
    const portalUses = { uses: { shown: [], pressed: [], changes: [], checks: [], windows: [] }, present: [] };
    world.worker['manyChanges.seen'] = async () => {
      await browser.storage.session.set({ portalUses: { ...portalUses, manyChanges: { seen: true } } });
      return null;
    };
    await browser.storage.session.set({ portalUses: { ...portalUses, manyChanges: null } });
    openPopup();
    await the('tab', 'History');
    expect(all('button', 'I have seen it')).toEqual([]);
    await browser.storage.session.set({ portalUses: { ...portalUses, manyChanges: { seen: false } } });
    await says('More than 10 changes were made from portal pages within 10 minutes.');
    (await the('button', 'I have seen it')).focus();
    await press('I have seen it');
    await vi.waitFor(() => expect(all('button', 'I have seen it')).toEqual([]));
    // The keyboard stays where it was, and does not fall to the page.
    expect(document.activeElement?.tagName).toBe('MAIN');
  });
});

describe('changes that were asked for together', () => {
  const ITEMS = itemsOf(3);
  /** A batch of three, of which the first two meet what others set meanwhile. */
  async function withConflicts(person: Person | null = ADA): Promise<void> {
    const batch = aBatch(1, ITEMS, { person, askedAt: Date.now() });
    await history.acceptBatch(batch, ITEMS);
    await history.makeRows(batch.id);
    for (const { id } of ITEMS.slice(0, 2)) {
      await history.applyEvent(id, { type: 'sent', at: Date.now() });
      await history.applyEvent(id, { type: 'preconditionFailed', at: Date.now(), state: stateOf(held) });
    }
  }

  it('are one thing that needs the person, beside what was asked for by itself, with the way to the batch', async () => {
    await withConflicts();
    await write(conflict());
    openPopup();
    const region = await the('region', 'Needs you');
    await vi.waitFor(() => expect(all('article', undefined, region)).toHaveLength(2));
    const [batch] = all('article', undefined, region)
      .map((article) => text(article))
      .sort();
    expect(batch).toContain('2 changes');
    expect(batch).toContain('2 conflicts');
    const link = all('link', undefined, region).find((one) => one.getAttribute('href')?.includes('?batch='));
    expect(link?.getAttribute('href')).toContain(`src/subscriptions/index.html?batch=${uuid(1)}`);
  });

  it('have their conflicts answered at once only after a question', async () => {
    const answers: object[] = [];
    world.worker['batch.answerConflicts'] = async (input) => {
      answers.push(input);
      return { ok: false, problem: 'nothingToChange', leftOut: [] };
    };
    await withConflicts();
    await openHistory();
    await press('Overwrite all');
    await the('alertdialog', 'Overwrite 2 conflicts?');
    await press('No');
    expect(answers).toEqual([]);
    await press('Overwrite all');
    await press('Yes');
    await vi.waitFor(() => expect(answers).toMatchObject([{ batchId: uuid(1), answer: 'overwrite' }]));
  });

  describe('and have failed', () => {
    const RETRIED = itemsOf(3, 2000);
    const retry = aBatch(2, RETRIED, { kind: 'retry', of: uuid(1), person: ADA, askedAt: Date.now() });
    beforeEach(async () => {
      const batch = aBatch(1, ITEMS, { person: ADA, askedAt: Date.UTC(2020, 0, 1, 12) });
      await history.acceptBatch(batch, ITEMS);
      await history.makeRows(batch.id);
      for (const { id } of ITEMS) {
        const failure = { reason: 'refused', status: 403 } as const;
        await history.applyEvent(id, { type: 'sent', at: Date.now() });
        await history.applyEvent(id, { type: 'failed', at: Date.now(), failure, retryAfterMs: null, chance: 0 });
      }
    });
    const news = () => tell({ changed: 'history' });

    it('are retried once: from then on that is said, and not offered', async () => {
      world.worker['batch.retry'] = async () => {
        await history.acceptBatch(retry, RETRIED);
        news();
        return { ok: true, progress: nothingMade(retry.id, 3), asked: 3, leftOut: [] };
      };
      await openHistory();
      await press('Retry failed');
      await says('What failed was asked for again.');
      expect(all('button', 'Retry failed')).toEqual([]);
    });

    it('are not offered a second retry where the list does not show the first one', async () => {
      await history.acceptBatch(retry, RETRIED);
      await openHistory();
      await vi.waitFor(() => expect(all('listitem')).toHaveLength(2));
      await type('textbox', 'To', '2020-01-02');
      await vi.waitFor(() => expect(all('listitem')).toHaveLength(1));
      expect(text()).toContain('What failed was asked for again.');
      expect(all('button', 'Retry failed')).toEqual([]);
    });

    it('are offered the retry again once that was stopped', async () => {
      await history.acceptBatch(retry, RETRIED);
      await openHistory();
      await says('What failed was asked for again.');
      await history.stopBatch(retry.id, Date.now());
      news();
      await the('button', 'Retry failed');
      expect(text()).not.toContain('What failed was asked for again.');
    });
  });

  it('name what a retry or an undo leaves out, and who holds it', async () => {
    world.worker['batch.answerConflicts'] = async () => {
      const leftOut = [{ name: 'Machines', holding: { partnerOfRecord: null, version: '"2"' } }];
      return { ok: false, problem: 'nothingToChange', leftOut };
    };
    await withConflicts();
    await openHistory();
    await press('Overwrite all');
    await press('Yes');
    await says(
      '1 was left out: somebody has changed it since, or it is so already. Machines has no partner of record.',
    );
  });

  it('by another person are sent as one’s own or discarded', async () => {
    const done: object[] = [];
    world.worker['batch.sendAsMe'] = async (input) => {
      done.push(input);
      return { ok: false, problem: 'otherByNow' };
    };
    world.worker['batch.stop'] = async (input) => {
      done.push(input);
      return null;
    };
    await withConflicts(BEN);
    await openHistory();
    await says('Asked by Ben');
    await press('Send as me');
    await vi.waitFor(() => expect(done).toEqual([{ batchId: uuid(1), me: 'Ada' }]));
    await says('Not sent: somebody else is signed in by now');
    await press('Discard');
    await vi.waitFor(() => expect(done[1]).toEqual({ batchId: uuid(1) }));
  });
});
