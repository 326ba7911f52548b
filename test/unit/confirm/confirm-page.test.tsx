import { toContoso } from '../../support/changes';
import { CONNECTION_ID, SERVICE_CAN } from '../../support/connections';
import { deferred } from '../../support/deferred';
import { attached, CONTOSO, FABRIKAM } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { aRecord } from '../../support/records';
import { SUBSCRIPTION_ID, subscriptionId, uuid } from '../../support/targets';
import { holdingOf, stateOf } from '../../../src/domain/partner-state';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfirmPage } from '../../../src/confirm/confirm-page';
import type { Change, ChangeLife } from '../../../src/domain/change';
import { planChange } from '../../../src/domain/change-request';
import type { ConfirmSubject } from '../../../src/domain/confirm-window';
import type { CheckOutcome } from '../../../src/domain/history';
import type { Partner } from '../../../src/domain/partner';
import { nameOfPerson, type Person } from '../../../src/domain/person';
import { standingOf } from '../../../src/domain/standing';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { ChangeAnswer, SubscriptionView } from '../../../src/messaging/protocol';
import { browser, endWorker, resetWorld, world } from '../../support/page-browser';
import { all, press, says, text, the, type } from '../../support/screen';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const partners: readonly Partner[] = [CONTOSO, FABRIKAM];

/** What the service holds, and the newest change of it. */
let held: SubscriptionRecord;
let newest: Change | null;
/** Who is signed in. */
let present: Person | null;
let more: Partial<SubscriptionView>;
let tell: ReturnType<typeof createBroadcaster>;
let asked: { name: string; input: unknown }[];
let focused: boolean;

const view = (): SubscriptionView => ({
  subscriptionId: subscriptionId(SUBSCRIPTION_ID),
  source: 'localhost:8787',
  state: stateOf(held),
  can: SERVICE_CAN,
  readAt: Date.now() - 60_000,
  order: 1,
  failure: null,
  standing: newest && standingOf(newest, { connectionId: CONNECTION_ID, person: present, mayChange: true }, Date.now()),
  changeOrder: newest?.askedAt ?? 0,
  support: null,
  ...more,
});

/** Makes the change at once. */
function ask(name: string, id: string, after: Partner | null, seen: string): ChangeAnswer {
  const target = { kind: 'subscription', connectionId: CONNECTION_ID, id: subscriptionId(SUBSCRIPTION_ID) } as const;
  const plan = planChange(stateOf(held), {
    target,
    after: after?.partnerId ?? null,
    seen,
  });
  asked.push({ name, input: { after, seen } });
  if (!plan.ok) {
    return plan.problem === 'changedSince'
      ? { ok: false, problem: plan.problem, found: holdingOf(stateOf(held)), view: view() }
      : { ok: false, problem: plan.problem };
  }
  const { kind, before, basedOn } = plan;
  held = aRecord({ partnerOfRecord: after && attached({ ...CONTOSO, ...after }), etag: `"${asked.length + 1}"` });
  const outcome = holdingOf(stateOf(held));
  newest = toContoso(
    { state: 'done', attempts: 1, endedAt: Date.now(), outcome },
    { id, kind, before, after, basedOn },
  );
  const { standing } = view();
  if (standing === null) throw new Error('There is a change');
  return { ok: true, standing };
}

/** Someone else's doing, or an earlier one's, comes to this window. */
function becomes(life: ChangeLife, changed: Partial<Change> = {}): void {
  newest = toContoso(life, { id: uuid(7), kind: 'change', before: CONTOSO, after: FABRIKAM, ...changed });
}

