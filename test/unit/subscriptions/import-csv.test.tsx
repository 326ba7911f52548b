import axe from 'axe-core';
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckAnswer } from '../../../src/domain/partner-form';
import type { MessageOutput } from '../../../src/messaging/protocol';
import type { KnownRow } from '../../../src/subscriptions/bulk-plan';
import { ImportCsv, type ImportCsvProps } from '../../../src/subscriptions/import-csv';
import { nothingMade } from '../../support/batches';
import { CONNECTION_ID, SERVICE_CAN } from '../../support/connections';
import { resetWorld, world } from '../../support/page-browser';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { state } from '../../support/records';
import { all, choose, press, says, text, the, type } from '../../support/screen';
import { subscriptionId, uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
// jsdom has no modal dialogs (29.1).
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};

const HERE = { id: CONNECTION_ID, name: 'Here', can: SERVICE_CAN };
const THERE = { id: uuid(2), name: 'There', can: SERVICE_CAN };

function aRow(id: string, more: Partial<KnownRow> = {}): KnownRow {
  const known = { state: state(null), readAt: Date.now(), failure: null, isBusy: false, page: null };
  return { connectionId: CONNECTION_ID, subscriptionId: subscriptionId(id), ...known, ...more };
}

/** One of Contoso, one of Fabrikam, two of nobody. */
const ROWS = [aRow('c', { state: state(CONTOSO) }), aRow('f', { state: state(FABRIKAM) }), aRow('n1'), aRow('n2')];

let asked: MessageOutput<'batch.ask'>[];
let checked: string[];
let answers: Record<string, CheckAnswer>;
let done: (readonly string[])[];

beforeEach(() => {
  resetWorld();
  [asked, checked, done] = [[], [], []];
  answers = {
    [CONTOSO.partnerId]: { kind: 'found', partner: CONTOSO },
    [FABRIKAM.partnerId]: { kind: 'found', partner: FABRIKAM },
  };
  world.worker['partner.check'] = async ({ partnerId, connectionId }) => {
    checked.push(`${partnerId} ${connectionId === CONNECTION_ID ? 'here' : 'there'}`);
    return answers[partnerId] ?? { kind: 'unknownPartner' };
  };
  world.worker['batch.ask'] = async (input) => {
    asked.push(input);
    const size = input.items.length;
    return { ok: true, progress: nothingMade(input.id, size), asked: size, leftOut: [] };
  };
});
afterEach(() => render(null, document.body));

let alter: (more: Partial<ImportCsvProps<KnownRow>>) => void;

async function open(more: Partial<ImportCsvProps<KnownRow>> = {}): Promise<void> {
  function Page() {
    const [altered, setAltered] = useState(more);
    alter = setAltered;
    return (
      <main>
        <ImportCsv
          rows={ROWS}
          knownOf={itself}
          connections={[HERE]}
          since={0}
          lists={[{ connectionId: CONNECTION_ID, isReading: false, size: 4 }]}
          isWhole={always}
          onReadList={() => undefined}
          onAsked={(ids) => done.push(ids)}
          {...altered}
        />
      </main>
    );
  }
  render(<Page />, document.body);
  await press('Import CSV');
  await the('heading', 'Import CSV');
}
const itself = (row: KnownRow) => row;
const always = () => true;

function carry(kind: 'paste' | 'drop', carried: { text?: string; file?: File }): Event {
  const event = new Event(kind, { bubbles: true, cancelable: true });
  const files = carried.file === undefined ? [] : [carried.file];
  const data = { files, getData: () => carried.text ?? '' };
  Object.defineProperty(event, kind === 'paste' ? 'clipboardData' : 'dataTransfer', { value: data });
  document.querySelector('dialog')?.dispatchEvent(event);
  return event;
}
const paste = (text: string) => carry('paste', { text });

const LINES = `subscriptionId,partnerId\nc,${FABRIKAM.partnerId}\nf,${FABRIKAM.partnerId}\nn1,${CONTOSO.partnerId}\n`;

const problems = () => all('listitem', undefined, all('list', 'Problems')[0]).map((item) => text(item));

