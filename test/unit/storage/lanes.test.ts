import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistoryEntry } from '../../../src/domain/history';
import type { Database } from '../../../src/storage/schema';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, createHistoryReader, type History, type HistoryReader } from '../../../src/storage/history';
import { aBatch, itemsOf } from '../../support/batches';
import { aChange } from '../../support/changes';
import { MINUTE, START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { keepHold } from '../../support/held-lanes';
import { targetOf, uuid } from '../../support/targets';

const ELSEWHERE = uuid(77);
const WAIT = { from: START, ms: 10 * MINUTE };
const BUSY = { for: 'time', wait: WAIT } as const;
const END = START + 10 * MINUTE;

let open: () => Promise<Database>;
let history: History;
let reader: HistoryReader;

beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
  reader = createHistoryReader(open);
  const ids = itemsOf(1);
  await history.acceptBatch(aBatch(50, ids), ids);
  await history.makeRows(uuid(50));
  await history.insertChange(aChange({ id: uuid(1), target: targetOf('one') }), null);
  const away = { ...targetOf('two'), connectionId: ELSEWHERE };
  await history.insertChange(aChange({ id: uuid(2), target: away }), null);
});

/** How all that is in the history stands for whoever looks then: what is listed, what the batch asked for, and what is exported. */
async function seenAt(now: number) {
  const looking = { viewers: [], now };
  const { entries } = await reader.page({}, null, 10, looking);
  const { members } = await reader.outcomesOf(uuid(50), null, null, 10, looking);
  const exported: HistoryEntry[] = [];
  for await (const entry of reader.all({}, looking)) exported.push(entry);
  const phaseOf = (id: string) =>
    [...entries, ...exported].flatMap((entry) => (entry.id === id && entry.type === 'change' ? entry.standing.at : []));
  return {
    here: phaseOf(uuid(1)),
    elsewhere: phaseOf(uuid(2)),
    batch: entries.flatMap((entry) => (entry.type === 'batch' ? [entry.progress.hold] : [])),
    member: members.flatMap((member) => (member.kind === 'change' ? member.standing.at : [])),
  };
}

const WAITING = { phase: 'waiting' };
const two = (at: object) => [at, at];

describe('What stands behind a held lane', () => {
  it('is seen to wait until then where the service asks to wait, and for its turn once that is over', async () => {
    await keepHold(open, BUSY);
    const busy = { phase: 'retrying', cause: { reason: 'busy' }, goesOnAt: END };
    expect(await seenAt(END - 1)).toEqual({ here: two(busy), elsewhere: two(WAITING), batch: [BUSY], member: [busy] });
    expect(await seenAt(END)).toEqual({
      here: two(WAITING),
      elsewhere: two(WAITING),
      batch: [null],
      member: [WAITING],
    });
  });

  it('is seen to wait for a sign-in that another one met', async () => {
    await keepHold(open, { for: 'signIn' }, ELSEWHERE);
    const signIn = { phase: 'signIn', cause: null };
    expect(await seenAt(START)).toEqual({
      here: two(WAITING),
      elsewhere: two(signIn),
      batch: [null],
      member: [WAITING],
    });
  });

  it('is seen to wait where nobody answers, and what has ended waits for nothing', async () => {
    await keepHold(open, { ...BUSY, silent: true });
    await history.stopBatch(uuid(50), START);
    expect(await seenAt(START)).toMatchObject({
      here: two({ phase: 'retrying', cause: { reason: 'noAnswer' } }),
      batch: [null],
      member: [{ phase: 'cancelled' }],
    });
  });
});

it('What holds up a connection is told by its connection', async () => {
  await keepHold(open, BUSY);
  const holdOf = await reader.holds(START);
  expect([holdOf(CONNECTION_ID), holdOf(ELSEWHERE)]).toEqual([BUSY, null]);
});
