import axe from 'axe-core';
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MessageOutput } from '../../../src/messaging/protocol';
import { BulkBar } from '../../../src/subscriptions/bulk-bar';
import type { KnownRow } from '../../../src/subscriptions/bulk-plan';
import { rowKey } from '../../../src/subscriptions/row-id';
import { pressedAll, NOTHING_SELECTED, type Selection } from '../../../src/ui/selection';
import { nothingMade } from '../../support/batches';
import { CONNECTION_ID, SERVICE_CAN } from '../../support/connections';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { state } from '../../support/records';
import { resetWorld, world } from '../../support/page-browser';
import { all, press, says, text, the, type } from '../../support/screen';
import { subscriptionId, uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

class NoFrames {
  observe = () => undefined;
  disconnect = () => undefined;
}
vi.stubGlobal('ResizeObserver', NoFrames);

const SINCE = 1000;
const HERE = { id: CONNECTION_ID, name: 'Here', can: SERVICE_CAN };
const THERE = { id: uuid(2), name: 'There', can: SERVICE_CAN };
const READER = { mayChange: false, role: 'Reader', reason: null } as const;

type Keyed = KnownRow & { readonly key: string };
function aRow(id: string, more: Partial<KnownRow> = {}): Keyed {
  const known = { state: state(CONTOSO), readAt: SINCE, failure: null, isBusy: false, page: null };
  const row = { connectionId: CONNECTION_ID, subscriptionId: subscriptionId(id), ...known, ...more };
  return { ...row, key: rowKey(row) };
}

let asked: MessageOutput<'batch.ask'>[];
let readAgain: string[];
let listsRead: string[];
let done: (readonly string[])[];
let setRows: (rows: readonly Keyed[]) => void;
let select: (selection: Selection) => void;

// jsdom has no modal dialogs (29.1).
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};

beforeEach(() => {
  resetWorld();
  [asked, readAgain, listsRead, done] = [[], [], [], []];
  world.worker['partner.check'] = async ({ partnerId }) =>
    partnerId === FABRIKAM.partnerId ? { kind: 'found', partner: FABRIKAM } : { kind: 'unknownPartner' };
  world.worker['partners.used'] = async () => ({ assigned: [], checked: [] });
  world.worker['batch.ask'] = async (input) => {
    asked.push(input);
    const size = input.items.length;
    return { ok: true, progress: nothingMade(input.id, size), asked: size, leftOut: [] };
  };
});
afterEach(() => render(null, document.body));

interface Open {
  readonly rows: readonly Keyed[];
  readonly selection?: Selection;
  readonly shown?: readonly string[];
  readonly size?: number;
}

function open({ rows, selection, shown, size = 0 }: Open): void {
  const keys = rows.map(({ key }) => key);
  function Page() {
    const [chosen, setChosen] = useState(selection ?? pressedAll(NOTHING_SELECTED, keys, 'all'));
    const [known, setKnown] = useState(rows);
    setRows = setKnown;
    select = setChosen;
    return (
      <main>
        <BulkBar
          rows={known}
          knownOf={(row) => row}
          shown={shown ?? known.map(({ key }) => key)}
          view="all"
          selection={chosen}
          onSelect={setChosen}
          connections={[HERE, THERE]}
          since={SINCE}
          lists={[{ connectionId: CONNECTION_ID, isReading: false, size }]}
          onReadList={(connectionId) => listsRead.push(connectionId)}
          onAsked={(ids) => done.push(ids)}
        />
      </main>
    );
  }
  render(<Page />, document.body);
}

async function check(partnerId = FABRIKAM.partnerId): Promise<void> {
  await type('textbox', 'Partner ID', partnerId);
  await press('Check ID');
}

async function expectAccessible(): Promise<void> {
  // jsdom draws no colours.
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  // Whoever looks by role next has axe know the page anew.
  document.body.toggleAttribute('data-looked-at');
}