beforeEach(() => {
  resetWorld();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], shouldAdvanceTime: true });
  held = aRecord({ partnerOfRecord: attached(CONTOSO) });
  newest = null;
  present = ADA;
  more = {};
  asked = [];
  focused = true;
  tell = createBroadcaster();
  vi.spyOn(document, 'hasFocus').mockImplementation(() => focused);
  const note = (name: string) => async (input: unknown) => {
    asked.push({ name, input });
    return null;
  };
  world.worker = {
    'subscription.read': async () => view(),
    async 'partner.check'({ partnerId }) {
      const partner = partners.find((one) => one.partnerId === partnerId);
      const outcome: CheckOutcome = partner === undefined ? { kind: 'unknownPartner' } : { kind: 'found', partner };
      return outcome;
    },
    'confirm.underWay': note('confirm.underWay'),
    'change.seen': note('change.seen'),
    'change.stop': note('change.stop'),
    'change.keep': note('change.keep'),
    'change.tryNow': note('change.tryNow'),
    async 'signIn.start'() {
      asked.push({ name: 'signIn.start', input: {} });
      return 'signedIn';
    },
    async 'change.sendAsMe'(input) {
      asked.push({ name: 'change.sendAsMe', input });
      return { ok: false, problem: 'otherByNow' };
    },
    'change.assign': async ({ id, partnerId, seen }) =>
      ask('change.assign', id, partners.find((one) => one.partnerId === partnerId) ?? null, seen),
    'change.remove': async ({ id, seen }) => ask('change.remove', id, null, seen),
    'change.overwrite': async ({ id, seen }) => ask('change.overwrite', id, FABRIKAM, seen),
    'change.undo': async ({ id, seen }) => ask('change.undo', id, CONTOSO, seen),
  };
});
afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const SUBJECT: ConfirmSubject = { id: uuid(1), subscriptionId: subscriptionId(SUBSCRIPTION_ID), typed: '' };
const open = (typed = '') => render(<ConfirmPage subject={{ ...SUBJECT, typed }} />, document.body);
const asks = (name: string) => asked.filter((one) => one.name === name);
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const TOO_EARLY = 'That press came too early';

/** Presses once presses count. */
async function act(name: string): Promise<void> {
  await the('button', name);
  await wait(600);
  await press(name);
}

async function check(typed: string): Promise<void> {
  await type('textbox', 'Partner ID', typed);
  await press('Check ID');
}

