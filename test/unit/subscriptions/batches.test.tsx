import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch, BatchProgress, LaneHold } from '../../../src/domain/batch';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { BatchAnswer } from '../../../src/messaging/protocol';
import type { Open } from '../../../src/storage/both-stores';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import { Batches } from '../../../src/subscriptions/batches';
import { aBatch, itemsOf } from '../../support/batches';
import { CONNECTION_ID } from '../../support/connections';
import { keepHold } from '../../support/held-lanes';
import { resetWorld, world } from '../../support/page-browser';
import { FOREIGN } from '../../support/partners';
import type { Person } from '../../../src/domain/person';
import { ADA, BEN } from '../../support/persons';
import { outcome, state } from '../../support/records';
import { all, press, says, text, the } from '../../support/screen';
import { uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
// jsdom has no modal dialogs (29.1).
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};

const broadcast = createBroadcaster();
let history: History;
let database: Open;
let asked: { readonly name: string; readonly input: object }[];

beforeEach(() => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
  asked = [];
  database = createDatabase(() => undefined);
  history = createHistory(database);
  world.worker['person.present'] = async () => ADA;
  const answer = async (name: string, input: { readonly id: string }): Promise<BatchAnswer> => {
    asked.push({ name, input });
    return { ok: false, problem: 'nothingToChange', leftOut: [] };
  };
  world.worker['batch.retry'] = (input) => answer('retry', input);
  world.worker['batch.undo'] = (input) => answer('undo', input);
  world.worker['batch.answerConflicts'] = (input) => answer(input.answer, input);
  world.worker['batch.dismiss'] = async ({ batchId }) => {
    await history.dismissBatch(batchId);
    return null;
  };
  world.worker['batch.stop'] = async (input) => {
    asked.push({ name: 'stop', input });
    return null;
  };
});
afterEach(() => render(null, document.body));

const ITEMS = itemsOf(4);
const WHERE = [{ id: CONNECTION_ID, name: 'Here' }];

/** A batch of four of which rows were made, asked for a moment ago. */
async function running(more: Partial<Batch> = {}): Promise<string> {
  const batch = aBatch(1, ITEMS, { askedAt: Date.now(), person: ADA, ...more });
  await history.acceptBatch(batch, ITEMS);
  await history.makeRows(batch.id);
  return batch.id;
}

const at = () => Date.now();
const REFUSED = { reason: 'refused', status: 403, code: 'NotPermitted', said: 'Readers may not.' } as const;
const done = (index: number) =>
  history.applyEvent(uuid(1000 + index), { type: 'applied', at: at(), state: state(FOREIGN) });
const sent = (index: number) => history.applyEvent(uuid(1000 + index), { type: 'sent', at: at() });
async function end(index: number, how: 'done' | 'refused' | 'conflict'): Promise<void> {
  await sent(index);
  if (how === 'done') await done(index);
  if (how === 'refused')
    await history.applyEvent(uuid(1000 + index), {
      type: 'failed',
      at: at(),
      failure: REFUSED,
      retryAfterMs: null,
      chance: 0,
    });
  if (how === 'conflict')
    await history.applyEvent(uuid(1000 + index), {
      type: 'preconditionFailed',
      at: at(),
      state: state(FOREIGN, '"9"'),
    });
}

function open(): void {
  function Page() {
    const [ids, setIds] = useState<readonly string[]>([]);
    return (
      <main>
        <Batches history={history} connections={WHERE} linksOf={[]} asked={ids} onAsked={setIds} />
      </main>
    );
  }
  render(<Page />, document.body);
}

async function tell(batchId: string, hold: LaneHold | null = null): Promise<void> {
  const progress: BatchProgress | null = await history.progressOf(batchId);
  if (progress !== null) broadcast({ changed: 'batch', progress: { ...progress, hold }, rows: [] });
}

it('behind another one of its connection says what it waits for, and both are looked after by one read of the lanes', async () => {
  await running();
  const later = aBatch(2, itemsOf(1, 2000), { askedAt: Date.now() + 1, person: ADA });
  await history.acceptBatch(later, itemsOf(1, 2000));
  open();
  await says('These changes wait for others at the same connection: Bulk change of 4 subscriptions.');
  const [holds, looks] = [vi.spyOn(history, 'holds'), vi.spyOn(history, 'progressOf')];
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(2));
  expect(holds).toHaveBeenCalledTimes(1);
  vi.restoreAllMocks();
});

it('shows nothing where nothing was asked for together', async () => {
  open();
  await vi.waitFor(async () => expect(await history.runningBatches()).toEqual([]));
  expect(all('region')).toEqual([]);
});

