import { describe, expect, it } from 'vitest';
import { readImportFile } from '../../../src/domain/import-file';
import { matchImport } from '../../../src/domain/import-match';
import type { PartnerId } from '../../../src/domain/partner';
import type { PartnerState } from '../../../src/domain/partner-state';
import type { SubscriptionId } from '../../../src/domain/subscription';
import { type ExportedSubscription, exportSubscriptions, subscriptionColumns } from '../../../src/subscriptions/export';
import { csvOf, csvOfMany } from '../../../src/ui/csv';
import { parseLines } from '../../../src/ui/csv-lines';
import { t } from '../../../src/words/words';

const CONTOSO = { partnerId: '04852013' as PartnerId, name: '=Contoso' };
const NOW = Date.UTC(2026, 2, 31);

function state(partner: typeof CONTOSO | null): PartnerState {
  return {
    partnerOfRecord: partner && { ...partner, assignedAt: '2026-03-01T10:00:00Z', assignedBy: 'Ada' },
    version: '"1"',
    rights: { mayChange: true, role: 'Contributor', reason: null },
    subscription: {
      displayName: 'One; two, "three"',
      service: 'azure',
      state: 'Active',
      startDate: '2025-01-01T00:00:00Z',
      endDate: '2027-01-01T00:00:00Z',
      customer: { id: 'c-1', name: 'Ünicode' },
    },
  };
}

const row = (id: string, known: PartnerState | null, connection: string | null = null): ExportedSubscription => ({
  subscriptionId: id as SubscriptionId,
  connection,
  state: known,
});
const ROWS = [row('a', state(CONTOSO)), row('b', state(null)), row('c', null)];

const read = (file: string) =>
  readImportFile(file.replace(/^\ufeff/, ''), {
    parse: parseLines,
    titles: {
      subscriptionId: t('history.columns.subscriptionId'),
      partnerId: t('history.columns.partnerId'),
      connection: t('history.columns.connection'),
    },
    pause: async () => undefined,
  });

describe('the rows of the subscriptions page as a file', () => {
  it('have who is there now, and when the partner came', () => {
    expect(csvOf(subscriptionColumns(ROWS), ROWS).split('\r\n').slice(0, 2)).toEqual([
      '\ufeffSubscription ID,Subscription,Partner ID,Partner of record,Since,Assigned by,Service,Customer,Customer ID,State,End date,Your role',
      `a,"One; two, ""three""","\t04852013",'=Contoso,2026-03-01,Ada,Azure,Ünicode,c-1,Active,2027-01-01,contributor`,
    ]);
  });

  it('are so already when they are imported again untouched, and one of which nobody knows the partner removes none', async () => {
    const { rows, problems } = await read(csvOf(subscriptionColumns(ROWS), ROWS));
    const list = new Map(ROWS.map((one) => [one.subscriptionId, one]));
    const { differing, already } = matchImport(rows, list, new Map());
    expect(differing).toEqual([]);
    expect(already.map(({ row }) => row.line)).toEqual([2, 3]);
    expect(problems).toMatchObject([{ kind: 'notAnId', line: 4, column: 'partnerId', written: 'Unknown' }]);
  });

  it('name their connection where there are several', () => {
    const several = [row('a', null, 'North'), row('b', null, 'South')];
    expect(csvOf(subscriptionColumns(several), several)).toMatch(/,Connection\r\n.*,North\r\n.*,South\r\n$/);
  });

  it('are the same bytes when many are written slice by slice', async () => {
    const many = Array.from({ length: 250 }, (_, at) => row(`s${at}`, at % 2 === 0 ? state(CONTOSO) : null));
    let pauses = 0;
    const blob = await csvOfMany(subscriptionColumns(many), many, async () => {
      pauses += 1;
    });
    expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await blob.arrayBuffer())).toBe(
      csvOf(subscriptionColumns(many), many),
    );
    expect(pauses).toBe(3);
    const none = await csvOfMany(subscriptionColumns([]), [], async () => undefined);
    expect((await none.text()).trim().split('\n')).toHaveLength(1);
  });

  it('are no workbook above 100,000', async () => {
    const many = Array.from({ length: 100_001 }, () => row('a', null));
    const answer = await exportSubscriptions(many, 'xlsx', NOW, new AbortController().signal);
    expect(answer).toEqual({ ok: false, problem: 'tooManyRows' });
  });
});
