import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { notifyOfEnd } from '../../../src/background/notify';
import type { Change } from '../../../src/domain/change';
import { FAILURE_REASONS, type Failure } from '../../../src/domain/failure';
import { standingOf } from '../../../src/domain/standing';
import { speak } from '../../../src/words/words';
import { english } from '../../setup/english';
import { catalogueInOtherScript, dataInOtherScript, withLatinLetters } from '../../setup/other-script';
import { LIVES } from '../../support/rows';
import { aChange } from '../../support/changes';
import { START } from '../../support/clock';
import { FOREIGN } from '../../support/partners';
import { outcome } from '../../support/records';

const fake = vi.hoisted(() => ({ allowed: true, shown: [] as { id: string; title: string; message: string }[] }));
vi.mock('../../../src/platform/browser', () => ({
  browser: {
    permissions: { contains: async () => fake.allowed },
    runtime: { getURL: (path: string) => path },
    notifications: {
      create: async (id: string, { title, message }: { title: string; message: string }) =>
        void fake.shown.push({ id, title, message }),
    },
  },
}));

const standing = (change: Change) => standingOf(change, { connectionId: null, person: null, mayChange: null }, START);
const ENDED = { attempts: 1, endedAt: START } as const;

beforeEach(() => {
  fake.allowed = true;
  fake.shown = [];
});

test('every end is told once it is there, by the subscription’s name, and nothing before', async () => {
  for (const life of LIVES) {
    fake.shown = [];
    await notifyOfEnd(standing({ ...aChange(), life }));
    const open = life.state === 'waiting' || life.state === 'sending';
    const met = (life.state === 'refused' && life.seen) || (life.state === 'conflict' && life.answer !== null);
    expect([life, fake.shown.length]).toEqual([life, open || met ? 0 : 1]);
  }
});

test('what the person has met or answered is not told again', async () => {
  const found = outcome(FOREIGN);
  await notifyOfEnd(
    standing({ ...aChange(), life: { state: 'refused', failure: { reason: 'refused' }, seen: true, ...ENDED } }),
  );
  await notifyOfEnd(standing({ ...aChange(), life: { state: 'conflict', found, answer: { kind: 'kept' }, ...ENDED } }));
  expect(fake.shown).toEqual([]);
});

test('a name’s invisible characters are written out', async () => {
  await notifyOfEnd(standing({ ...aChange({ targetName: 'Pro\u202educ' }), life: { state: 'cancelled', ...ENDED } }));
  expect(fake.shown[0]?.message).toContain('Pro[U+202E]duc');
});

test('nothing technical is told: neither a library’s words nor the request’s ID', async () => {
  const failure: Failure = {
    reason: 'signInNeeded',
    code: 'SignInFailed',
    requestId: 'r-1',
    detail: { code: 'technical', words: 'Failed to fetch' },
  };
  await notifyOfEnd(standing({ ...aChange(), life: { state: 'refused', failure, seen: false, ...ENDED } }));
  expect(fake.shown).toHaveLength(1);
  expect(fake.shown[0]?.message).not.toMatch(/r-1|fetch/);
});

describe('With a catalogue in another script', () => {
  beforeEach(() => speak(catalogueInOtherScript(english)));
  afterEach(() => speak(english));

  test('no notification has a Latin letter, however the change ended', async () => {
    const reasons = FAILURE_REASONS.flatMap((reason) => [{ reason }, { reason, status: 418, said: 'No tea.' }]);
    const refused = reasons.map((failure) => ({ state: 'refused', failure, seen: false, ...ENDED }) as const);
    for (const life of [...LIVES, ...refused]) await notifyOfEnd(standing(dataInOtherScript({ ...aChange(), life })));
    expect(fake.shown.length).toBeGreaterThan(refused.length);
    expect(withLatinLetters(fake.shown.flatMap(({ title, message }) => [title, message]))).toEqual([]);
  });
});

test('without the permission nothing is shown', async () => {
  fake.allowed = false;
  await notifyOfEnd(standing({ ...aChange(), life: { state: 'cancelled', ...ENDED } }));
  expect(fake.shown).toEqual([]);
});