describe('The window to confirm in', () => {
  it('names subscription and partner before and after, and saves what was checked', async () => {
    open();
    await says('SubscriptionProduction');
    await says(SUBSCRIPTION_ID);
    await says('Partner of record nowContoso (1234567)');
    expect(all('button', 'Save partner')).toEqual([]);
    await check(FABRIKAM.partnerId);
    await says('Partner after savingFabrikam (7654321)');
    await says('What this partner will see');
    await act('Save partner');
    await says('Partner information has been changed.');
    expect(asks('change.assign')).toEqual([{ name: 'change.assign', input: { after: FABRIKAM, seen: '"1"' } }]);
    await says('Partner of record nowFabrikam');
    await the('button', 'Close');
  });

  it('has what was typed in the page as text to look at, checked by nobody', async () => {
    open(CONTOSO.partnerId);
    const box = await the('textbox', 'Partner ID');
    expect(box).toHaveProperty('value', CONTOSO.partnerId);
    await says('This ID came from the page.');
    expect(text()).not.toContain('Partner after saving');
    await type('textbox', 'Partner ID', '12');
    expect(text()).not.toContain('This ID came from the page.');
  });

  it('has the focus in the text box, and on No before a removal; Escape is No', async () => {
    open();
    const box = await the('textbox', 'Partner ID');
    await vi.waitFor(() => expect(document.activeElement).toBe(box));
    await act('Remove partner');
    const no = await the('button', 'No');
    expect(document.activeElement).toBe(no);
    no.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
    expect(document.activeElement?.textContent).toBe('Remove partner');
    expect(asks('change.remove')).toEqual([]);
  });

  it('removes after the question alone, and offers Undo', async () => {
    open();
    await act('Remove partner');
    await the('alertdialog', 'Remove partner of record?');
    await act('Yes');
    await says('Partner information has been removed.');
    await act('Undo');
    await says('Partner information has been changed.');
    expect(held.partnerOfRecord?.partnerId).toBe(CONTOSO.partnerId);
  });

  it('says that it has removed only beside what that led to', async () => {
    open();
    await act('Remove partner');
    await the('alertdialog', 'Remove partner of record?');
    const read = deferred();
    world.worker['subscription.read'] = async () => {
      await read.promise;
      return view();
    };
    await act('Yes');
    await vi.waitFor(() => expect(asks('change.remove')).toHaveLength(1));
    await wait(100);
    expect(text()).not.toContain('Partner information has been removed.');
    read.resolve();
    await says('Partner information has been removed.');
    expect(text()).toContain('No partner of record');
  });

  it('saves nothing that is not what was checked, nor what is so already', async () => {
    open();
    await check(FABRIKAM.partnerId);
    await the('button', 'Save partner');
    await type('textbox', 'Partner ID', '7654322');
    await vi.waitFor(() => expect(all('button', 'Save partner')).toEqual([]));
    await press('Check ID');
    await says('There is no partner with the ID 7654322.');
    await check(CONTOSO.partnerId);
    await says('This already is the partner of record.');
    expect(all('button', 'Save partner')).toEqual([]);
  });

  it('does not save over what another set meanwhile: it shows that first', async () => {
    open();
    await check(FABRIKAM.partnerId);
    await the('button', 'Save partner');
    const seen = held;
    held = aRecord({ partnerOfRecord: attached({ ...CONTOSO, name: 'Another' }), etag: '"9"' });
    expect(seen.etag).toBe('"1"');
    await act('Save partner');
    await says('The record has changed since you saw it, so nothing was changed.');
    await says('Another');
    await act('Save partner');
    await says('Partner information has been changed.');
  });

  it('is about nothing when it is not the worker’s window', async () => {
    render(<ConfirmPage subject={null} />, document.body);
    await says('There is nothing to confirm here.');
    expect(all('textbox')).toEqual([]);
    await press('Close');
    expect(world.closed).toEqual([8]);
  });

  it('lets somebody who may not change the partner do nothing, and says who may', async () => {
    held = aRecord({ caller: { role: 'Reader', canChangePartner: false } });
    open();
    await says(/Reader|reader/);
    expect(all('button').map(({ textContent }) => textContent)).toEqual([
      'Who may do this?',
      'Whom do I ask?',
      'Close',
    ]);
  });

  it('closes on Cancel and has changed nothing', async () => {
    open();
    await the('textbox', 'Partner ID');
    await press('Cancel');
    await vi.waitFor(() => expect(world.closed).toEqual([8]));
    expect(asked).toEqual([]);
  });
});

describe('What it shows', () => {
  const tellView = (more: Partial<SubscriptionView>) => tell({ changed: 'subscription', view: { ...view(), ...more } });

  it('is never older than what it has shown, whichever comes last', async () => {
    open();
    await says('Partner of record nowContoso');
    held = aRecord({ partnerOfRecord: attached(FABRIKAM), etag: '"2"' });
    tellView({ order: 3 });
    await says('Partner of record nowFabrikam');
    held = aRecord({ partnerOfRecord: attached(CONTOSO), etag: '"1"' });
    tellView({ order: 2 });
    await wait(100);
    expect(text()).toContain('Partner of record nowFabrikam');
  });

  it('is read anew once the worker has ended, though that one had kept more of it than found room', async () => {
    open();
    await says('Partner of record nowContoso');
    tellView({ order: 9 });
    held = aRecord({ partnerOfRecord: attached(FABRIKAM), etag: '"2"' });
    endWorker();
    await says('Partner of record nowFabrikam');
  });
});

