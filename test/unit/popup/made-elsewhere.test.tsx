import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ForeignChange } from '../../../src/domain/history';
import { holdingOf, stateOf } from '../../../src/domain/partner-state';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { MessageOutput } from '../../../src/messaging/protocol';
import { Popup } from '../../../src/popup/popup';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, createHistoryReader, type History } from '../../../src/storage/history';
import { createSnapshots } from '../../../src/storage/snapshots';
import { CONNECTION, SERVICE_CAN } from '../../support/connections';
import { browser, resetWorld, world } from '../../support/page-browser';
import { attached, CONTOSO, FABRIKAM } from '../../support/partners';
import { aRecord, state } from '../../support/records';
import { all, press, says, text, the } from '../../support/screen';
import { targetOf, uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

let history: History;
let open: ReturnType<typeof createDatabase>;
let tell: ReturnType<typeof createBroadcaster>;
let restored: MessageOutput<'change.restore'>[];
let asked: string[];

beforeEach(async () => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
  tell = createBroadcaster();
  restored = [];
  asked = [];
  await browser.storage.local.set({ connection: CONNECTION });
  world.worker = {
    'person.present': async () => null,
    'connections.kinds': async () => [],
    async 'foreign.seen'({ changeIds }) {
      await history.markMet(changeIds);
      tell({ changed: 'history' });
      return null;
    },
    async 'foreign.who'({ changeId }) {
      asked.push(changeId);
      await history.noteMaker(changeId, 'Mallory');
      tell({ changed: 'history' });
      return null;
    },
    async 'change.restore'(input) {
      restored.push(input);
      const held = stateOf(aRecord({ partnerOfRecord: attached(FABRIKAM), etag: '"9"' }));
      const view = {
        subscriptionId: input.id as never,
        source: '',
        state: held,
        readAt: 0,
        order: 1,
        failure: null,
        can: SERVICE_CAN,
        standing: null,
        changeOrder: 0,
        support: null,
      };
      return input.seen === '"9"'
        ? { ok: false, problem: 'nothingToChange' }
        : { ok: false, problem: 'changedSince', found: holdingOf(view.state), view };
    },
  };
});
afterEach(() => {
  render(null, document.body);
  tell({ changed: 'settings' });
});

function foreign(number: number, more: Partial<ForeignChange> = {}): ForeignChange {
  return {
    id: uuid(number),
    target: targetOf(`s${number}`),
    targetName: `Subscription ${number}`,
    before: CONTOSO,
    after: attached(FABRIKAM),
    foundAt: Date.now(),
    by: 'Ada',
    version: '"2"',
    seen: false,
    ...more,
  };
}

async function write(...found: ForeignChange[]): Promise<void> {
  await createSnapshots(open).writeAfter(
    found.map((one) => ({
      target: one.target,
      snapshot: { state: state(FABRIKAM), readAt: 1, readAs: null },
      foreign: () => one,
      least: 1,
    })),
  );
}

const openPopup = () => render(<Popup history={createHistoryReader(open)} place={{ in: 'popup' }} />, document.body);
const region = () => the('region', 'Needs you');
const gone = () => vi.waitFor(() => expect(all('region', 'Needs you')).toEqual([]));

it('a change made elsewhere is told with who did it, and leaves once it was seen', async () => {
  await write(foreign(1));
  openPopup();
  await says('Changed elsewhere from Contoso (1234567) to Fabrikam (7654321) by Ada.');
  expect(text(await the('tab', 'History'))).toContain('1');
  await press('Mark as seen');
  await gone();
});

it('Restore asks over what was found, and then over what the person was told of', async () => {
  await write(foreign(1));
  openPopup();
  await region();
  await press('Restore');
  await says('By now it is Fabrikam (7654321). Press again to replace that.');
  await press('Restore');
  await says('Nothing to change: it is so already.');
  expect(restored).toMatchObject([
    { changeId: uuid(1), seen: '"2"' },
    { changeId: uuid(1), seen: '"9"' },
  ]);
});

it('more than a few are one line that is answered at once', async () => {
  await write(...Array.from({ length: 1200 }, (_, at) => foreign(at + 1)));
  openPopup();
  await the('heading', '1,200 changes made elsewhere');
  expect(all('button', 'Restore')).toEqual([]);
  await press('Mark as seen');
  await gone();
});

it('the history meets them, has who removed a partner asked for, and offers Restore where the connection is set up', async () => {
  const other = targetOf('away', uuid(77));
  await write(foreign(1, { after: null, by: null }), foreign(2, { target: other, seen: true }));
  openPopup();
  await press('History', 'tab');
  await says('Changed elsewhere from Contoso (1234567) to no partner of record by Mallory.');
  await says('Changed elsewhere from Contoso (1234567) to Fabrikam (7654321) by Ada.');
  await vi.waitFor(async () => expect(await history.unmetCount()).toBe(0));
  expect(asked).toEqual([uuid(1)]);
  expect(all('button', 'Restore', await the('list', 'History'))).toHaveLength(1);
});
