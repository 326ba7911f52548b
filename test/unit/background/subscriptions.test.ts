import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';
import { createSubscriptions } from '../../../src/background/subscriptions';
import type { PartnerState } from '../../../src/domain/partner-state';
import { createDatabase } from '../../../src/storage/database';
import { createHistory } from '../../../src/storage/history';
import { createSnapshots } from '../../../src/storage/snapshots';
import { aChange } from '../../support/changes';
import { createClock, START } from '../../support/clock';
import { CONNECTION } from '../../support/connections';
import { createFakeService } from '../../support/fake-service';
import { OLD, WANTED } from '../../support/partners';
import { state } from '../../support/records';
import { SUBSCRIPTION_ID, targetOf } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const target = targetOf(SUBSCRIPTION_ID, CONNECTION.id);
const [before, after] = [state(OLD, '"1"'), state(WANTED, '"2"')];

/** A change on its way; `view` has it end, with what it led to, while the view is being drawn. */
async function onItsWay() {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const open = createDatabase(() => undefined);
  const [history, snapshots] = [createHistory(open), createSnapshots(open)];
  const change = aChange({ target });
  const keep = (shown: PartnerState) =>
    snapshots.writeAll([{ target, snapshot: { state: shown, readAt: START, order: 1, readAs: null } }]);
  await keep(before);
  await history.insertChange(change, null);
  await history.applyEvent(change.id, { type: 'sent', at: START });
  async function end(): Promise<null> {
    // What is drawn has begun with the state by then.
    await snapshots.read(target);
    await keep(after);
    await history.applyEvent(change.id, { type: 'applied', at: START, state: after });
    return null;
  }
  let during = async (): Promise<null> => null;
  const subscriptions = createSubscriptions({
    history,
    snapshots,
    connections: { byId: async () => null },
    person: async () => null,
    clock: createClock(START),
    log: { info: () => undefined, error: () => undefined },
    support: () => during(),
    holdOf: async () => null,
    linkName: async ({ tenant }) => tenant,
    connectionsUnread: async () => false,
    onAccepted: () => undefined,
    onView: () => undefined,
    onForeign: () => undefined,
  });
  const view = () => subscriptions.view({ connection: CONNECTION, backend: createFakeService() }, SUBSCRIPTION_ID);
  return {
    view,
    viewWhileItEnds() {
      during = end;
      return view();
    },
  };
}

test('a change that ends while a view of it is drawn is shown as ended beside what it led to', async () => {
  const { view, viewWhileItEnds } = await onItsWay();
  expect(await view()).toMatchObject({ standing: { at: { phase: 'sending' } }, state: before });
  expect(await viewWhileItEnds()).toMatchObject({ standing: { at: { phase: 'done' } }, state: after });
});

test('what was read since a change was asked for is shown rather than an earlier answer to it, by the next worker too', async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const open = createDatabase(() => undefined);
  const backend = createFakeService();
  const start = () =>
    createSubscriptions({
      history: createHistory(open),
      snapshots: createSnapshots(open),
      connections: { byId: async () => ({ connection: CONNECTION, backend }) },
      person: async () => null,
      clock: createClock(START),
      log: { info: () => undefined, error: () => undefined },
      support: async () => null,
      holdOf: async () => null,
      linkName: async ({ tenant }) => tenant,
      connectionsUnread: async () => false,
      onAccepted: () => undefined,
      onView: () => undefined,
      onForeign: () => undefined,
    });
  const current = { connection: CONNECTION, backend };
  const change = aChange({ target });
  backend.write(SUBSCRIPTION_ID, WANTED);
  backend.write(SUBSCRIPTION_ID, OLD);
  await start().readAnew(current, SUBSCRIPTION_ID);
  // The change was made as the second version, and answered once more after somebody wrote the third.
  await start().keepReplayed(change, after);
  const shown = async () => (await start().view(current, SUBSCRIPTION_ID)).state?.version;
  expect(await shown()).toBe('"3"');
  backend.write(SUBSCRIPTION_ID, WANTED);
  await start().refresh(target);
  expect(await shown()).toBe('"4"');
});

test('what was read ahead serves the next read, if that comes within some seconds', async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const open = createDatabase(() => undefined);
  const [backend, clock] = [createFakeService(), createClock(START)];
  const drawn = vi.fn();
  const subscriptions = createSubscriptions({
    history: createHistory(open),
    snapshots: createSnapshots(open),
    connections: { byId: async () => null },
    person: async () => null,
    clock,
    log: { info: () => undefined, error: () => undefined },
    support: async () => null,
    holdOf: async () => null,
    linkName: async ({ tenant }) => tenant,
    connectionsUnread: async () => false,
    onAccepted: () => undefined,
    onView: drawn,
    onForeign: () => undefined,
  });
  const current = { connection: CONNECTION, backend };
  async function readThisLongAfter(ms: number) {
    backend.write(SUBSCRIPTION_ID, OLD);
    drawn.mockClear();
    await subscriptions.readAhead(current, SUBSCRIPTION_ID);
    await expect.poll(() => drawn.mock.calls.length).toBe(1);
    backend.write(SUBSCRIPTION_ID, WANTED);
    clock.moveTo(clock.now() + ms);
    return subscriptions.readAnew(current, SUBSCRIPTION_ID);
  }
  expect(await readThisLongAfter(4999)).toMatchObject({ state: { partnerOfRecord: OLD } });
  expect(await readThisLongAfter(5000)).toMatchObject({ state: { partnerOfRecord: WANTED } });
});