describe('the bar', () => {
  it('is not there while nothing is selected', () => {
    open({ rows: [aRow('a')], selection: NOTHING_SELECTED });
    expect(all('region')).toEqual([]);
  });

  it('counts what is selected, and what of it the filter does not show', async () => {
    const rows = [aRow('a'), aRow('b'), aRow('c')];
    open({ rows, shown: [rowKey(aRow('a'))] });
    await says('3 selected, 2 not shown');
    await press('Clear selection');
    await vi.waitFor(() => expect(all('region')).toEqual([]));
  });

  it('says that rows came later, and adds them when it is asked to', async () => {
    open({ rows: [aRow('a')] });
    setRows([aRow('a'), aRow('b')]);
    await says('1 more has come since. It is not selected.');
    await says('1 selected');
    await press('Add 1 more');
    await says('2 selected');
  });

  it('saves once the ID is checked, for as many as really change', async () => {
    open({
      rows: [
        aRow('a'),
        aRow('b', { state: state(null) }),
        aRow('c', { state: state(FABRIKAM) }),
        aRow('d', { isBusy: true }),
      ],
    });
    expect(all('button', 'Save partner for 2')).toEqual([]);
    await check();
    await says('Fabrikam (7654321)');
    await the('button', 'Save partner for 2');
    await says('What this partner will see');
    await expectAccessible();
    await press('Save partner for 2');
    await vi.waitFor(() => expect(done).toHaveLength(1));
    expect(asked.map(({ kind, items }) => [kind, items.map((item) => item.subscriptionId)])).toEqual([
      ['bulk', ['a', 'b']],
    ]);
    expect(done[0]).toEqual([asked[0]?.id]);
    await vi.waitFor(() => expect(all('region')).toEqual([]));
  });

  it('offers no save for an ID that was changed after it was checked, or that nobody has', async () => {
    open({ rows: [aRow('a')] });
    await check();
    await the('button', 'Save partner for 1');
    await type('textbox', 'Partner ID', '1111111');
    expect(all('button', 'Save partner for 1')).toEqual([]);
    await press('Check ID');
    await says('There is no partner with the ID 1111111');
    expect(all('button', 'Save partner for 1')).toEqual([]);
  });

  it('asks at each connection with what it calls the partner, one batch each', async () => {
    const there = { ...FABRIKAM, name: 'Fabrikam Ltd' };
    const { 'partner.check': here } = world.worker;
    world.worker['partner.check'] = async (input, sender) =>
      input.connectionId === THERE.id
        ? { kind: 'found', partner: there }
        : ((await here?.(input, sender)) ?? { kind: 'unknownPartner' });
    open({ rows: [aRow('a'), aRow('b', { connectionId: THERE.id })] });
    await check();
    await says('At There: Fabrikam Ltd');
    await press('Save partner for 2');
    await vi.waitFor(() => expect(done).toHaveLength(1));
    expect(asked.map(({ connectionId }) => connectionId)).toEqual([CONNECTION_ID, THERE.id]);
  });

  it('does not save while one of the connections has not said whose the ID is', async () => {
    world.worker['partner.check'] = async ({ connectionId }) =>
      connectionId === THERE.id ? { kind: 'unknownPartner' } : { kind: 'found', partner: FABRIKAM };
    open({ rows: [aRow('a'), aRow('b', { connectionId: THERE.id })] });
    await check();
    await says('There could not say whose this ID is.');
    expect(all('button', 'Save partner for 2')).toEqual([]);
  });

  describe('once the worker did not take it', () => {
    const rows = [aRow('a'), aRow('b')];
    const only = (id: string) => pressedAll(NOTHING_SELECTED, [rowKey(aRow(id))], 'all');
    beforeEach(() => {
      world.worker['batch.ask'] = async (input) => {
        asked.push(input);
        return { ok: false, problem: 'storageFull' };
      };
    });
    const wishes = () => asked.map(({ items }) => items.map(({ subscriptionId: id, after }) => [id, after]));
    const [a, b] = [subscriptionId('a'), subscriptionId('b')];
    const to = FABRIKAM.partnerId;

    it('asks for what is selected by then, and says nothing of what was before', async () => {
      open({ rows });
      await check();
      await press('Save partner for 2');
      await says('has no room left');
      select(only('a'));
      await vi.waitFor(() => expect(text()).not.toContain('has no room left'));
      await press('Save partner for 1');
      await vi.waitFor(() => expect(asked).toHaveLength(2));
      expect(wishes()).toEqual([
        [
          [a, to],
          [b, to],
        ],
        [[a, to]],
      ]);
      expect(asked[0]?.id).not.toBe(asked[1]?.id);
    });

    it('saves after a removal that was cancelled, and removes nothing', async () => {
      open({ rows, selection: only('a') });
      await check();
      await press('Remove partner from 1');
      await press('Yes');
      await says('has no room left');
      await press('Cancel');
      await press('Save partner for 1');
      await vi.waitFor(() => expect(asked).toHaveLength(2));
      expect(wishes()).toEqual([[[a, null]], [[a, to]]]);
    });

    it('removes after a save, and sets nobody', async () => {
      open({ rows, selection: only('b') });
      await check();
      await press('Save partner for 1');
      await says('has no room left');
      await press('Remove partner from 1');
      await press('Yes');
      await vi.waitFor(() => expect(asked).toHaveLength(2));
      expect(wishes()).toEqual([[[b, to]], [[b, null]]]);
    });
  });

  it('keeps everything where the worker does not take it, and hands over the same once more', async () => {
    const { 'batch.ask': takes } = world.worker;
    const tried: string[] = [];
    world.worker['batch.ask'] = async (input) => {
      tried.push(input.id);
      return { ok: false, problem: 'storageFull' };
    };
    open({ rows: [aRow('a')] });
    await check();
    await press('Save partner for 1');
    await says('The browser has no room left to note this, so nothing was sent.');
    if (takes !== undefined) world.worker['batch.ask'] = takes;
    await press('Save partner for 1');
    await vi.waitFor(() => expect(done).toEqual([tried]));
  });
});

