import type { HistoryEntry } from '../domain/history';
import type { Connection } from '../domain/connection';
import type { PartnerRef } from '../domain/partner';
import { type Target, targetTexts } from '../domain/target';
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
  'type',
  'result',
  'detail',
  'subscription',
  'subscriptionId',
  'partnerIdBefore',
  'partnerBefore',
  'partnerId',
  'partner',
  'by',
  'sentAs',
  'connection',
  'attempts',
  'ended',
  'page',
  'id',
] as const;
type Cells = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/**
 * The history as a file: CSV for a spreadsheet, JSON with all that is known of each row but what the reader may do about it.
 * Rows hold no secrets.
 * @param connections those that are set up now: rows know their connections by ID alone
 * @param now when it is exported, in milliseconds since the epoch
 */
export async function exportHistory(
  history: AsyncIterable<HistoryEntry>,
  format: 'csv' | 'json',
  connections: readonly Connection[],
  now: number,
): Promise<ExportedHistory> {
  const rows: HistoryEntry[] = [];
  for await (const row of history) rows.push(row);
  const at = new Date(now).toISOString();
  const name = `partner-of-record-history-${at.slice(0, 10)}.${format}`;
  const text = format === 'csv' ? tableOf(rows, connections) : jsonOf(rows, connections, at);
  return { name, type: format === 'csv' ? 'text/csv' : 'application/json', text, count: rows.length };
}

function tableOf(rows: readonly HistoryEntry[], connections: readonly Connection[]): string {
  const cells = rows.map((row) => {
    const of: Cells = { ...commonCells(row, connections), ...cellsOf(row) };
    return COLUMNS.map((column) => of[column] ?? '');
  });
  return csvOf(
    COLUMNS.map((column) => t(`history.columns.${column}`)),
    cells,
  );
}

function jsonOf(rows: readonly HistoryEntry[], connections: readonly Connection[], exportedAt: string): string {
  const all = rows.map((row) => ({ ...withoutReader(row), by: byOf(row), connection: connectionOf(row, connections) }));
  return `${JSON.stringify({ exportedAt, rows: all }, null, 2)}\n`;
}

/** A row without what depends on who reads it. */
function withoutReader(row: HistoryEntry) {
  if (row.type !== 'change') return row;
  const { may: _may, me: _me, progress: _progress, ...standing } = row.standing;
  return { ...row, standing };
}

/** Who asked for it here or made it elsewhere; null when that is not known. */
function byOf(row: HistoryEntry): string | null {
  switch (row.type) {
    case 'change':
      return row.standing.askedBy;
    case 'foreign':
      return row.foreign.after?.assignedBy ?? null;
    case 'check':
      return null;
  }
}

/** The connection by name, where it is set up; else by its ID. */
function connectionOf(row: HistoryEntry, present: readonly Connection[]): string {
  const connectionId = connectionIdOf(row);
  return present.find(({ id }) => id === connectionId)?.name ?? connectionId;
}

function connectionIdOf(row: HistoryEntry): string {
  switch (row.type) {
    case 'change':
      return row.standing.target.connectionId;
    case 'foreign':
      return row.foreign.target.connectionId;
    case 'check':
      return row.check.connectionId;
  }
}

function commonCells(row: HistoryEntry, connections: readonly Connection[]): Cells {
  return {
    when: new Date(row.at).toISOString(),
    type: t(`history.what.${row.kind}`),
    result: t(`history.results.${row.outcome}`),
    by: byOf(row) ?? '',
    connection: connectionOf(row, connections),
    id: row.id,
  };
}

function cellsOf(row: HistoryEntry): Cells {
  switch (row.type) {
    case 'check': {
      const { outcome, partnerId } = row.check;
      const partner = outcome.kind === 'found' ? afterCells(outcome.partner) : { partnerId };
      return { ...partner, ...(outcome.kind === 'failed' && { detail: failureText(outcome.failure) }) };
    }
    case 'foreign': {
      const { target, targetName, before, after } = row.foreign;
      return { ...targetCells(target, targetName), ...beforeCells(before), ...afterCells(after) };
    }
    case 'change': {
      const { target, targetName, before, after, at, attempts, endedAt, page, sentAs } = row.standing;
      const failure = 'cause' in at ? at.cause : null;
      return {
        detail: failure === null ? '' : failureText(failure),
        ...targetCells(target, targetName),
        ...beforeCells(before),
        ...afterCells(after),
        sentAs: sentAs ?? '',
        attempts: String(attempts),
        ended: endedAt === null ? '' : new Date(endedAt).toISOString(),
        page: page ?? '',
      };
    }
  }
}

function targetCells(target: Target, name: string): Cells {
  return { subscription: name, subscriptionId: targetTexts(target).join(' ') };
}

function beforeCells(partner: PartnerRef | null): Cells {
  return partner === null ? {} : { partnerIdBefore: partner.partnerId, partnerBefore: partner.name ?? '' };
}

function afterCells(partner: PartnerRef | null): Cells {
  return partner === null ? {} : { partnerId: partner.partnerId, partner: partner.name ?? '' };
}
