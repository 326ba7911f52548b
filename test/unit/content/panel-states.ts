import { stateOf } from '../../../src/domain/partner-state';
import { type Asked, type Draft, EMPTY_DRAFT, type Known, type Log } from '../../../src/content/panel-state';
import type { About } from '../../../src/words/about';
import type { Change, ChangeLife, Waiting } from '../../../src/domain/change';
import type { Failure } from '../../../src/domain/failure';
import type { CheckOutcome } from '../../../src/domain/history';
import type { PartnerId, PartnerOfRecord } from '../../../src/domain/partner';
import type { Person } from '../../../src/domain/person';
import type { CheckAnswer } from '../../../src/domain/partner-form';
import { standingOf } from '../../../src/domain/standing';
import type { LoggedChange, SubscriptionRecord } from '../../../src/domain/subscription';
import type { ChangesAnswer, SubscriptionView } from '../../../src/messaging/protocol';
import { aChange } from '../../support/changes';
import { CONNECTION_ID, SERVICE_CAN } from '../../support/connections';
import { partnerId } from '../../support/partners';
import { aRecord } from '../../support/records';
import { subscriptionId, targetOf } from '../../support/targets';

/** Every state of the panel with the controls and words it shows: for the table test and for the gallery. */

export const NOW = Date.UTC(2026, 10, 23, 10, 42, 30);
export const SUBSCRIPTION = subscriptionId('6f3e1c52-0b1d-4c8a-9a44-0f5d7c1b2a33');
export const CHANGE_ID = '0b9f4c1e-55c4-4d3e-8a2f-3d1c7a9e6b10';
export const ADELE = {
  kind: 'openIdConnect',
  issuer: 'https://login.example',
  sub: 'adele',
  name: 'Adele Vance',
} as const satisfies Person;
export const ALEX = { ...ADELE, sub: 'alex', name: 'Alex Wilber' } as const satisfies Person;

export const contoso: PartnerOfRecord = {
  partnerId: partnerId('423451'),
  name: 'Contoso Cloud Partners',
  assignedAt: '2025-03-03T09:30:00Z',
  assignedBy: 'Adele Vance',
};

export const fabrikam: PartnerOfRecord = {
  partnerId: partnerId('1234567'),
  name: 'Fabrikam Managed Services GmbH',
  assignedAt: '2026-11-23T10:42:00Z',
  assignedBy: 'Alex Wilber',
};

export function recordWith(
  partnerOfRecord: PartnerOfRecord | null,
  more: Partial<SubscriptionRecord> = {},
): SubscriptionRecord {
  return aRecord({
    subscriptionId: SUBSCRIPTION,
    displayName: 'Northwind production',
    startDate: '2024-01-01T00:00:00Z',
    customer: { id: 'northwind', name: 'Northwind Traders' },
    partnerOfRecord,
    etag: '"7"',
    ...more,
  });
}

interface Told extends Partial<Omit<SubscriptionView, 'standing'>> {
  readonly change?: Change | null;
  /** Who is signed in; null when nobody knows who. */
  readonly person?: Person | null;
}

/** What the worker tells of a record and the newest change of it. */
export function viewOf(
  record: SubscriptionRecord | null,
  { change = null, person = ADELE, ...more }: Told = {},
): SubscriptionView {
  const viewer = { connectionId: CONNECTION_ID, person, mayChange: record?.caller.canChangePartner ?? null };
  return {
    subscriptionId: SUBSCRIPTION,
    source: 'partners.northwind.example',
    state: record && stateOf(record),
    readAt: record === null ? null : NOW - 20_000,
    order: 1,
    failure: null,
    can: SERVICE_CAN,
    standing: change && standingOf(change, viewer, NOW),
    changeOrder: change?.askedAt ?? 0,
    support: null,
    ...more,
  };
}

/** A change from no partner, or from Contoso, to Fabrikam; or a removal of Contoso. Adele asked for it. */
export function changeOf(kind: Change['kind'], life?: ChangeLife, id = CHANGE_ID): Change {
  const change = aChange({
    id,
    target: targetOf(SUBSCRIPTION),
    targetName: 'Northwind production',
    kind,
    before: kind === 'assign' ? null : contoso,
    after: kind === 'remove' ? null : fabrikam,
    basedOn: '"7"',
    askedAt: NOW - 5000,
    person: ADELE,
  });
  return life === undefined ? change : { ...change, life };
}

