import { parse } from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { HistoryRow } from '../../../src/domain/history';
import { exportHistory } from '../../../src/popup/history-export';
import { csvOf } from '../../../src/ui/csv';
import { CONTOSO, change, check, FABRIKAM, HOSTILE, ofRecord } from '../pages/samples';

function cellOf(text: string): string | undefined {
  const [, row] = parse<string[]>(csvOf(['Name'], [[text]])).data;
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

  it.each(['Contoso', 'a=b', '1234567', HOSTILE, 'x\n=1', '', "O'Brien", 'a,"b"'])(
    'that is harmless stays as it is: %j',
    (text) => {
      expect(cellOf(text)).toBe(text);
    },
  );
});

async function* rowsOf(...rows: HistoryRow[]): AsyncIterable<HistoryRow> {
  yield* rows;
}

const NOW = Date.parse('2026-11-23T08:00:00Z');
const done = change(
  { state: 'done', attempts: 2, endedAt: NOW, outcome: { partnerOfRecord: ofRecord(CONTOSO), etag: '"2"' } },
  { before: FABRIKAM, kind: 'change', targetName: '@Production' },
);
const found = check('1234567', { kind: 'found', partner: { ...CONTOSO, name: HOSTILE } }, NOW);
const rows: HistoryRow[] = [
  { type: 'change', id: done.id, at: NOW, change: done },
  { type: 'check', id: found.id, at: NOW, check: found },
];

describe('the exported history', () => {
  it('names the columns and has a cell for each in every row', async () => {
    const { text, count, name } = await exportHistory(rowsOf(...rows), 'csv', NOW);
    const { data, errors } = parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(errors).toEqual([]);
    expect({ count, name }).toEqual({ count: 2, name: 'partner-of-record-history-2026-11-23.csv' });
    expect(data[0]).toMatchObject({
      What: 'Change',
      Outcome: 'Done',
      Subscription: "'@Production",
      'Partner ID before': '7654321',
      Partner: 'Contoso',
      Attempts: '2',
      Ended: '2026-11-23T08:00:00.000Z',
    });
    expect(data[1]).toMatchObject({
      What: 'Check',
      'Partner ID': '1234567',
      Partner: HOSTILE,
      Outcome: 'Partner found',
    });
  });

  it('keeps everything of a row as JSON', async () => {
    const { text } = await exportHistory(rowsOf(...rows), 'json', NOW);
    expect(JSON.parse(text)).toEqual({ exportedAt: '2026-11-23T08:00:00.000Z', rows });
  });
});