describe('a batch under way', () => {
  it('is found at the next opening, with how far it is, and may be left', async () => {
    await running();
    await end(0, 'done');
    open();
    await says('Set Wanted Partner (200002) for 4 subscriptions');
    await says('1 done');
    await says('3 left');
    await says('You may close this page');
    expect(await the('progressbar', 'Progress')).toMatchObject({ value: 1, max: 4 });
    expect(all('button', 'Retry failed')).toEqual([]);
    await press('Stop');
    await vi.waitFor(() => expect(asked).toEqual([{ name: 'stop', input: { batchId: uuid(1) } }]));
  });

  it('may not be left where nothing of it goes on: it waits for a sign-in, for who asked, or for its connection', async () => {
    const id = await running();
    open();
    await says('You may close this page');
    await tell(id, { for: 'signIn' });
    await says('The changes wait until you are signed in.');
    expect(text()).not.toContain('You may close this page');
    await tell(id);
    await says('You may close this page');
    world.worker['person.present'] = async () => BEN;
    broadcast({ changed: 'settings' });
    await says('Asked by Ada.');
    expect(text()).not.toContain('You may close this page');
    render(null, document.body);
    world.worker['person.present'] = async () => ADA;
    const gone = aBatch(2, itemsOf(1, 2000), { connectionId: uuid(9), askedAt: Date.now() });
    await history.acceptBatch(gone, itemsOf(1, 2000));
    await history.stopBatch(id, Date.now());
    await history.dismissBatch(id);
    open();
    await says('The changes wait: their connection is not set up any more.');
    expect(text()).not.toContain('You may close this page');
  });

  it('counts on as the worker tells, and reads out no more than that it began and how it ended', async () => {
    const id = await running();
    open();
    await says('4 left');
    const status = async () => text(all('status').find((one) => text(one) !== '') ?? undefined);
    expect(await status()).toBe('The changes are under way.');
    for (const index of [0, 1, 2]) await end(index, 'done');
    await tell(id);
    await says('1 left');
    expect(await status()).toBe('The changes are under way.');
    await end(3, 'refused');
    await tell(id);
    await says('All changes have ended: 3 done, 1 failed.');
    expect(all('progressbar')).toEqual([]);
  });

  it('says until when the service asks to wait, as it is kept', async () => {
    await running();
    const wait = { from: Date.now(), ms: 10 * 60_000 };
    await keepHold(database, { for: 'time', wait });
    open();
    await says(/The service asks to wait until \d/);
  });

  it('offers to sign in where it waits for that', async () => {
    const id = await running();
    world.worker['signIn.start'] = async (input) => {
      asked.push({ name: 'signIn', input });
      return 'signedIn';
    };
    open();
    await says('4 left');
    await tell(id, { for: 'signIn' });
    await says('The changes wait until you are signed in.');
    expect(text(document.body)).not.toContain('under way');
    await press('Sign in');
    await vi.waitFor(() =>
      expect(asked).toEqual([{ name: 'signIn', input: { another: false, connectionId: CONNECTION_ID } }]),
    );
  });

  it('of another person says whose it is, and is sent as one’s own or discarded', async () => {
    await running({ person: BEN });
    world.worker['batch.sendAsMe'] = async (input) => {
      asked.push({ name: 'sendAsMe', input });
      return { ok: true };
    };
    open();
    await says('Asked by Ben.');
    expect(text(document.body)).not.toContain('under way');
    await press('Send as me');
    const discard = await the('button', 'Discard');
    await vi.waitFor(() => expect([asked.length, discard.getAttribute('aria-disabled')]).toEqual([1, null]));
    discard.click();
    await vi.waitFor(() =>
      expect(asked).toEqual([
        { name: 'sendAsMe', input: { batchId: uuid(1), me: 'Ada' } },
        { name: 'stop', input: { batchId: uuid(1) } },
      ]),
    );
  });
});

describe('a batch under way that another person asked for', () => {
  const me = (person: Person | null) => {
    world.worker['person.present'] = async () => person;
  };
  const TOKEN: Person = { kind: 'token', issuer: 'https://por.example.com/v1', fingerprint: 'a1' };
  const ADAS: Person = { kind: 'principal', issuer: TOKEN.issuer, principalId: 'ada', name: 'Ada' };

  it('and that was sent as one’s own says no more that it waits', async () => {
    const id = await running({ person: BEN });
    await history.adoptBatch(id, ADA);
    open();
    await says('The changes are under way.');
    expect(all('button', 'Send as me')).toEqual([]);
  });

  it('and that somebody else sent as their own says that it waits for them', async () => {
    const id = await running({ person: ADA });
    await history.adoptBatch(id, BEN);
    open();
    await says('Asked by Ben. Somebody else is signed in.');
    await the('button', 'Send as me');
  });

  it('says nothing of another person while nobody knows whose the new token is, which may be theirs', async () => {
    me(TOKEN);
    await running({ person: ADAS });
    open();
    await says('The changes are under way.');
    expect(all('button', 'Send as me')).toEqual([]);
  });

  it('of which nobody knows who asked for it says so, and is sent as one’s own', async () => {
    me(ADAS);
    await running({ person: null });
    open();
    await says('It is not known who asked for this. Somebody else is signed in.');
    await the('button', 'Send as me');
  });
});