export function waiting(more: Partial<Waiting>): Waiting {
  return {
    state: 'waiting',
    for: 'turn',
    wait: { from: NOW - 20_000, ms: 32_000 },
    attempts: 3,
    triedMs: 40_000,
    firstSentAt: NOW - 60_000,
    lastSentAt: NOW - 20_000,
    effectPossible: true,
    lastFailure: NO_ANSWER,
    settle: null,
    failedReads: 0,
    ...more,
  };
}

export const NO_ANSWER: Failure = { reason: 'noAnswer' };
export const SIGN_IN: Failure = { reason: 'signInNeeded', status: 401 };

export function done(outcome: PartnerOfRecord | null, version = '"8"'): ChangeLife {
  return { state: 'done', attempts: 1, endedAt: NOW - 1000, outcome: { partnerOfRecord: outcome, version } };
}

export function known(view: SubscriptionView | null, more: Partial<Known> = {}): Known {
  return {
    view,
    absent: false,
    reading: false,
    answered: true,
    gone: false,
    openedAt: NOW - 60_000,
    followed: null,
    ...more,
  };
}

export function checked(outcome: CheckAnswer | null, id: PartnerId = fabrikam.partnerId): Partial<Draft> {
  return { typed: id, check: { partnerId: id, outcome } };
}

/** Fabrikam asked for, on the record of version "7". */
export function asking(problem: Asked['problem']): Asked {
  const input = { id: CHANGE_ID, subscriptionId: SUBSCRIPTION, partnerId: fabrikam.partnerId, seen: '"7"' };
  return { command: { name: 'change.assign', input }, removal: false, problem };
}

export interface PanelState {
  readonly name: string;
  /** What it is about; the record unless given. */
  readonly about?: About;
  readonly known: Known;
  readonly draft: Draft;
  /** Role and name of every control, in order. */
  readonly controls: readonly string[];
  /** What the `status` says, `''` when nothing. */
  readonly status: string | RegExp;
  /** What the `alert`s say. */
  readonly alerts: readonly (string | RegExp)[];
  /** Words that stand elsewhere. */
  readonly says: readonly (string | RegExp)[];
}

export function state(
  name: string,
  known: Known,
  draft: Partial<Draft>,
  controls: readonly string[],
  words: Partial<Pick<PanelState, 'status' | 'alerts' | 'says'>> = {},
): PanelState {
  return { name, known, draft: { ...EMPTY_DRAFT, ...draft }, controls, status: '', alerts: [], says: [], ...words };
}

const BOX = 'textbox Partner ID';
const CHECK = 'button Check ID';
const ASK = 'disclosure What is a Partner ID?';
const SAVE = 'button Save partner';
const REMOVE = 'button Remove partner';
const CHANGE = 'button Change';
const LOG = 'button Log';
/** What can be done in the line of a partner. */
const LINE = [CHANGE, REMOVE, LOG] as const;
const DETAILS = 'disclosure Details';
const DISCLOSURE = 'disclosure What this partner will see';
const NONE = 'No partner of record';
export const FOUND: CheckOutcome = {
  kind: 'found',
  partner: { partnerId: fabrikam.partnerId, name: fabrikam.name },
  location: 'Munich, Germany',
};
const CONFIRM = 'button Confirm in the extension';
const SETS_FABRIKAM = 'The change sets the partner to Fabrikam Managed Services GmbH (1234567).';
const READER = { role: 'Reader', canChangePartner: false } as const;
const SUPPORT = 'por-desk@contoso.example';
const LONG_REASON = 'This subscription is looked after by the desk in Oslo, which alone changes its partner.';
const WITHHELD = viewOf(null, { source: null, withheld: true });
const WITHOUT_LOG = viewOf(recordWith(contoso), { can: { ...SERVICE_CAN, changeLog: false } });
const EARLIER_ID = 'c0ffee00-55c4-4d3e-8a2f-3d1c7a9e6b10';
const LOGGED: readonly LoggedChange[] = [
  { kind: 'change', before: contoso, after: fabrikam, at: fabrikam.assignedAt, by: 'Alex Wilber' },
  { kind: 'assign', before: null, after: contoso, at: contoso.assignedAt, by: 'Adele Vance' },
];
const log = (answer: ChangesAnswer | null): Log => ({ of: '"7"', reading: answer === null, answer });
/** The form was opened by “Change”. */
const OPEN = { unfolded: true } as const;
const ASSIGNED = recordWith(fabrikam, { etag: '"8"' });