describe('the preview', () => {
  it('counts each kind, in bold what replaces another partner, and shows the rows of each', async () => {
    open({
      rows: [
        aRow('a'),
        aRow('b', { state: state(null) }),
        aRow('c', { state: { ...state(CONTOSO), rights: READER } }),
        aRow('d', { state: state(FABRIKAM) }),
      ],
    });
    await check();
    const preview = await the('region', 'Preview');
    expect(all('button', undefined, preview).map((button) => text(button))).toEqual([
      '2 will change',
      '1 replaces another partner',
      '1 is so already',
      '1 you may not change',
      '1: from Contoso (1234567) to Fabrikam (7654321)',
      '1: from no partner to Fabrikam (7654321)',
    ]);
    expect(text((await the('button', '1 replaces another partner')).querySelector('strong') ?? undefined)).toContain(
      '1',
    );
    await press('1 you may not change');
    const list = await the('list', 'Subscriptions of the preview');
    expect(all('listitem', undefined, list)).toHaveLength(1);
    await expectAccessible();
    await press('1 you may not change');
    await vi.waitFor(() => expect(all('list', 'Subscriptions of the preview')).toEqual([]));
  });

  it('shows fifty rows at a time', async () => {
    open({ rows: Array.from({ length: 120 }, (_, n) => aRow(`s${n}`)) });
    await check();
    await press('120 will change');
    await says('1 to 50 of 120');
    await press('Next');
    await press('Next');
    await says('101 to 120 of 120');
    expect(all('listitem', undefined, await the('list', 'Subscriptions of the preview'))).toHaveLength(20);
  });
});

describe('what was read before this opening', () => {
  const STALE = { readAt: SINCE - 1 };
  const read = (failing: readonly string[] = []) => {
    world.worker['subscription.read'] = async ({ subscriptionId: id }) => {
      readAgain.push(id);
      const failure = failing.includes(id) ? ({ reason: 'signInNeeded' } as const) : null;
      const common = { source: 'Here', order: 1, standing: null, changeOrder: 0, support: null, can: SERVICE_CAN };
      return failure === null
        ? { ...common, subscriptionId: id, state: state(FABRIKAM), readAt: SINCE + 1, failure }
        : { ...common, subscriptionId: id, state: state(CONTOSO), readAt: SINCE - 1, failure };
    };
  };

  it('is read again before the button counts it', async () => {
    read();
    open({ rows: [aRow('a', STALE), aRow('b')], size: 400 });
    await check();
    await the('button', 'Save partner for 1');
    expect(readAgain).toEqual(['a']);
    await says('1 is so already');
    expect(listsRead).toEqual([]);
  });

  it('comes with its list where that takes fewer requests', async () => {
    read();
    open({ rows: [aRow('a', STALE), aRow('b', STALE)], size: 200 });
    await check();
    await vi.waitFor(() => expect(listsRead).toEqual([CONNECTION_ID]));
    expect((await the('button', 'Save partner for 2')).getAttribute('aria-disabled')).toBe('true');
    await says('Reading 0 of 2 again…');
    setRows([aRow('a', { readAt: SINCE + 5 }), aRow('b', { readAt: SINCE + 5 })]);
    await vi.waitFor(() => expect(all('button', 'Save partner for 2')[0]?.getAttribute('aria-disabled')).toBeNull());
    expect(readAgain).toEqual([]);
  });

  it('is unknown where it cannot be read, and is not asked for on and on where nobody is signed in', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `s${n}`);
    read(ids);
    open({ rows: ids.map((id) => aRow(id, STALE)), size: 10_000 });
    await check();
    await says('12 could not be read');
    expect(readAgain.length).toBeLessThanOrEqual(4);
    await the('button', 'Save partner for 0');
    read();
    await press('Try again');
    await says('12 are so already');
  });
});

describe('removing', () => {
  it('asks first, with the number that will really change, and begins on No', async () => {
    open({ rows: [aRow('a'), aRow('b'), aRow('c', { state: state(null) })] });
    await press('Remove partner from 2');
    const question = await the('alertdialog', 'Remove partner of record from 2 subscriptions?');
    await vi.waitFor(() => expect(text(document.activeElement ?? undefined)).toBe('No'));
    expect(text(question)).toContain('Contoso (1234567): 2 subscriptions');
    await expectAccessible();
    await press('No');
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
    expect(asked).toEqual([]);
    await press('Remove partner from 2');
    await press('Yes');
    await vi.waitFor(() => expect(done).toHaveLength(1));
    expect(asked[0]?.items.map(({ subscriptionId: id, after }) => [id, after])).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('has the number typed above a hundred', async () => {
    open({ rows: Array.from({ length: 101 }, (_, n) => aRow(`s${n}`)) });
    await press('Remove partner from 101');
    await press('Yes');
    await says('That is not the number of subscriptions.');
    expect(asked).toEqual([]);
    await type('textbox', 'Type 101 to go on', '101');
    await press('Yes');
    await vi.waitFor(() => expect(done).toHaveLength(1));
  });

  it('does not need an ID, and is off where nothing has a partner', async () => {
    open({ rows: [aRow('a', { state: state(null) })] });
    expect((await the('button', 'Remove partner from 0')).getAttribute('aria-disabled')).toBe('true');
  });
});