describe('a batch that has ended', () => {
  async function ended(): Promise<string> {
    const id = await running();
    await end(0, 'done');
    await end(1, 'refused');
    await end(2, 'conflict');
    await end(3, 'done');
    open();
    await says('All changes have ended: 2 done, 1 failed, 1 conflict.');
    return id;
  }

  it('names each refusal and what to do, and shows those that stand so', async () => {
    await ended();
    await press('List its changes');
    // What wants an answer comes first.
    const list = await the('list', 'Outcome');
    expect(all('listitem', undefined, list)).toHaveLength(1);
    const show = await the('combobox', 'Result');
    if (!(show instanceof HTMLSelectElement)) throw new Error('No select');
    show.value = 'refused';
    show.dispatchEvent(new Event('change', { bubbles: true }));
    await says('The change was not made.');
    await says('Subscription s1');
  });

  it('has a conflict answered by itself, and says who was found', async () => {
    await ended();
    world.worker['change.overwrite'] = async (input) => {
      asked.push({ name: 'overwrite', input });
      return { ok: false, problem: 'storageFull' };
    };
    world.worker['change.keep'] = async (input) => {
      asked.push({ name: 'keep', input });
      return null;
    };
    await press('List its changes');
    await says('Meanwhile somebody else set the partner to Foreign Partner (300003).');
    await press('Overwrite');
    await says('The browser has no room left');
    expect(asked[0]).toMatchObject({
      name: 'overwrite',
      input: { changeId: uuid(1002), seen: outcome(FOREIGN, '"9"').version },
    });
    await press('Keep');
    await vi.waitFor(() => expect(asked[1]).toEqual({ name: 'keep', input: { changeId: uuid(1002) } }));
  });

  it('has all conflicts answered at once, after a question', async () => {
    await ended();
    await press('Overwrite all');
    await press('No');
    await press('Keep all');
    await press('Yes');
    await vi.waitFor(() => expect(asked).toMatchObject([{ name: 'keep', input: { batchId: uuid(1) } }]));
  });

  it('is retried, undone, and says what was left out since others have changed it', async () => {
    await ended();
    const leftOut = [{ name: 'Machines', holding: outcome(FOREIGN) }];
    world.worker['batch.undo'] = async () => ({ ok: false, problem: 'nothingToChange', leftOut });
    await press('Retry failed');
    await vi.waitFor(() => expect(asked).toMatchObject([{ name: 'retry', input: { batchId: uuid(1) } }]));
    await says('Nothing to change: it is so already.');
    await press('Undo these');
    await says(
      '1 was left out: somebody has changed it since, or it is so already. Machines has Foreign Partner (300003).',
    );
  });

  it('is not offered to be undone twice', async () => {
    await ended();
    const undo = aBatch(2, itemsOf(1, 2000), { kind: 'undo', of: uuid(1), askedAt: Date.now() });
    await history.acceptBatch(undo, itemsOf(1, 2000));
    await tell(undo.id);
    await says('Undo 1 change');
    expect(all('button', 'Undo these')).toEqual([]);
  });

  it('is not offered to be retried twice, though the card of the retry is gone', async () => {
    await ended();
    const retry = aBatch(2, itemsOf(1, 2000), { kind: 'retry', of: uuid(1), askedAt: Date.now() });
    await history.acceptBatch(retry, itemsOf(1, 2000));
    await history.dismissBatch(retry.id);
    await tell(retry.id);
    await says('What failed was asked for again.');
    expect(all('button', 'Retry failed')).toEqual([]);
  });

  it('is offered to be undone again where its undoing was stopped on the way', async () => {
    await ended();
    const undo = aBatch(2, itemsOf(1, 2000), { kind: 'undo', of: uuid(1), askedAt: Date.now() });
    await history.acceptBatch(undo, itemsOf(1, 2000));
    await history.stopBatch(undo.id, Date.now());
    await tell(undo.id);
    await says('Undo 1 change');
    expect(all('button', 'Undo these')).toHaveLength(1);
  });

  it('is gone once it was dismissed, at the next opening too', async () => {
    await ended();
    await press('Dismiss');
    await vi.waitFor(() => expect(all('region')).toEqual([]));
    render(null, document.body);
    await history.acceptBatch(aBatch(2, itemsOf(1, 2000), { askedAt: Date.now() }), itemsOf(1, 2000));
    open();
    await says('Set Wanted Partner (200002) for 1 subscription');
    expect(all('article')).toHaveLength(1);
  });

  it('that somebody came for by its address is shown all the same, with what came of each change', async () => {
    await ended();
    await history.dismissBatch(uuid(1));
    render(null, document.body);
    globalThis.history.replaceState(null, '', `/?batch=${uuid(1)}`);
    open();
    await says('Set Wanted Partner (200002) for 4 subscriptions');
    await vi.waitFor(() => expect(text(document.activeElement ?? undefined)).toContain('for 4 subscriptions'));
    await press('Dismiss');
    await tell(uuid(1));
    await history.acceptBatch(aBatch(2, itemsOf(1, 2000), { askedAt: Date.now() }), itemsOf(1, 2000));
    await tell(uuid(2));
    await says('Set Wanted Partner (200002) for 1 subscription');
    expect(all('article')).toHaveLength(1);
    globalThis.history.replaceState(null, '', '/');
  });
});
