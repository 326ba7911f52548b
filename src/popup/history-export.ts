import type { SingleEntry } from '../domain/history';
import type { Connection } from '../domain/connection';
import type { PartnerRef } from '../domain/partner';
import type { SpreadsheetColumn } from '../domain/spreadsheet';
import type { Standing } from '../domain/standing';
import { type Target, targetNameOf, targetTexts } from '../domain/target';
import { csvOf } from '../ui/csv';
import { failureText } from '../words/failure';
import { t } from '../words/words';

export interface ExportedHistory {
  readonly name: string;
  readonly type: 'text/csv' | 'application/json';
  readonly text: string;
  readonly count: number;
}

interface Content {
  readonly target: Target | null;
  readonly targetName: string;
  readonly before: PartnerRef | null;
  readonly after: PartnerRef | null;
}

/**
 * The history as a file: CSV for a spreadsheet, JSON with all that is known of each row but what the reader may do about it.
 * Rows hold no secrets.
 * @param connections those that are set up now: rows know their connections by ID alone
 * @param now when it is exported, in milliseconds since the epoch
 */
export async function exportHistory(
  history: AsyncIterable<SingleEntry>,
  format: 'csv' | 'json',
  connections: readonly Connection[],
  now: number,
): Promise<ExportedHistory> {
  const rows: SingleEntry[] = [];
  for await (const row of history) rows.push(row);
  const at = new Date(now).toISOString();
  const name = `partner-of-record-history-${at.slice(0, 10)}.${format}`;
  const text = format === 'csv' ? csvOf(columns(connections), rows) : jsonOf(rows, connections, at);
  return { name, type: format === 'csv' ? 'text/csv' : 'application/json', text, count: rows.length };
}

/** The columns, in the order in which they are written. */
function columns(connections: readonly Connection[]): readonly SpreadsheetColumn<SingleEntry>[] {
  return [
    { title: t('history.columns.when'), value: ({ at }) => dateTime(at) },
    { title: t('history.columns.type'), value: ({ kind }) => t(`history.what.${kind}`) },
    { title: t('history.columns.result'), value: ({ outcome }) => t(`history.results.${outcome}`) },
    { title: t('history.columns.detail'), value: detailOf },
    { title: t('history.columns.subscription'), value: (row) => contentOf(row).targetName },
    { title: t('history.columns.subscriptionId'), value: (row) => idOf(contentOf(row).target) },
    { title: t('history.columns.partnerIdBefore'), value: (row) => contentOf(row).before?.partnerId ?? '' },
    { title: t('history.columns.partnerBefore'), value: (row) => contentOf(row).before?.name ?? '' },
    { title: t('history.columns.partnerId'), value: (row) => contentOf(row).after?.partnerId ?? '' },
    { title: t('history.columns.partner'), value: (row) => contentOf(row).after?.name ?? '' },
    { title: t('history.columns.by'), value: (row) => byOf(row) ?? '' },
    { title: t('history.columns.sentAs'), value: (row) => standingIn(row)?.sentAs ?? '' },
    { title: t('history.columns.connection'), value: (row) => connectionOf(row, connections) },
    { title: t('history.columns.attempts'), value: (row) => String(standingIn(row)?.attempts ?? '') },
    { title: t('history.columns.ended'), value: (row) => dateTime(standingIn(row)?.endedAt ?? null) },
    { title: t('history.columns.page'), value: (row) => standingIn(row)?.page ?? '' },
    { title: t('history.columns.id'), value: ({ id }) => id },
  ];
}

function jsonOf(rows: readonly SingleEntry[], connections: readonly Connection[], exportedAt: string): string {
  const all = rows.map((row) => ({ ...withoutReader(row), by: byOf(row), connection: connectionOf(row, connections) }));
  return `${JSON.stringify({ exportedAt, rows: all }, null, 2)}\n`;
}

/** A row without what depends on who reads it. */
function withoutReader(row: SingleEntry) {
  if (row.type !== 'change') return row;
  const { may: _may, me: _me, progress: _progress, ...standing } = row.standing;
  return { ...row, standing };
}

/** Who asked for it here or made it elsewhere; null when that is not known. */
function byOf(row: SingleEntry): string | null {
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
function connectionOf(row: SingleEntry, present: readonly Connection[]): string {
  const connectionId = connectionIdOf(row);
  return present.find(({ id }) => id === connectionId)?.name ?? connectionId;
}

function connectionIdOf(row: SingleEntry): string {
  switch (row.type) {
    case 'change':
      return row.standing.target.connectionId;
    case 'foreign':
      return row.foreign.target.connectionId;
    case 'check':
      return row.check.connectionId;
  }
}

/** What a row is about; a check has an ID and no target. */
function contentOf(row: SingleEntry): Content {
  switch (row.type) {
    case 'check': {
      const { outcome, partnerId } = row.check;
      const after = outcome.kind === 'found' ? outcome.partner : { partnerId, name: null };
      return { target: null, targetName: '', before: null, after };
    }
    case 'foreign':
      return { ...row.foreign, targetName: targetNameOf(row.foreign.target, row.foreign.targetName) };
    case 'change':
      return row.standing;
  }
}

function detailOf(row: SingleEntry): string {
  switch (row.type) {
    case 'check':
      return row.check.outcome.kind === 'failed' ? failureText(row.check.outcome.failure) : '';
    case 'foreign':
      return '';
    case 'change': {
      const { at } = row.standing;
      return 'cause' in at && at.cause !== null ? failureText(at.cause) : '';
    }
  }
}

function standingIn(row: SingleEntry): Standing | null {
  return row.type === 'change' ? row.standing : null;
}

function idOf(target: Target | null): string {
  return target === null ? '' : targetTexts(target).join(' ');
}

/** In RFC 3339; empty where there is none. */
function dateTime(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
