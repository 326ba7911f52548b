import { parse } from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change';
import { entryOf, type SingleEntry, type SingleRow } from '../../../src/domain/history';
import { type SpreadsheetCell, textOfCell } from '../../../src/domain/spreadsheet';
import { exportHistory as exportTo, type HistoryFormat } from '../../../src/popup/history-export';
import { csvOf } from '../../../src/ui/csv';
import { toContoso } from '../../support/changes';
import { check } from '../../support/checks';
import { CONNECTION, CONNECTION_ID } from '../../support/connections';
import { ACCOUNT, LINK_TARGET, linkToContoso, TENANT } from '../../support/links';
import { HOSTILE } from '../../support/hostile';
import { attached, CONTOSO, FABRIKAM, partnerId } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { SUBSCRIPTION_ID, subscriptionId, uuid } from '../../support/targets';
import { ALTERED, BARE, FORMULAS, PARTLY_FORMULAS, TYPED } from '../domain/spreadsheet-cells';

/** The cells of a row that is a spreadsheet's. */
function cellsOf(row: readonly SpreadsheetCell[]): readonly string[] {
  return (
    parse<string[]>(
      csvOf(
        row.map((cell) => ({ title: 'Name', value: () => cell })),
        [row],
      ),
      { delimiter: ',', newline: '\r\n' },
    ).data[1] ?? []
  );
}

describe('a row of a CSV file', () => {
  it('has each cell as a spreadsheet shows it, and as it is read back', () => {
    const tried = [...FORMULAS, ...PARTLY_FORMULAS, ...ALTERED, ...BARE, ...TYPED];
    expect(cellsOf(tried.map(({ cell }) => cell))).toEqual(tried.map(({ written }) => written));
    const texts = [...FORMULAS, ...PARTLY_FORMULAS, ...ALTERED, ...BARE].map(({ cell }) => cell);
    expect(cellsOf(texts).map(textOfCell)).toEqual(texts);
  });

  it('has a cell in quotation marks that another separator would split', () => {
    const cells = { A: 'x;y', B: '007', C: 'a|b', D: 'plain' };
    expect(
      csvOf(
        Object.entries(cells).map(([title, cell]) => ({ title, value: () => cell })),
        [cells],
      ),
    ).toBe('\ufeffA,B,C,D\r\n"x;y","\t007","a|b",plain\r\n');
  });

  it('keeps what a backend or page wrote as it is, where that is harmless', () => {
    expect(cellsOf([HOSTILE])).toEqual([HOSTILE]);
  });
});

async function* entriesOf(...entries: SingleEntry[]): AsyncIterable<SingleEntry> {
  yield* entries;
}

const NEVER = new AbortController().signal;

/** The file with its text. */
async function exportHistory(entries: AsyncIterable<SingleEntry>, format: HistoryFormat, connections = [CONNECTION]) {
  const { file, ...exported } = await exportTo(entries, format, connections, NOW, NEVER, () => undefined);
  // Read so, the mark in front stays.
  return { ...exported, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer()) };
}

const NOW = Date.parse('2026-11-23T08:00:00Z');
const done = toContoso(
  { state: 'done', attempts: 2, endedAt: NOW, outcome: { partnerOfRecord: attached(CONTOSO), version: '"2"' } },
  { before: FABRIKAM, kind: 'change', targetName: '@Production' },
);
const found = check('1234567', { kind: 'found', partner: { ...CONTOSO, name: HOSTILE } }, NOW);
const row = (of: Change): SingleRow => ({ type: 'change', id: of.id, at: NOW, change: of });
const viewer = { connectionId: CONNECTION_ID, person: ADA, mayChange: null };
const rows = [
  row(done),
  { type: 'check', id: found.id, at: NOW, check: found } as const,
  row({ ...done, person: null }),
  row({ ...done, person: { ...ADA, name: '=Ada' }, sentAs: BEN }),
].map((one) => entryOf(one, viewer, NOW));