export const STATES: readonly PanelState[] = [
  state('reading', known(null, { reading: true }), {}, [], { status: 'Reading the partner of record…' }),
  state('reading, nothing kept', known(viewOf(null), { reading: true }), {}, [], {
    status: 'Reading the partner of record…',
  }),
  state('withheld', known(WITHHELD), {}, ['button Show partner'], {
    says: ['This page showed many subscriptions in a short time'],
  }),
  state(
    'many checks',
    known(viewOf(recordWith(null))),
    checked({ kind: 'confirmInExtension' }),
    [LOG, CONFIRM, BOX, CHECK, ASK, DETAILS],
    {
      alerts: [/^Many IDs were checked from portal pages/],
    },
  ),
  state(
    'many changes',
    known(viewOf(recordWith(contoso))),
    { ...checked(FOUND), asked: asking('confirmInExtension') },
    [CHANGE, LOG, CONFIRM, BOX, CHECK, ASK, DISCLOSURE, DETAILS],
    {
      alerts: [/^Nothing was changed yet\. Confirm this change/],
    },
  ),
  state(
    'many changes, and the window is elsewhere',
    known(viewOf(recordWith(contoso))),
    {
      ...checked(FOUND),
      asked: asking('confirmInExtension'),
      windowProblem: 'busy',
    },
    [CHANGE, LOG, CONFIRM, BOX, CHECK, ASK, DISCLOSURE, DETAILS],
    { alerts: [/^Nothing was changed yet\./, /^The extension’s window is still at another change/] },
  ),
  state(
    'every change confirmed elsewhere',
    known(viewOf(recordWith(contoso), { confirms: true })),
    {},
    [LOG, CONFIRM, DETAILS],
    {
      says: ['Contoso Cloud Partners (423451)', 'Changes are made in the extension’s own window.'],
    },
  ),
  state(
    'every change confirmed elsewhere, none',
    known(viewOf(recordWith(null), { confirms: true })),
    {},
    [LOG, CONFIRM, DETAILS],
    {
      says: [NONE],
    },
  ),
  state(
    'every change confirmed elsewhere, the window opened too often',
    known(viewOf(recordWith(null), { confirms: true })),
    { windowProblem: 'tooMany' },
    [LOG, CONFIRM, DETAILS],
    { alerts: [/^Windows were opened from portal pages many times/] },
  ),
  state(
    'every change confirmed elsewhere, saving',
    known(viewOf(recordWith(contoso), { change: changeOf('change'), confirms: true })),
    {},
    [LOG, CONFIRM, DETAILS],
    { status: 'Saving…' },
  ),
  state(
    'every change confirmed elsewhere, saved',
    known(viewOf(ASSIGNED, { change: changeOf('change', done(fabrikam)), confirms: true })),
    {},
    [LOG, 'button Undo', CONFIRM, DETAILS],
    { status: /Partner information has been changed\.$/ },
  ),
  state('none', known(viewOf(recordWith(null))), {}, [LOG, BOX, CHECK, ASK, DETAILS], {
    says: [NONE, 'Northwind production', 'Kept bypartners.northwind.example'],
  }),
  state('one partner', known(viewOf(recordWith(contoso))), {}, LINE, {
    says: ['Contoso Cloud Partners (423451)', /Since .*2025.* by Adele Vance/],
  }),
  state(
    'hostile partner name',
    known(viewOf(recordWith({ ...contoso, name: '<img src=x onerror=alert(1)>=1+1\u202e' }))),
    {},
    LINE,
    {
      says: ['<img src=x onerror=alert(1)>=1+1[U+202E] (423451)'],
    },
  ),
  state('typing', known(viewOf(recordWith(contoso))), { typed: '1234', ...OPEN }, [...LINE, BOX, CHECK, ASK, DETAILS]),
  state(
    'not digits',
    known(viewOf(recordWith(contoso))),
    { typed: '12a', problem: 'notDigits', ...OPEN },
    [...LINE, BOX, CHECK, ASK, DETAILS],
    {
      alerts: ['A Partner ID has digits only.'],
    },
  ),
  state(
    'a GUID',
    known(viewOf(recordWith(null))),
    { typed: '6f3e1c52-0b1d-4c8a-9a44-0f5d7c1b2a33' },
    [LOG, BOX, CHECK, ASK, DETAILS],
    {
      alerts: [/^This is a usage attribution ID, not a Partner ID/],
    },
  ),
  state('checking', known(viewOf(recordWith(null))), checked(null), [LOG, BOX, CHECK, ASK, DETAILS], {
    status: 'Checking 1234567…',
  }),
  state(
    'checking an unusual length',
    known(viewOf(recordWith(null))),
    checked(null, partnerId('12345')),
    [LOG, BOX, CHECK, ASK, DETAILS],
    {
      status: 'Checking 12345…',
      says: ['Most Partner IDs have 6 to 8 digits'],
    },
  ),
  state(
    'checked',
    known(viewOf(recordWith(contoso))),
    { ...checked(FOUND), ...OPEN },
    [...LINE, BOX, CHECK, ASK, DISCLOSURE, SAVE, DETAILS],
    {
      says: ['Fabrikam Managed Services GmbH (1234567)', 'Munich, Germany', 'Both partners are told by mail.'],
    },
  ),
  state(
    'checked, where there is none',
    known(viewOf(recordWith(null))),
    checked(FOUND),
    [LOG, BOX, CHECK, ASK, DISCLOSURE, SAVE, DETAILS],
    {
      says: [NONE, 'The partner is told by mail.'],
    },
  ),
  state('checked, then typed on', known(viewOf(recordWith(null))), { ...checked(FOUND), typed: '12345678' }, [
    LOG,
    BOX,
    CHECK,
    ASK,
    DETAILS,
  ]),
  state(
    'checked, the same partner',
    known(viewOf(ASSIGNED)),
    { ...checked(FOUND), ...OPEN },
    [...LINE, BOX, CHECK, ASK, DETAILS],
    {
      says: ['This already is the partner of record.'],
    },
  ),
  state(
    'no such partner',
    known(viewOf(recordWith(null))),
    checked({ kind: 'unknownPartner' }),
    [LOG, BOX, CHECK, ASK, DETAILS],
    {
      alerts: ['There is no partner with the ID 1234567. Check the number with your partner.'],
    },
  ),
  state(
    'check failed',
    known(viewOf(recordWith(null))),
    checked({ kind: 'failed', failure: NO_ANSWER }),
    [LOG, BOX, CHECK, ASK, DETAILS],
    {
      alerts: [/can’t be reached/],
    },
  ),
  state(
    'check needs sign-in',
    known(viewOf(recordWith(null))),
    checked({ kind: 'failed', failure: SIGN_IN }),
    [LOG, BOX, CHECK, ASK, 'button Sign in', DETAILS],
    {
      alerts: [/expired or was withdrawn/],
    },
  ),
  state(
    'asked whether to remove',
    known(viewOf(recordWith(contoso))),
    { question: { asks: 'remove', mark: '"7"' } },
    [...LINE, 'button No', 'button Yes', DETAILS],
    {
      says: ['Remove partner of record?', 'Are you sure you want to remove current partner information?'],
    },
  ),
  state(
    'asked about a partner that is not there any more',
    known(viewOf(recordWith(contoso))),
    { question: { asks: 'remove', mark: '"6"' } },
    LINE,
  ),
  state('asking the worker', known(viewOf(recordWith(contoso))), { asked: asking(null) }, LINE, {
    status: 'Saving…',
  }),
  state(
    'the worker did not answer',
    known(viewOf(recordWith(null))),
    { asked: asking('noAnswer') },
    [LOG, 'button Try again', BOX, CHECK, ASK, DETAILS],
    { alerts: [/^The extension did not answer, so your change may not have been taken up/] },
  ),
  state(
    'the record has changed since it was seen',
    known(viewOf(recordWith(contoso, { etag: '"9"' }))),
    { ...checked(FOUND), ...OPEN, asked: asking('changedSince') },
    [...LINE, BOX, CHECK, ASK, DISCLOSURE, SAVE, DETAILS],
    {
      alerts: ['The record has changed since you saw it, so nothing was changed. Look at it, then press again.'],
      says: ['Contoso Cloud Partners (423451)'],
    },
  ),
  state(
    'the service has not said whose the ID is',
    known(viewOf(recordWith(contoso))),
    { ...checked(FOUND), ...OPEN, asked: asking('notChecked') },
    [...LINE, BOX, CHECK, ASK, DISCLOSURE, SAVE, DETAILS],
    {
      alerts: ['The service has not said whose this ID is, so nothing was changed. Check the ID, then save.'],
    },
  ),
  state(
    'saving what the form has',
    known(viewOf(recordWith(contoso))),
    { ...checked(FOUND), ...OPEN, asked: asking(null) },
    [...LINE, BOX, CHECK, ASK, DISCLOSURE, SAVE, DETAILS],
    { status: 'Saving…' },
  ),
  state(
    'saving what the form has, which the worker has by now',
    known(viewOf(recordWith(null), { change: changeOf('assign') })),
    checked(FOUND),
    [LOG, BOX, CHECK, ASK, DISCLOSURE, SAVE, DETAILS],
    { status: 'Saving…' },
  ),
  state(
    'removing as answered',
    known(viewOf(recordWith(contoso), { change: changeOf('remove') })),
    { question: { asks: 'remove', mark: '"7"' } },
    [...LINE, 'button No', 'button Yes', DETAILS],
    { status: 'Removing…' },
  ),
  state('saving', known(viewOf(recordWith(contoso), { change: changeOf('change') })), {}, LINE, {
    status: 'Saving…',
  }),
  state('removing', known(viewOf(recordWith(contoso), { change: changeOf('remove') })), {}, LINE, {
    status: 'Removing…',
  }),
  state(
    'still trying',
    known(viewOf(recordWith(contoso), { change: changeOf('change', waiting({})) })),
    {},
    [LOG, 'button Try again', 'button Stop trying', DETAILS],
    { status: /^Still trying\. The service can’t be reached\. .* Next attempt: .*:42/ },
  ),
  state(
    'still trying, an attempt under way',
    known(
      viewOf(recordWith(contoso), {
        change: changeOf('change', {
          state: 'sending',
          attempts: 2,
          triedMs: 0,
          firstSentAt: NOW,
          lastSentAt: NOW,
          effectPossible: true,
          lastFailure: NO_ANSWER,
          settle: null,
        }),
      }),
    ),
    {},
    [LOG, 'button Stop trying', DETAILS],
    { status: /^Still trying\. .* An attempt is under way\.$/ },
  ),
  state(
    'change needs sign-in',
    known(
      viewOf(recordWith(contoso), { change: changeOf('change', waiting({ for: 'signIn', lastFailure: SIGN_IN })) }),
    ),
    {},
    [LOG, 'button Sign in', 'button Stop trying', DETAILS],
    { alerts: [/expired or was withdrawn.* Your change waits until you are signed in\.$/] },
  ),
  state(
    'being stopped',
    known(viewOf(recordWith(contoso), { change: changeOf('change', waiting({ settle: { as: 'cancelled' } })) })),
    {},
    [LOG, DETAILS],
    { status: /^Being stopped: we look first whether it already took effect\./ },
  ),
  state(
    'settling',
    known(
      viewOf(recordWith(contoso), {
        change: changeOf('change', waiting({ settle: { as: 'refused', failure: { reason: 'gaveUp' } } })),
      }),
    ),
    {},
    [LOG, DETAILS],
    { status: /^Finding out whether the change took effect…/ },
  ),
  state(
    'another person is signed in, and whether the change took effect is being read',
    known(viewOf(recordWith(contoso), { person: ALEX, change: changeOf('change', waiting({ for: 'look' })) })),
    {},
    [LOG, DETAILS],
    { status: /^Finding out whether the change took effect…/ },
  ),
  state(
    'another person is signed in',
    known(viewOf(recordWith(contoso), { person: ALEX, change: changeOf('change', waiting({ for: 'person' })) })),
    {},
    [LOG, 'button Send as me', 'button Discard', DETAILS],
    { alerts: [`Asked by Adele Vance. You are signed in as Alex Wilber. ${SETS_FABRIKAM}`] },
  ),
  state(
    'another person is signed in, and nobody knows who asked',
    known(
      viewOf(recordWith(contoso), {
        person: ALEX,
        change: { ...changeOf('change', waiting({ for: 'person' })), person: null },
      }),
    ),
    {},
    [LOG, 'button Send as me', 'button Discard', DETAILS],
    { alerts: [`It is not known who asked for this. You are signed in as Alex Wilber. ${SETS_FABRIKAM}`] },
  ),
  state(
    'another person is signed in, and nobody knows who',
    known(viewOf(recordWith(contoso), { person: null, change: changeOf('change', waiting({ for: 'person' })) })),
    {},
    [LOG, 'button Discard', DETAILS],
    { alerts: [`Asked by Adele Vance. Somebody else is signed in. ${SETS_FABRIKAM}`] },
  ),
  state(
    'another person is signed in, who may not change the partner',
    known(
      viewOf(recordWith(contoso, { caller: { role: 'Reader', canChangePartner: false } }), {
        person: ALEX,
        change: changeOf('change', waiting({ for: 'person' })),
      }),
    ),
    {},
    [LOG, 'button Discard', DETAILS],
    { alerts: [`Asked by Adele Vance. You are signed in as Alex Wilber. ${SETS_FABRIKAM}`] },
  ),
  state(
    'connection missing',
    known(viewOf(recordWith(contoso), { change: changeOf('change', waiting({ for: 'connection' })) })),
    {},
    [LOG, 'button Stop trying', DETAILS],
    { alerts: [/^This change waits: its connection is missing\./] },
  ),
  state(
    'outcome unknown',
    known(
      viewOf(recordWith(contoso), {
        change: changeOf(
          'change',
          waiting({ settle: { as: 'cancelled' }, failedReads: 1, wait: { from: NOW - 100_000, ms: 3_600_000 } }),
        ),
      }),
    ),
    {},
    [LOG, 'button Try again', DETAILS],
    {
      alerts: [
        /^We don’t know yet whether your change was made\. .* We look again in 58 minutes; nothing is sent twice\.$/,
      ],
    },
  ),
  state(
    'conflict',
    known(
      viewOf(recordWith(contoso, { etag: '"9"' }), {
        change: changeOf('assign', {
          state: 'conflict',
          attempts: 1,
          endedAt: NOW,
          found: { partnerOfRecord: contoso, version: '"9"' },
          answer: null,
        }),
      }),
    ),
    {},
    [LOG, 'button Overwrite', 'button Keep', DETAILS],
    {
      alerts: [
        /^Not done\. Meanwhile somebody else set the partner to Contoso Cloud Partners \(423451\)\. You asked for: Fabrikam/,
      ],
    },
  ),
  state(
    'changed',
    known(viewOf(ASSIGNED, { change: changeOf('change', done(fabrikam)) })),
    {},
    [...LINE, 'button Undo'],
    {
      status:
        'Fabrikam Managed Services GmbH (1234567) is now the partner of record and is told by mail. Partner information has been changed.',
    },
  ),
  state(
    'removed',
    known(viewOf(recordWith(null, { etag: '"8"' }), { change: changeOf('remove', done(null)) })),
    {},
    [LOG, 'button Undo', BOX, CHECK, ASK, DETAILS],
    {
      status:
        'Contoso Cloud Partners (423451) is no longer the partner of record and is told by mail. Partner information has been removed.',
      says: [NONE],
    },
  ),
  state(
    'undone',
    known(viewOf(ASSIGNED, { change: { ...changeOf('change', done(fabrikam)), undoes: EARLIER_ID } })),
    {},
    LINE,
    {
      status:
        'Undone: Fabrikam Managed Services GmbH is the partner of record again. Partner information has been changed.',
    },
  ),
  state(
    'undone to none',
    known(
      viewOf(recordWith(null, { etag: '"8"' }), {
        change: { ...changeOf('remove', done(null)), undoes: EARLIER_ID },
      }),
    ),
    {},
    [LOG, BOX, CHECK, ASK, DETAILS],
    { status: 'Undone: there is no partner of record again. Partner information has been removed.', says: [NONE] },
  ),
  state(
    'kept',
    known(
      viewOf(recordWith(contoso, { etag: '"9"' }), {
        change: changeOf('change', {
          state: 'conflict',
          attempts: 1,
          endedAt: NOW,
          found: { partnerOfRecord: contoso, version: '"9"' },
          answer: { kind: 'kept' },
        }),
      }),
    ),
    { kept: CHANGE_ID },
    LINE,
    { status: 'Kept: Contoso Cloud Partners (423451) stays the partner of record.' },
  ),
  state('the log being read', known(viewOf(recordWith(contoso))), { log: log(null) }, LINE, {
    status: 'Reading the changes…',
  }),
  state(
    'the log',
    known(viewOf(recordWith(contoso))),
    { log: log({ ok: true, changes: LOGGED, more: true, readAt: NOW }) },
    [...LINE, DETAILS],
    {
      says: [
        'Kept by partners.northwind.example and read 10:42',
        /by Alex Wilber.*From Contoso Cloud Partners \(423451\) to Fabrikam Managed Services GmbH \(1234567\).*by Adele Vance.*From no partner to Contoso/,
        'The newest 2 changes are shown; there are older ones.',
      ],
    },
  ),
  state(
    'the log, empty',
    known(viewOf(recordWith(null))),
    { log: log({ ok: true, changes: [], more: false, readAt: NOW }) },
    [LOG, BOX, CHECK, ASK, DETAILS],
    { says: ['The service has no change of this partner of record yet.'] },
  ),
  state(
    'the log, which could not be read',
    known(viewOf(recordWith(contoso))),
    { log: log({ ok: false, failure: { ...NO_ANSWER, requestId: 'req-18' } }) },
    [...LINE, 'button Try again', DETAILS],
    {
      alerts: [/^The log of changes could not be read\. partners\.northwind\.example can’t be reached\./],
      says: ['req-18'],
    },
  ),
  state('no log to be read', known(WITHOUT_LOG), {}, [CHANGE, REMOVE]),
  state(
    'changed, and changed again elsewhere',
    known(viewOf(recordWith(contoso, { etag: '"9"' }), { readAt: NOW, change: changeOf('assign', done(fabrikam)) })),
    {},
    LINE,
  ),
  state(
    'stopped',
    known(viewOf(recordWith(null), { change: changeOf('assign', { state: 'cancelled', attempts: 0, endedAt: NOW }) })),
    {},
    [LOG, BOX, CHECK, ASK, DETAILS],
    { status: 'Stopped. Nothing was changed.' },
  ),
  state(
    'refused',
    known(
      viewOf(recordWith(null), {
        change: changeOf('assign', {
          state: 'refused',
          attempts: 1,
          endedAt: NOW,
          seen: false,
          failure: { reason: 'refused', status: 404, code: 'PartnerNotFound', requestId: 'req-17' },
        }),
      }),
    ),
    {},
    [LOG, BOX, CHECK, ASK, DETAILS],
    { alerts: [/^The change was not made\. There is no partner with this ID\.[^(]*$/], says: ['Request IDreq-17'] },
  ),
  state(
    'unknown',
    known(
      viewOf(recordWith(contoso), {
        change: changeOf('change', {
          state: 'unknown',
          attempts: 2,
          endedAt: NOW,
          seen: false,
          found: null,
          failure: { reason: 'connectionChanged' },
        }),
      }),
    ),
    {},
    [...LINE, DETAILS],
    {
      alerts: [
        'We cannot know whether your change was made. The service’s address was changed before the outcome was known.',
      ],
      says: ['Contoso Cloud Partners (423451)'],
    },
  ),
  state(
    'not permitted',
    known(viewOf(recordWith(contoso, { caller: { ...READER, reason: 'Readers may look only.' } }))),
    {},
    [LOG],
    {
      says: [
        'Contoso Cloud Partners (423451)',
        'You are a reader here. Only the account administrator, subscription administrator, or contributor can change it.',
        'The service says: “Readers may look only.”',
      ],
    },
  ),
  state(
    'not permitted, and whom to ask',
    known(viewOf(recordWith(contoso, { caller: READER }), { support: SUPPORT })),
    {},
    [LOG],
    {
      says: [`can change it. Whom to ask: ${SUPPORT}`],
    },
  ),
  state(
    'not permitted by a long role, and whom to ask',
    known(viewOf(recordWith(contoso, { caller: { ...READER, role: 'DelegatedAdministrator' } }), { support: SUPPORT })),
    {},
    ['button Whom do I ask?', LOG],
    {
      says: [
        'You are a partner with delegated administration here. Only the account administrator, subscription administrator, or contributor can change it.',
      ],
    },
  ),
  state(
    'not permitted, and the service says much',
    known(viewOf(recordWith(null, { caller: { ...READER, reason: LONG_REASON } }))),
    {},
    ['button Why?', LOG],
    {
      says: ['You are a reader here.'],
    },
  ),
  state(
    'not configured, options opened too often',
    known(viewOf(null, { source: null })),
    { windowProblem: 'tooMany' },
    ['button Open options'],
    {
      alerts: [/^Windows were opened from portal pages many times/],
    },
  ),
  state(
    'sign-in cancelled',
    known(viewOf(null, { failure: SIGN_IN })),
    { windowProblem: 'cancelled' },
    ['button Sign in'],
    {
      alerts: [/expired or was withdrawn/, 'Signing in was cancelled.'],
    },
  ),
  state(
    'sign-in failed, and the provider said why',
    known(viewOf(null, { failure: { reason: 'signInNeeded', code: 'SignInFailed', said: 'Ask Grace Hopper.' } })),
    { windowProblem: 'failed' },
    ['button Sign in'],
    {
      alerts: ['Signing in did not work. Sign in again. Your identity provider said: “Ask Grace Hopper.”'],
    },
  ),
  state(
    'sign-in failed, because the clock is off',
    known(
      viewOf(null, {
        failure: { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'clockOff', aheadMs: 2 * 3_600_000 } },
      }),
    ),
    { windowProblem: { problem: 'clockOff', aheadMs: 2 * 3_600_000 } },
    ['button Sign in'],
    {
      alerts: ['This computer’s clock is 2 hours ahead. Set it right, then sign in again.'],
    },
  ),
  state('not configured', known(viewOf(null, { source: null })), {}, ['button Open options'], {
    says: [/^.*No service is set up yet/],
  }),
  state('sign-in needed', known(viewOf(null, { failure: SIGN_IN })), {}, ['button Sign in'], {
    alerts: [/expired or was withdrawn/],
  }),
  state(
    'sign-in failed',
    known(
      viewOf(null, {
        failure: {
          reason: 'signInNeeded',
          code: 'SignInFailed',
          detail: { code: 'technical', words: 'unexpected HTTP status code' },
        },
      }),
    ),
    {},
    ['button Sign in', DETAILS],
    { alerts: [/^Signing in did not work\. Sign in again\.$/], says: ['For supportunexpected HTTP status code'] },
  ),
  state('unreachable', known(viewOf(null, { failure: NO_ANSWER })), {}, ['button Try again'], {
    alerts: [/can’t be reached/],
  }),
  state(
    'permission missing',
    known(viewOf(null, { failure: { reason: 'permissionMissing' } })),
    {},
    ['button Open options'],
    {
      alerts: [/does not let the extension reach the service/],
    },
  ),
  state(
    'unknown subscription',
    known(viewOf(null, { failure: { reason: 'refused', status: 404, code: 'SubscriptionNotFound' } })),
    {},
    ['button Try again', 'button Copy a request'],
    {
      alerts: [
        'This subscription is not in your organisation’s list, or you may not see it. Ask whoever runs the service.',
      ],
    },
  ),
  state(
    'stale',
    known(viewOf(recordWith(contoso), { failure: NO_ANSWER, readAt: NOW - 3 * 60 * 60_000 })),
    {},
    [...LINE, 'button Try again', DETAILS],
    {
      alerts: [/can’t be reached.* What you see here was read 3 hours ago\.$/],
      says: ['Contoso Cloud Partners (423451)'],
    },
  ),
  state(
    'stale, sign-in needed',
    known(viewOf(recordWith(null), { failure: SIGN_IN, readAt: NOW - 3 * 60 * 60_000 })),
    {},
    [LOG, 'button Sign in', DETAILS],
    { alerts: [/expired or was withdrawn.* What you see here was read 3 hours ago\.$/], says: [NONE] },
  ),
  state('no answer from the worker', known(null, { answered: false }), {}, ['button Try again'], {
    alerts: [/^The extension did not answer/],
  }),
  state('no room on the disk, nothing known', known(null, { answered: 'full' }), {}, ['button Try again'], {
    alerts: [/^The browser has no room left/],
  }),
  state(
    'the history held by something else, an old record known',
    known(viewOf(recordWith(null), { readAt: NOW - 3 * 60 * 60_000 }), { answered: 'blocked' }),
    {},
    [LOG, 'button Try again', BOX, CHECK, ASK, DETAILS],
    { alerts: [/of the extension holds the history.* What you see here was read 3 hours ago\.$/], says: [NONE] },
  ),
  state('gone', known(viewOf(recordWith(contoso)), { gone: true }), {}, [], {
    alerts: ['Reload the page to continue.'],
  }),
];
