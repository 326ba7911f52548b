import { beforeEach, expect, test, vi } from 'vitest';
import { notifyOfEnd } from '../../../src/background/notify';
import type { Change } from '../../../src/domain/change';
import { standingOf } from '../../../src/domain/standing';
import { LIVES } from '../domain/rows';
import { asked, FOREIGN, outcome, START } from '../domain/samples';

const fake = vi.hoisted(() => ({ allowed: true, shown: [] as { id: string; message: string }[] }));
vi.mock('../../../src/platform/browser', () => ({
  browser: {
    permissions: { contains: async () => fake.allowed },
    runtime: { getURL: (path: string) => path },
    i18n: { getMessage: (name: string, ...parts: string[]) => [name, ...parts].join(' ') },
    notifications: {
      create: async (id: string, { message }: { message: string }) => void fake.shown.push({ id, message }),
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
    await notifyOfEnd(standing({ ...asked(), life }));
    const open = life.state === 'waiting' || life.state === 'sending';
    const met = (life.state === 'refused' && life.seen) || (life.state === 'conflict' && life.answer !== null);
    expect([life, fake.shown.length]).toEqual([life, open || met ? 0 : 1]);
  }
});

test('what the person has met or answered is not told again', async () => {
  const found = outcome(FOREIGN);
  await notifyOfEnd(
    standing({ ...asked(), life: { state: 'refused', failure: { reason: 'refused' }, seen: true, ...ENDED } }),
  );
  await notifyOfEnd(standing({ ...asked(), life: { state: 'conflict', found, answer: { kind: 'kept' }, ...ENDED } }));
  expect(fake.shown).toEqual([]);
});

test('a name’s invisible characters are written out', async () => {
  await notifyOfEnd(standing({ ...asked({ targetName: 'Pro\u202educ' }), life: { state: 'cancelled', ...ENDED } }));
  expect(fake.shown[0]?.message).toContain('Pro[U+202E]duc');
});

test('without the permission nothing is shown', async () => {
  fake.allowed = false;
  await notifyOfEnd(standing({ ...asked(), life: { state: 'cancelled', ...ENDED } }));
  expect(fake.shown).toEqual([]);
});
