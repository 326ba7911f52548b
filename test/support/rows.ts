import type { Change, ChangeLife } from '../../src/domain/change';
import { FAILURE_REASONS, type Failure } from '../../src/domain/failure';
import type { CheckOutcome, SingleRow } from '../../src/domain/history';
import type { Partner } from '../../src/domain/partner';
import type { Person } from '../../src/domain/person';
import { noWait } from '../../src/domain/wait';
import { aChange, aRequest } from './changes';
import { START } from './clock';
import { CONNECTION_ID } from './connections';
import { attached, FOREIGN, OLD, WANTED } from './partners';
import { ADA, BEN } from './persons';
import { outcome } from './records';
import { TARGET, uuid } from './targets';

const REFUSED: Failure = {
  reason: 'refused',
  status: 403,
  code: 'NotPermitted',
  said: 'Readers may not do that.',
  requestId: 'r-1',
};

const TRYING = {
  attempts: 2,
  triedMs: 0,
  firstSentAt: START,
  lastSentAt: START,
  effectPossible: true,
  lastFailure: REFUSED,
  settle: null,
} as const;
const ENDED = { attempts: 1, endedAt: START + 5 } as const;

/** One of every shape that a change's life takes. */
export const LIVES: readonly ChangeLife[] = [
  aChange().life,
  { state: 'waiting', for: 'signIn', wait: { from: START, ms: 0.5 }, failedReads: 0, ...TRYING },
  { state: 'waiting', for: 'turn', wait: noWait(START), failedReads: 3, ...TRYING, settle: { as: 'cancelled' } },
  {
    state: 'waiting',
    for: 'turn',
    wait: noWait(START),
    failedReads: 0,
    ...TRYING,
    settle: { as: 'refused', failure: REFUSED },
  },
  { state: 'sending', ...TRYING },
  { state: 'sending', ...TRYING, lastFailure: null, settle: { as: 'cancelled' } },
  { state: 'done', outcome: outcome(WANTED), ...ENDED },
  { state: 'done', outcome: outcome(null), ...ENDED },
  ...FAILURE_REASONS.map((reason) => ({ state: 'refused', failure: { reason }, seen: false, ...ENDED }) as const),
  { state: 'refused', failure: REFUSED, seen: true, ...ENDED },
  { state: 'conflict', found: outcome(FOREIGN, '"9"'), answer: null, ...ENDED },
  { state: 'conflict', found: outcome(null, '"9"'), answer: { kind: 'kept' }, ...ENDED },
  { state: 'conflict', found: outcome(FOREIGN), answer: { kind: 'resolvedBy', changeId: uuid(9) }, ...ENDED },
  { state: 'cancelled', ...ENDED, attempts: 0 },
  { state: 'unknown', failure: { reason: 'connectionChanged' }, found: null, seen: false, ...ENDED },
  { state: 'waiting', for: 'look', wait: noWait(START), failedReads: 1, ...TRYING },
  { state: 'waiting', for: 'person', wait: noWait(START), failedReads: 0, ...TRYING },
  { state: 'waiting', for: 'connection', wait: noWait(START), failedReads: 0, ...TRYING },
];

const PERSONS: readonly (Person | null)[] = [
  null,
  ADA,
  { kind: 'principal', issuer: 'https://partners.example/v1', principalId: 'p-1', name: null },
  { kind: 'token', issuer: 'https://partners.example/v1', fingerprint: 'f00d' },
  { kind: 'connection', connectionId: CONNECTION_ID },
];

const REQUESTS = [
  aRequest(),
  aRequest({
    kind: 'assign',
    before: null,
    askedFrom: 'popup',
    page: 'https://portal.azure.com/#resource/subscriptions/1',
  }),
  aRequest({ kind: 'remove', after: null, askedFrom: 'subscriptions' }),
  aRequest({
    target: { kind: 'signIn', connectionId: CONNECTION_ID, tenant: 'contoso.example', user: 'ada@contoso.example' },
  }),
];

const CHECKS: readonly CheckOutcome[] = [
  { kind: 'found', partner: WANTED },
  { kind: 'found', partner: WANTED, location: 'Berlin' },
  { kind: 'unknownPartner' },
  { kind: 'failed', failure: { reason: 'noAnswer' } },
];

const { partnerId } = WANTED;

function changeRow(change: Change): SingleRow {
  return { type: 'change', id: change.id, at: change.askedAt, change };
}

export function checkRow(found: CheckOutcome): SingleRow {
  const check = { id: uuid(2), connectionId: CONNECTION_ID, partnerId, checkedAt: START, outcome: found };
  return { type: 'check', id: uuid(2), at: START, check };
}

export function foreignRow(before: Partner | null, after: Partner | null): SingleRow {
  const foreign = {
    id: uuid(3),
    target: TARGET,
    targetName: 'Production',
    before,
    after: after && attached(after),
    foundAt: START,
  };
  return { type: 'foreign', id: uuid(3), at: START, foreign };
}

/** One of every shape that a row of the history takes. */
export const ROWS: readonly SingleRow[] = [
  ...LIVES.map((life) => changeRow({ ...aRequest(), sentAs: null, life })),
  ...PERSONS.map((person) => changeRow({ ...aChange({ person }), sentAs: BEN })),
  ...REQUESTS.map((asking) => changeRow(aChange(asking))),
  ...CHECKS.map(checkRow),
  foreignRow(OLD, FOREIGN),
  foreignRow(null, FOREIGN),
  foreignRow(OLD, null),
];