describe('A press in it', () => {
  it('counts after half a second of focus, and again half a second after the focus came back', async () => {
    open();
    await check(FABRIKAM.partnerId);
    await the('button', 'Save partner');
    await wait(600);
    focused = false;
    window.dispatchEvent(new Event('blur'));
    await press('Save partner');
    await says(TOO_EARLY);
    focused = true;
    window.dispatchEvent(new Event('focus'));
    await press('Save partner');
    await says(TOO_EARLY);
    expect(asks('change.assign')).toEqual([]);
    await wait(600);
    await press('Save partner');
    await says('Partner information has been changed.');
    expect(text()).not.toContain(TOO_EARLY);
  });

  it('does not count while the window is hidden, nor right after', async () => {
    open();
    await the('button', 'Remove partner');
    await wait(600);
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    await press('Remove partner');
    visibility.mockReturnValue('visible');
    document.dispatchEvent(new Event('visibilitychange'));
    await press('Remove partner');
    await says(TOO_EARLY);
    expect(all('alertdialog')).toEqual([]);
  });

  it('does not count right after something else came to stand there', async () => {
    open();
    await act('Remove partner');
    await press('Yes');
    await says(TOO_EARLY);
    expect(asks('change.remove')).toEqual([]);
    await act('Yes');
    await says('Partner information has been removed.');
  });
});

describe('A change on its way', () => {
  const waiting = {
    state: 'waiting',
    for: 'turn',
    wait: { from: Date.now() - 20_000, ms: 32_000 },
    attempts: 3,
    triedMs: 40_000,
    firstSentAt: Date.now() - 60_000,
    lastSentAt: Date.now() - 20_000,
    effectPossible: true,
    lastFailure: { reason: 'noAnswer' },
    settle: null,
    failedReads: 0,
  } as const;

  it('stands in the status with what may be done, and the window tells that it is not to be given up', async () => {
    becomes(waiting);
    open();
    await says('Still trying.');
    expect(all('textbox')).toEqual([]);
    await vi.waitFor(() =>
      expect(asks('confirm.underWay')).toEqual([{ name: 'confirm.underWay', input: { id: uuid(1), underWay: true } }]),
    );
    await act('Stop trying');
    await vi.waitFor(() => expect(asks('change.stop').map(({ input }) => input)).toEqual([{ changeId: uuid(7) }]));
    becomes({ state: 'cancelled', attempts: 3, endedAt: Date.now() });
    tell({ changed: 'subscription', view: view() });
    await says('Stopped. Nothing was changed.');
    await vi.waitFor(() => expect(asks('confirm.underWay').at(-1)?.input).toMatchObject({ underWay: false }));
  });

  it('that waits for a sign-in is signed in for', async () => {
    becomes({ ...waiting, for: 'signIn', lastFailure: { reason: 'signInNeeded' } });
    open();
    await act('Sign in');
    await vi.waitFor(() => expect(asks('signIn.start')).toHaveLength(1));
  });

  it('that waits for a sign-in tells what came of one, until somebody is signed in', async () => {
    becomes({ ...waiting, for: 'signIn', lastFailure: { reason: 'signInNeeded' } });
    world.worker['signIn.start'] = async () => 'cancelled';
    open();
    await act('Sign in');
    await says('Signing in was cancelled.');
    world.worker['signIn.start'] = async () => 'failed';
    await act('Sign in');
    await says('Signing in did not work. Open the options to see why.');
    expect(text()).not.toContain('Signing in was cancelled.');
    becomes(waiting);
    tell({ changed: 'subscription', view: view() });
    await vi.waitFor(() => expect(text()).not.toContain('Signing in did not work'));
  });

  it('of another person is sent as one’s own under the name that was shown, or said not to be', async () => {
    present = BEN;
    becomes({ ...waiting, for: 'person' });
    open();
    await says('Asked by Ada. You are signed in as Ben.');
    await act('Send as me');
    await says('Not sent: somebody else');
    expect(asks('change.sendAsMe')).toEqual([{ name: 'change.sendAsMe', input: { changeId: uuid(7), me: 'Ben' } }]);
  });

  it('of another person is not sent as whoever signed in a moment before the press', async () => {
    present = BEN;
    becomes({ ...waiting, for: 'person' });
    open();
    await says('Asked by Ada. You are signed in as Ben.');
    await wait(600);
    present = { ...BEN, sub: 'cleo', name: 'Cleo' };
    tell({ changed: 'subscription', view: view() });
    await says('Asked by Ada. You are signed in as Cleo.');
    await press('Send as me');
    await says(TOO_EARLY);
    expect(asks('change.sendAsMe')).toEqual([]);
  });

  it('that met another’s is overwritten with what is known by now, or kept', async () => {
    const found = { partnerOfRecord: attached(CONTOSO), version: '"1"' };
    becomes({ state: 'conflict', attempts: 1, endedAt: Date.now(), found, answer: null });
    open();
    await says('Meanwhile somebody else set the partner to Contoso (1234567)');
    await act('Keep');
    await vi.waitFor(() => expect(asks('change.keep')).toHaveLength(1));
    await act('Overwrite');
    await says('Partner information has been changed.');
    expect(asks('change.overwrite')).toEqual([{ name: 'change.overwrite', input: { after: FABRIKAM, seen: '"1"' } }]);
  });

  it('that is refused is said to be, and leaves the badge', async () => {
    becomes({ ...waiting, lastFailure: null, attempts: 1 });
    open();
    await says('Saving…');
    becomes({
      state: 'refused',
      attempts: 1,
      endedAt: Date.now(),
      failure: { reason: 'refused', code: 'NotPermitted', status: 403 },
      seen: false,
    });
    tell({ changed: 'subscription', view: view() });
    await says('The change was not made. You may not change the partner of record of this subscription.');
    await vi.waitFor(() => expect(asks('change.seen')).toHaveLength(1));
  });
});

