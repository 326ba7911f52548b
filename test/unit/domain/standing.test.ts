import { describe, expect, test } from 'vitest';
import { afterEvent, type Change, isOpen, nextStep } from '../../../src/domain/change';
import { isOnItsWay, isUnseenEnd, needsPerson, type Phase } from '../../../src/domain/phase';
import { phaseOf, standingOf, type Viewer, wantsAttention } from '../../../src/domain/standing';
import { firstWorld, keyOf, moves, type Rules, type World } from './change-model';
import { aChange } from '../../support/changes';
import { START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { OLD, WANTED } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { SUBSCRIPTION_ID } from '../../support/targets';

const RULES: Rules = {
  name: 'everything that can happen',
  replay: 'key',
  foreignWrites: 1,
  lateRequests: true,
  signIns: 2,
  losses: 1,
  slow: false,
  clockSettings: 0,
};
const ASKER: Viewer = { connectionId: CONNECTION_ID, person: ADA, mayChange: true };
const OTHER: Viewer = { ...ASKER, person: BEN };

/** The changes that the model meets in its first steps, each with the time it was met at. */
function walked(steps: number): { readonly change: Change; readonly now: number }[] {
  const met = new Map<string, World>();
  let layer: World[] = [firstWorld(OLD, WANTED, RULES.replay)];
  for (let step = 0; step < steps; step += 1) {
    const next = new Map<string, World>();
    for (const world of layer) {
      for (const { to } of moves(world, RULES)) {
        const key = keyOf(to);
        if (!met.has(key)) next.set(key, to);
        met.set(key, to);
      }
    }
    layer = [...next.values()];
  }
  return [...met.values()].map(({ change, now }) => ({ change, now }));
}

const WALK = walked(6);

/** What a phase means for the badge and for what may be done. A phase without a row does not compile. */
const TABLE: Record<Phase['phase'], { readonly open: boolean; readonly acts: readonly string[] }> = {
  waiting: { open: true, acts: [] },
  sending: { open: true, acts: [] },
  retrying: { open: true, acts: ['stop', 'tryNow'] },
  signIn: { open: true, acts: ['signIn', 'stop'] },
  otherPerson: { open: true, acts: ['discard', 'sendAsMe'] },
  noConnection: { open: true, acts: ['stop'] },
  settling: { open: true, acts: [] },
  outcomeUnknown: { open: true, acts: ['signIn', 'stop', 'tryNow'] },
  done: { open: false, acts: ['undo'] },
  refused: { open: false, acts: [] },
  unknown: { open: false, acts: [] },
  conflict: { open: false, acts: ['keep', 'overwrite'] },
  cancelled: { open: false, acts: [] },
};

test('the walk of the change model meets every phase', () => {
  const met = new Set(WALK.map(({ change, now }) => phaseOf(change.life, now).phase));
  expect([...met].sort()).toEqual(Object.keys(TABLE).sort());
});

test('in every change that the model meets, phase, badge and acts agree', () => {
  for (const { change, now } of WALK) {
    for (const viewer of [ASKER, OTHER]) {
      const { at, may, progress } = standingOf(change, viewer, now);
      const row = TABLE[at.phase];
      expect(isOnItsWay(at)).toBe(isOpen(change));
      expect(row.open).toBe(isOpen(change));
      expect(row.acts).toEqual(expect.arrayContaining([...may]));
      expect(needsPerson(at)).toBe(wantsAttention(change));
      expect(progress).toBeGreaterThanOrEqual(0);
      // Nothing waits for ever without a word to a person and a way on.
      const step = nextStep(change, now);
      if (step.do !== 'wait' || step.until !== null) continue;
      expect(needsPerson(at)).toBe(true);
      // Once stopped, a change whose connection is missing can only wait for it.
      if (at.phase !== 'noConnection') expect(may).not.toEqual([]);
    }
  }
});

test('every end that needs a person can be answered, or be marked as seen', () => {
  for (const { change, now } of WALK) {
    const { at, may } = standingOf(change, ASKER, now);
    if (isOnItsWay(at) || !needsPerson(at)) continue;
    expect(may.length > 0).toBe(!isUnseenEnd(at));
  }
});

test('stopping is offered wherever it means something that is not under way', () => {
  for (const { change, now } of WALK) {
    const { at, may } = standingOf(change, ASKER, now);
    if (!may.includes('stop')) continue;
    expect(afterEvent(change, { type: 'stopAsked', at: now })).not.toBe(change);
    expect(at.phase).not.toBe('settling');
  }
});

describe('another person', () => {
  const theirs = WALK.find(({ change, now }) => phaseOf(change.life, now).phase === 'otherPerson');

  test('may send it as their own; nobody known, the asker and who may not change it may not', () => {
    if (theirs === undefined) throw new Error('No such change');
    const { change, now } = theirs;
    const sender = change.sentAs ?? change.person;
    const [here, away] = sender === BEN ? [ADA, BEN] : [BEN, ADA];
    const may = (viewer: Partial<Viewer>) => standingOf(change, { ...ASKER, ...viewer }, now).may;
    expect(may({ person: here })).toEqual(['sendAsMe', 'discard']);
    expect(may({ person: away })).toEqual(['discard']);
    expect(may({ person: null })).toEqual(['discard']);
    expect(may({ person: here, mayChange: false })).toEqual(['discard']);
    expect(may({ person: here, connectionId: null })).toEqual(['discard']);
  });
});

test('a subscription without a name goes by its ID wherever its change is told of', () => {
  const standing = standingOf(aChange({ targetName: ' ' }), ASKER, START);
  expect(standing.targetName).toBe(SUBSCRIPTION_ID);
});

describe('A change that waits behind a hold of its lane', () => {
  const waiting = aChange();
  const wait = { from: START, ms: 600_000 };

  test('says that the service is busy and when it goes on, and may be tried or stopped', () => {
    const { at, may } = standingOf(waiting, ASKER, START + 1000, { for: 'time', wait });
    expect(at).toEqual({ phase: 'retrying', cause: { reason: 'busy' }, goesOnAt: START + wait.ms });
    expect(may).toEqual(['tryNow', 'stop']);
  });

  test('says that nobody answers, or that somebody has to sign in', () => {
    const silent = standingOf(waiting, ASKER, START, { for: 'time', wait, silent: true });
    expect(silent.at).toMatchObject({ phase: 'retrying', cause: { reason: 'noAnswer' } });
    expect(standingOf(waiting, ASKER, START, { for: 'signIn' }).at).toEqual({ phase: 'signIn', cause: null });
  });

  test('says nothing of the hold once it is on the wire', () => {
    const sent = afterEvent(waiting, { type: 'sent', at: START });
    expect(standingOf(sent, ASKER, START, { for: 'time', wait }).at).toEqual({ phase: 'sending' });
  });
});