describe('an import', () => {
  it('previews what differs, by the partners’ names, and asks for it as one batch once that is confirmed', async () => {
    await open();
    expect(paste(LINES).defaultPrevented).toBe(true);
    const preview = await the('region', 'Preview');
    await the('button', 'Make 2 changes');
    expect(text(preview)).toContain('1: from Contoso (1234567) to Fabrikam (7654321)');
    expect(text(preview)).toContain('to Contoso (1234567)');
    expect(checked.toSorted()).toEqual([`${CONTOSO.partnerId} here`, `${FABRIKAM.partnerId} here`]);
    expect(asked).toEqual([]);
    await press('Make 2 changes');
    await vi.waitFor(() => expect(done).toHaveLength(1));
    expect(asked).toMatchObject([
      {
        connectionId: CONNECTION_ID,
        kind: 'import',
        items: [
          { subscriptionId: 'c', before: CONTOSO, after: FABRIKAM.partnerId, basedOn: '"1"' },
          { subscriptionId: 'n1', before: null, after: CONTOSO.partnerId },
        ],
      },
    ]);
    expect(done).toEqual([[asked[0]?.id]]);
    expect(document.querySelector('dialog')).toBeNull();
  });

  it('counts rows that are so already, and shows them in the preview when it is asked to', async () => {
    await open();
    paste(LINES);
    await the('button', 'Make 2 changes');
    await says('1 row is so already.');
    const box = await the('checkbox', 'Only rows that differ');
    expect(box).toHaveProperty('checked', true);
    box.click();
    await the('button', '1 is so already');
    await the('button', 'Make 2 changes');
  });

  it('asks before it removes', async () => {
    await open();
    paste('subscriptionId,partnerId\nc,\nn1,\n');
    await press('Make 1 change');
    const question = await the('alertdialog', 'Remove partner of record from 1 subscription?');
    expect(asked).toEqual([]);
    await press('No', 'button', question);
    await press('Make 1 change');
    await press('Yes', 'button', await the('alertdialog'));
    await vi.waitFor(() => expect(asked).toMatchObject([{ items: [{ subscriptionId: 'c', after: null }] }]));
  });

  it('names each problem with its line, those of the list and of the checks too, and carries out the rest', async () => {
    await open();
    paste(
      `MPN ID;SubscriptionGuid;Name\n1.23E+06;c;x\n${CONTOSO.partnerId};nowhere;x\n9999999;n1;x\n${CONTOSO.partnerId};n2;x\n;;\n${CONTOSO.partnerId};f;x\n;f;x`,
    );
    await the('button', 'Make 1 change');
    expect(problems()).toEqual([
      'Line 2: A spreadsheet shortened “1.23E+06”. Show the column as text, then export again.',
      'Line 3: nowhere is not in the list.',
      'Line 4: No partner has the ID 9999999.',
      'Line 7: Lines 7 and 8 want different partners for f. None of them counts.',
    ]);
    await says('Columns that are not read: Name.');
    await press('Make 1 change');
    await vi.waitFor(() => expect(asked).toMatchObject([{ items: [{ subscriptionId: 'n2' }] }]));
  });

  it('hints at a Partner ID of unusual length, and says that what stands there twice counts once', async () => {
    answers['12345'] = { kind: 'found', partner: { ...CONTOSO, partnerId: '12345' as typeof CONTOSO.partnerId } };
    await open();
    paste('subscriptionId,partnerId\nn1,12345\nn1,12345\n');
    await says('Unusual length of a Partner ID: line 2.');
    await says('1 row says what another says.');
    await the('button', 'Make 1 change');
  });

  it('shows 50 of many problems at a time', async () => {
    await open();
    const rows = Array.from({ length: 60 }, (_, at) => `s${at},x${at}`);
    paste(`subscriptionId,partnerId\n${rows.join('\n')}`);
    await says('60 problems: their rows');
    await vi.waitFor(() => expect(problems()).toHaveLength(50));
    await press('Next');
    await vi.waitFor(() => expect(problems()).toHaveLength(10));
  });

  it('reads a file that is chosen or dropped, in UTF-16 too', async () => {
    await open();
    const bytes = new Uint8Array(
      [...`\ufeff${LINES}`].flatMap((sign) => [sign.charCodeAt(0) & 255, sign.charCodeAt(0) >> 8]),
    );
    carry('drop', { file: new File([bytes], 'wishes.csv') });
    await says('wishes.csv: 3 rows.');
    await the('button', 'Make 2 changes');
    const input = document.querySelector('input[type=file]');
    if (!(input instanceof HTMLInputElement)) throw new Error('no input');
    const opened = vi.spyOn(input, 'click').mockImplementation(() => undefined);
    await press('Choose file');
    expect(opened).toHaveBeenCalledOnce();
    Object.defineProperty(input, 'files', {
      value: [new File([`subscriptionId,partnerId\nn2,${CONTOSO.partnerId}`], 'other.csv')],
    });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await says('other.csv: 1 row.');
    await the('button', 'Make 1 change');
  });

  it.each([
    ['a workbook', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 'This is a workbook or an archive, not a CSV file.'],
    ['another encoding', new Uint8Array([0x61, 0x2c, 0xe9, 0x0a]), 'This file is not in UTF-8 (line 1).'],
    ['nothing', new Uint8Array(), 'There is nothing in it.'],
  ])('says what to do about a file that is %s', async (_, bytes, words) => {
    await open();
    carry('drop', { file: new File([bytes], 'bad.csv') });
    await says(words);
    expect(all('region', 'Preview')).toEqual([]);
  });

  it('reads what was typed when it is told to', async () => {
    await open();
    expect(all('button', 'Read rows')).toEqual([]);
    await type('textbox', 'Paste rows', `n1,${CONTOSO.partnerId}`);
    await press('Read rows');
    await the('button', 'Make 1 change');
  });

  it('leaves out what could not be checked, says why, and checks that again', async () => {
    answers[CONTOSO.partnerId] = { kind: 'failed', failure: { reason: 'busy' } };
    await open();
    paste(LINES);
    await says('1 row is left out: its Partner ID could not be checked.');
    await the('button', 'Make 1 change');
    answers[CONTOSO.partnerId] = { kind: 'found', partner: CONTOSO };
    await press('Try again');
    await the('button', 'Make 2 changes');
    expect(checked).toHaveLength(3);
  });

  it('takes no row for unlisted while the list is not read to its end', async () => {
    await open({ isWhole: () => false, rows: ROWS.slice(0, 2) });
    paste(LINES);
    await says('1 row is left out: the list of subscriptions could not be read to its end.');
    expect(all('list', 'Problems')).toEqual([]);
    alter({
      lists: [{ connectionId: CONNECTION_ID, isReading: true, size: 2 }],
      isWhole: () => false,
      rows: ROWS.slice(0, 2),
    });
    await says('The list of subscriptions is still being read.');
    alter({});
    await the('button', 'Make 2 changes');
  });

  it('is for one connection, which is chosen where there are several', async () => {
    const rows = [...ROWS, aRow('t', { connectionId: THERE.id })];
    await open({ rows, connections: [HERE, THERE] });
    paste(`subscriptionId,partnerId\nt,${CONTOSO.partnerId}`);
    await says('t is not in the list.');
    await choose('Connection', 'There');
    await press('Make 1 change');
    await vi.waitFor(() => expect(asked).toMatchObject([{ connectionId: THERE.id, items: [{ subscriptionId: 't' }] }]));
    expect(checked.at(-1)).toBe(`${CONTOSO.partnerId} there`);
  });

  it('says why the worker did not take it, and can be confirmed again under the same ID', async () => {
    const { 'batch.ask': real } = world.worker;
    world.worker['batch.ask'] = async (input) => {
      asked.push(input);
      return { ok: false, problem: 'storageFull' };
    };
    await open();
    paste(LINES);
    await press('Make 2 changes');
    await says('The browser has no room left to note this');
    if (real !== undefined) world.worker['batch.ask'] = real;
    await press('Make 2 changes');
    await vi.waitFor(() => expect(done).toHaveLength(1));
    expect(asked[0]?.id).toBe(asked[1]?.id);
  });

  it('asks for what is read now, not for what the worker did not take before', async () => {
    const { 'batch.ask': real } = world.worker;
    world.worker['batch.ask'] = async () => ({ ok: false, problem: 'storageFull' });
    await open();
    paste(LINES);
    await press('Make 2 changes');
    await says('The browser has no room left to note this');
    paste(`subscriptionId,partnerId\nn2,${CONTOSO.partnerId}`);
    await the('button', 'Make 1 change');
    expect(text()).not.toContain('The browser has no room left');
    if (real !== undefined) world.worker['batch.ask'] = real;
    await press('Make 1 change');
    await vi.waitFor(() => expect(asked).toMatchObject([{ items: [{ subscriptionId: 'n2' }] }]));
  });

  it('is left by Escape and by Close, and the button has the focus again', async () => {
    await open();
    const button = await the('button', 'Import CSV');
    await press('Close');
    await vi.waitFor(() => expect(document.querySelector('dialog')).toBeNull());
    button.focus();
    await press('Import CSV');
    const dialog = await vi.waitFor(() => document.querySelector('dialog') ?? Promise.reject(new Error('none')));
    dialog.dispatchEvent(new Event('cancel', { cancelable: true }));
    await vi.waitFor(() => expect(document.querySelector('dialog')).toBeNull());
    expect(document.activeElement).toBe(button);
  });

  it('has nothing in it that axe finds fault with', async () => {
    await open();
    paste(`${LINES}nowhere,${CONTOSO.partnerId}\n`);
    await the('button', 'Make 2 changes');
    const { violations } = await axe.run(document.body, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
      rules: { 'color-contrast': { enabled: false } },
    });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });
});