describe('the exported history', () => {
  it('has whose link was changed and where, in columns of its own, and in none of a subscription’s', async () => {
    const failure = { reason: 'refused', status: 400, said: 'No such partner.' } as const;
    const link = linkToContoso({ state: 'refused', attempts: 1, endedAt: NOW, failure, seen: true });
    const { text } = await exportHistory(entriesOf(entryOf(row(link), viewer, NOW)), 'csv');
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[0]).toMatchObject({
      Type: 'Link partner',
      Detail: 'Azure refused (400). Azure said: “No such partner.”',
      Subscription: '',
      'Subscription ID': '',
      'Partner ID': CONTOSO.partnerId,
      'Asked by': ACCOUNT,
      Link: `${TENANT} (${ACCOUNT})`,
      'Tenant ID': LINK_TARGET.tenant,
      'Account ID': LINK_TARGET.user,
    });
    const json = await exportHistory(entriesOf(entryOf(row(link), viewer, NOW)), 'json');
    expect(JSON.parse(json.text).rows[0].standing).toMatchObject({ target: LINK_TARGET, targetName: link.targetName });
  });

  it('names the columns and has a cell for each in every row', async () => {
    const { text, count, name } = await exportHistory(entriesOf(...rows), 'csv');
    const { data, errors } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(errors).toEqual([]);
    expect({ count, name }).toEqual({ count: 4, name: 'partner-of-record-history-2026-11-23.csv' });
    expect(text.slice(1).split('\r\n')[0]).toBe(
      'When,Type,Result,Detail,Subscription,Subscription ID,Partner ID before,Partner before,Partner ID,Partner,Asked by,By,Sent as,Connection,Batch,Attempts,Ended,Page,Link,Tenant ID,Account ID,ID',
    );
    expect(data[0]).toMatchObject({
      Type: 'Change',
      Result: 'Done',
      Subscription: "'@Production",
      'Partner ID before': '7654321',
      Partner: 'Contoso',
      Attempts: '2',
      Ended: '2026-11-23T08:00:00.000Z',
      'Asked by': 'Ada',
      By: 'Ada',
      'Sent as': '',
      Batch: '',
      Connection: 'localhost:8787',
    });
    expect(data[1]).toMatchObject({
      Type: 'Check',
      'Partner ID': '1234567',
      Partner: HOSTILE,
      Result: 'Partner found',
      By: '',
      'Sent as': '',
    });
  });

  it('names who asked and who sent it as their own, as harmless cells, and nobody where nobody knows', async () => {
    const { text } = await exportHistory(entriesOf(...rows), 'csv');
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[2]).toMatchObject({ 'Asked by': '', By: 'Ada', 'Sent as': '' });
    expect(data[3]).toMatchObject({ 'Asked by': "'=Ada", 'Sent as': 'Ben' });
  });

  it('keeps every digit of an ID, and a name that a spreadsheet would take for a date', async () => {
    const longer = { partnerId: partnerId('0048520131'), name: '1/2' };
    const made = { ...done, before: longer, targetName: 'x;=1+1;y' };
    const entry = entryOf(row(made), viewer, NOW);
    const { text } = await exportHistory(entriesOf(entry), 'csv');
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[0]).toMatchObject({
      'Partner ID before': '\t0048520131',
      'Partner before': '\t1/2',
      'Partner ID': '1234567',
      Subscription: "x;'=1+1;y",
    });
  });

  it('names who made a change elsewhere, and a connection that is not the present one by its ID', async () => {
    const connectionId = '00000000-0000-4000-8000-000000000009';
    const foreign = {
      id: crypto.randomUUID(),
      target: { kind: 'subscription', connectionId, id: subscriptionId('s') } as const,
      targetName: 'Production',
      before: CONTOSO,
      after: attached(FABRIKAM),
      foundAt: NOW,
      by: null,
      version: null,
      seen: true,
    };
    const entry = entryOf({ type: 'foreign', id: foreign.id, at: NOW, foreign }, viewer, NOW);
    const { text } = await exportHistory(entriesOf(entry), 'csv');
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[0]).toMatchObject({
      Type: 'Changed elsewhere',
      By: 'Ada',
      Connection: connectionId,
      Partner: 'Fabrikam',
    });
  });

  it('names by its ID a subscription whose name is blank', async () => {
    const { target } = done;
    const foreign = { id: uuid(9), target, targetName: ' ', before: null, after: null, foundAt: NOW };
    const nameless = [
      entryOf(row({ ...done, targetName: '' }), viewer, NOW),
      entryOf(
        { type: 'foreign', id: uuid(9), at: NOW, foreign: { ...foreign, by: null, version: null, seen: true } },
        viewer,
        NOW,
      ),
    ];
    const { text } = await exportHistory(entriesOf(...nameless), 'csv');
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data.map(({ Subscription }) => Subscription)).toEqual([SUBSCRIPTION_ID, SUBSCRIPTION_ID]);
  });

  it('has every change of a batch as a row that names it', async () => {
    const entry = entryOf(row({ ...done, batch: uuid(7) }), viewer, NOW);
    const { text } = await exportHistory(entriesOf(entry), 'csv');
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[0]).toMatchObject({ Type: 'Change', Batch: uuid(7) });
  });

  it('is one file from any number of rows, its headings once, and says how far it is', async () => {
    const many = async function* () {
      for (let i = 0; i < 2500; i++) yield entryOf(row({ ...done, targetName: `Row ${i}` }), viewer, NOW);
    };
    const counts: number[] = [];
    const { file, count } = await exportTo(many(), 'csv', [CONNECTION], NOW, NEVER, (written) => counts.push(written));
    const { data, errors } = parse<Record<string, string>>(await file.text(), { header: true, skipEmptyLines: true });
    expect(errors).toEqual([]);
    expect({ count, counts }).toEqual({ count: 2500, counts: [1000, 2000] });
    expect(data.map(({ Subscription }) => Subscription)).toEqual(Array.from({ length: 2500 }, (_, i) => `Row ${i}`));
    expect(new Set(data.map(({ When, ID }) => `${When} ${ID}`)).size).toBe(1);
    const json = await exportHistory(many(), 'json');
    expect(JSON.parse(json.text).rows).toHaveLength(2500);
    expect((await exportHistory(entriesOf(), 'csv')).text).toMatch(/^\ufeffWhen,.*,Account ID,ID\s*$/);
    expect(JSON.parse((await exportHistory(entriesOf(), 'json')).text).rows).toEqual([]);
  });

  it('ends where it is cancelled, and reads no further', async () => {
    let read = 0;
    const endless = async function* () {
      for (;;) {
        read += 1;
        yield entryOf(row(done), viewer, NOW);
      }
    };
    const cancel = new AbortController();
    const exporting = exportTo(endless(), 'csv', [CONNECTION], NOW, cancel.signal, () => cancel.abort());
    await expect(exporting).rejects.toThrow();
    expect(read).toBe(1000);
  });

  it('keeps everything of a row as JSON but what depends on who reads it', async () => {
    const { text } = await exportHistory(entriesOf(...rows), 'json');
    const connection = 'localhost:8787';
    const kept = rows.map((row) => {
      if (row.type !== 'change') return { ...row, by: null, connection };
      const { may: _may, me: _me, progress: _progress, ...standing } = row.standing;
      return { ...row, standing, by: 'Ada', connection };
    });
    expect(JSON.parse(text)).toEqual({ exportedAt: '2026-11-23T08:00:00.000Z', rows: kept });
  });
});
