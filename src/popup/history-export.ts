import type { HistoryEntry } from '../domain/history';
import type { Partner } from '../domain/partner';
import { csvOf } from '../ui/csv';
import { failureText } from '../words/failure';
import { t } from '../words/words';

export interface ExportedHistory {
  readonly name: string;
  readonly type: 'text/csv' | 'application/json';
  readonly text: string;
  readonly count: number;
}

const COLUMNS = [
  'when',
  'what',
  'outcome',
  'detail',
  'subscription',
  'subscriptionId',
  'partnerIdBefore',
  'partnerBefore',
  'partnerId',
  'partner',
  'attempts',
  'ended',
  'page',
  'askedBy',
  'sentAs',
  'id',
] as const;

/**
 * The history as a file: CSV for a spreadsheet, JSON with all that is known of each row but what the reader may do about it.
 * Rows hold no secrets.
 * @param now when it is exported, in milliseconds since the epoch
 */
export async function exportHistory(
  history: AsyncIterable<HistoryEntry>,
  format: 'csv' | 'json',
  now: number,
): Promise<ExportedHistory> {
  const rows: HistoryEntry[] = [];
  for await (const row of history) rows.push(row);
  const at = new Date(now).toISOString();
  const name = `partner-of-record-history-${at.slice(0, 10)}.${format}`;
  return format === 'csv'
    ? {
        name,
        type: 'text/csv',
        text: csvOf(
          COLUMNS.map((column) => t(`popup.columns.${column}`)),
          rows.map(cells),
        ),
        count: rows.length,
      }
    : {
        name,
        type: 'application/json',
        text: `${JSON.stringify({ exportedAt: at, rows: rows.map(withoutReader) }, null, 2)}\n`,
        count: rows.length,
      };
}

/** A row without what depends on who reads it. */
function withoutReader(row: HistoryEntry) {
  if (row.type !== 'change') return row;
  const { may: _may, me: _me, progress: _progress, ...standing } = row.standing;
  return { ...row, standing };
}

/** In the order of {@link COLUMNS}. */
function cells(row: HistoryEntry): string[] {
  const common = [new Date(row.at).toISOString(), t(`popup.what.${row.kind}`), t(`popup.outcomes.${row.outcome}`)];
  switch (row.type) {
    case 'check': {
      const { outcome, partnerId } = row.check;
      const detail = outcome.kind === 'failed' ? failureText(outcome.failure) : '';
      const partner = outcome.kind === 'found' ? partnerCells(outcome.partner) : [partnerId, ''];
      return [...common, detail, '', '', '', '', ...partner, '', '', '', '', '', row.id];
    }
    case 'foreign': {
      const { subscriptionId, subscriptionName, before, after } = row.foreign;
      const partners = [...partnerCells(before), ...partnerCells(after)];
      return [...common, '', subscriptionName, subscriptionId, ...partners, '', '', '', '', '', row.id];
    }
    case 'change': {
      const { target, targetName, before, after, at, attempts, endedAt, page, askedBy, sentAs } = row.standing;
      const failure = 'cause' in at ? at.cause : null;
      return [
        ...common,
        failure === null ? '' : failureText(failure),
        targetName,
        target.kind === 'subscription' ? target.id : `${target.tenant} ${target.user}`,
        ...partnerCells(before),
        ...partnerCells(after),
        String(attempts),
        endedAt === null ? '' : new Date(endedAt).toISOString(),
        page ?? '',
        askedBy ?? '',
        sentAs ?? '',
        row.id,
      ];
    }
  }
}

function partnerCells(partner: Partner | null): [id: string, name: string] {
  return partner === null ? ['', ''] : [partner.partnerId, partner.name];
}
