import { parse } from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change';
import { entryOf, type HistoryEntry, type HistoryRow } from '../../../src/domain/history';
import { exportHistory } from '../../../src/popup/history-export';
import { csvOf } from '../../../src/ui/csv';
import { ADA, BEN } from '../domain/samples';
import {
  CONNECTION,
  CONNECTION_ID,
  CONTOSO,
  change,
  check,
  FABRIKAM,
  HOSTILE,
  ofRecord,
  subscriptionId,
} from '../pages/samples';

function cellOf(text: string): string | undefined {
  const [, row] = parse<string[]>(csvOf(['Name'], [[text]]), { delimiter: ',' }).data;
  return row?.[0];
}

describe('a cell of a CSV file', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '  =1+1',
    '\u200b=1+1',
    '\ufeff=1+1',
    '\u00a0@x',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
    '=HYPERLINK("http://evil.example","x")',
    '=1"+\n"2',
  ])('that a spreadsheet could run gets an apostrophe: %j', (text) => {
    expect(cellOf(text)).toBe(`'${text}`);
  });

  it.each([
    ['a;=1+1', "a;'=1+1"],
    ['a,=1+1', "a,'=1+1"],
    ['a\t=1+1', "a\t'=1+1"],
    ['a|=1+1', "a|'=1+1"],
    ['x\n=1', "x\n'=1"],
    ['x\r\n@SUM(A1)', "x\r\n'@SUM(A1)"],
    ['x\u2028+1', "x\u2028'+1"],
    ['a; =1', "a;' =1"],
    ['a;"=1"', 'a;\'"=1"'],
    ['a；＝1', "a；'＝1"],
    ['a;=1;@2;b', "a;'=1;'@2;b"],
    ['=1;=2', "'=1;'=2"],
    ['"=1"', '\'"=1"'],
    ['\t=1', "'\t'=1"],
  ])('of which a spreadsheet of another locale could run a part gets an apostrophe there: %j', (text, guarded) => {
    expect(cellOf(text)).toBe(guarded);
  });

  it('is guarded in a moment, however many separators and spaces it holds', () => {
    const before = process.cpuUsage();
    for (const piece of [';', ' ', '\n', '"', '; ']) csvOf(['Name'], [[`x${piece.repeat(50_000)}x`]]);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });

  it.each(['Contoso', 'a=b', 'a;b=c', 'a - b', 'Fabrikam, Inc.', '1234567', HOSTILE, '', "O'Brien", 'a,"b"'])(
    'that is harmless stays as it is: %j',
    (text) => {
      expect(cellOf(text)).toBe(text);
    },
  );
});

async function* entriesOf(...entries: HistoryEntry[]): AsyncIterable<HistoryEntry> {
  yield* entries;
}

const NOW = Date.parse('2026-11-23T08:00:00Z');
const done = change(
  { state: 'done', attempts: 2, endedAt: NOW, outcome: { partnerOfRecord: ofRecord(CONTOSO), etag: '"2"' } },
  { before: FABRIKAM, kind: 'change', targetName: '@Production' },
);
const found = check('1234567', { kind: 'found', partner: { ...CONTOSO, name: HOSTILE } }, NOW);
const row = (of: Change): HistoryRow => ({ type: 'change', id: of.id, at: NOW, change: of });
const viewer = { connectionId: CONNECTION_ID, person: ADA, mayChange: null };
const rows = [
  row(done),
  { type: 'check', id: found.id, at: NOW, check: found } as const,
  row({ ...done, person: null }),
  row({ ...done, person: { ...ADA, name: '=Ada' }, sentAs: BEN }),
].map((one) => entryOf(one, viewer, NOW));

describe('the exported history', () => {
  it('names the columns and has a cell for each in every row', async () => {
    const { text, count, name } = await exportHistory(entriesOf(...rows), 'csv', CONNECTION, NOW);
    const { data, errors } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(errors).toEqual([]);
    expect({ count, name }).toEqual({ count: 4, name: 'partner-of-record-history-2026-11-23.csv' });
    expect(data[0]).toMatchObject({
      Type: 'Change',
      Result: 'Done',
      Subscription: "'@Production",
      'Partner ID before': '7654321',
      Partner: 'Contoso',
      Attempts: '2',
      Ended: '2026-11-23T08:00:00.000Z',
      By: 'Ada',
      'Sent as': '',
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
    const { text } = await exportHistory(entriesOf(...rows), 'csv', CONNECTION, NOW);
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[2]).toMatchObject({ By: '', 'Sent as': '' });
    expect(data[3]).toMatchObject({ By: "'=Ada", 'Sent as': 'Ben' });
  });

  it('names who made a change elsewhere, and a connection that is not the present one by its ID', async () => {
    const connectionId = '00000000-0000-4000-8000-000000000009';
    const foreign = {
      id: crypto.randomUUID(),
      connectionId,
      subscriptionId: subscriptionId('s'),
      subscriptionName: 'Production',
      before: CONTOSO,
      after: ofRecord(FABRIKAM),
      foundAt: NOW,
    };
    const entry = entryOf({ type: 'foreign', id: foreign.id, at: NOW, foreign }, viewer, NOW);
    const { text } = await exportHistory(entriesOf(entry), 'csv', CONNECTION, NOW);
    const { data } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data[0]).toMatchObject({
      Type: 'Changed elsewhere',
      By: 'Ada',
      Connection: connectionId,
      Partner: 'Fabrikam',
    });
  });

  it('keeps everything of a row as JSON but what depends on who reads it', async () => {
    const { text } = await exportHistory(entriesOf(...rows), 'json', CONNECTION, NOW);
    const connection = 'localhost:8787';
    const kept = rows.map((row) => {
      if (row.type !== 'change') return { ...row, by: null, connection };
      const { may: _may, me: _me, progress: _progress, ...standing } = row.standing;
      return { ...row, standing, by: standing.askedBy, connection };
    });
    expect(JSON.parse(text)).toEqual({ exportedAt: '2026-11-23T08:00:00.000Z', rows: kept });
  });
});