describe('Another subscription that the window is asked for', () => {
  const other = { subject: { ...SUBJECT, id: uuid(2) }, windowId: 3, underWay: false };

  it('has it closed where nothing is under way', async () => {
    open();
    await the('textbox', 'Partner ID');
    await browser.storage.session.set({ confirmWindow: other });
    await vi.waitFor(() => expect(world.closed).toEqual([8]));
  });

  it('does not take it from a person who has checked an ID', async () => {
    open();
    await check(FABRIKAM.partnerId);
    await the('button', 'Save partner');
    await browser.storage.session.set({ confirmWindow: other });
    await wait(100);
    expect(world.closed).toEqual([]);
    await act('Save partner');
    await says('Partner information has been changed.');
  });
});

describe('What is in the way', () => {
  it.each([
    [{ failure: { reason: 'signInNeeded' } }, 'You are not signed in.', 'Sign in'],
    [{ failure: { reason: 'noAnswer' } }, 'can’t be reached. Check your network or VPN', 'Try again'],
    [{ source: null, record: null }, 'No service is set up yet', 'Open options'],
  ] as const)('is said, with what to do: %j', async (in_, words, button) => {
    more = in_;
    open();
    await says(words);
    await the('button', button);
  });

  it('is asked of whoever runs the service, where that does not know the subscription', async () => {
    more = { state: null, readAt: null, failure: { reason: 'refused', status: 404, code: 'SubscriptionNotFound' } };
    world.worker['person.present'] = async () => ADA;
    world.tabAddress = `https://portal.azure.com/#@contoso.com/resource/subscriptions/${SUBSCRIPTION_ID}/overview`;
    const copied: string[] = [];
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: async (words: string) => copied.push(words) } });
    open();
    await the('button', 'Copy a request');
    await vi.waitFor(async () => {
      await press('Copy a request');
      expect(copied.at(-1)).toContain(`Asked by: ${nameOfPerson(ADA)}`);
    });
    expect(copied.at(-1)).toContain(`Subscription ID: ${SUBSCRIPTION_ID}`);
    expect(copied.at(-1)).toContain(`Page in the portal: ${world.tabAddress}`);
    vi.unstubAllGlobals();
  });

  it('is told when the extension itself fails, and tried again', async () => {
    const working = world.worker['subscription.read'];
    world.worker['subscription.read'] = () => Promise.reject(new Error('broken'));
    open();
    await says('Something went wrong in the extension.');
    if (working !== undefined) world.worker['subscription.read'] = working;
    await press('Try again');
    await the('textbox', 'Partner ID');
    expect(text()).not.toContain('Something went wrong');
  });
});
