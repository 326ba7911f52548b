import { madeBy, type SingleEntry } from '../domain/history';
import type { Connection } from '../domain/connection';
import type { PartnerRef } from '../domain/partner';
import type { SpreadsheetColumn } from '../domain/spreadsheet';
import type { Standing } from '../domain/standing';
import { type LinkTarget, type Target, targetNameOf } from '../domain/target';
import { csvPart } from '../ui/csv';
import { pauses } from '../ui/pause';
import { aboutOf } from '../words/about';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { type ExportFile, exportFile } from './export-file';
import { kindWords, targetOf } from './kind-words';

export interface ExportedHistory extends ExportFile {
  readonly name: string;
  readonly count: number;
}

export type HistoryFormat = 'csv' | 'json';

interface Content {
  readonly targetName: string;
  readonly before: PartnerRef | null;
  readonly after: PartnerRef | null;
}

/** So many rows are made text at a time. */
const SLICE = 1000;

/**
 * The history as a file: CSV for a spreadsheet, JSON with all that is known of each row but what the reader may do about it.
 * Rows hold no secrets. Throws the signal's reason once it has aborted.
 * @param connections those that are set up now: rows know their connections by ID alone
 * @param now when it is exported, in milliseconds since the epoch
 * @param onProgress hears how many rows are written by now
 */
export async function exportHistory(
  history: AsyncIterable<SingleEntry>,
  format: HistoryFormat,
  connections: readonly Connection[],
  now: number,
  signal: AbortSignal,
  onProgress: (count: number) => void,
): Promise<ExportedHistory> {
  const pause = pauses(signal);
  const at = new Date(now).toISOString();
  const { type, partOf, end } = FORMATS[format](connections, at);
  let count = 0;
  async function* parts(): AsyncGenerator<string> {
    let rows: SingleEntry[] = [];
    for await (const row of history) {
      rows.push(row);
      if (rows.length < SLICE) continue;
      yield partOf(rows, count === 0);
      count += rows.length;
      rows = [];
      onProgress(count);
      await pause();
    }
    if (rows.length > 0 || count === 0) yield partOf(rows, count === 0);
    count += rows.length;
    yield end;
  }
  const { file, remove } = await exportFile(parts(), `${type};charset=utf-8`);
  return { name: `partner-of-record-history-${at.slice(0, 10)}.${format}`, file, remove, count };
}

/** How rows are written in a format, part after part, and what stands behind the last. */
interface Format {
  readonly type: 'text/csv' | 'application/json';
  readonly partOf: (rows: readonly SingleEntry[], isFirst: boolean) => string;
  readonly end: string;
}

const FORMATS: Record<HistoryFormat, (connections: readonly Connection[], exportedAt: string) => Format> = {
  csv(connections) {
    const all = columns(connections);
    return { type: 'text/csv', partOf: (rows, isFirst) => csvPart(all, rows, isFirst), end: '' };
  },
  json: (connections, exportedAt) => ({
    type: 'application/json',
    partOf(rows, isFirst) {
      const before = isFirst ? `{"exportedAt":${JSON.stringify(exportedAt)},"rows":[\n` : ',\n';
      const lines = rows.map((row) =>
        JSON.stringify({ ...withoutReader(row), by: byOf(row), connection: connectionOf(row, connections) }),
      );
      return before + lines.join(',\n');
    },
    end: '\n]}\n',
  }),
};

/** The columns, in the order in which they are written. */
function columns(connections: readonly Connection[]): readonly SpreadsheetColumn<SingleEntry>[] {
  return [
    { title: t('history.columns.when'), value: ({ at }) => dateTime(at) },
    { title: t('history.columns.type'), value: kindWords },
    { title: t('history.columns.result'), value: ({ outcome }) => t(`history.results.${outcome}`) },
    { title: t('history.columns.detail'), value: detailOf },
    {
      title: t('history.columns.subscription'),
      value: (row) => (linkOf(row) === null ? contentOf(row).targetName : ''),
    },
    { title: t('history.columns.subscriptionId'), value: (row) => idOf(targetOf(row)) },
    { title: t('history.columns.partnerIdBefore'), value: (row) => contentOf(row).before?.partnerId ?? '' },
    { title: t('history.columns.partnerBefore'), value: (row) => contentOf(row).before?.name ?? '' },
    { title: t('history.columns.partnerId'), value: (row) => contentOf(row).after?.partnerId ?? '' },
    { title: t('history.columns.partner'), value: (row) => contentOf(row).after?.name ?? '' },
    { title: t('history.columns.askedBy'), value: (row) => standingIn(row)?.askedBy ?? '' },
    { title: t('history.columns.by'), value: (row) => byOf(row) ?? '' },
    { title: t('history.columns.sentAs'), value: (row) => standingIn(row)?.sentAs ?? '' },
    { title: t('history.columns.connection'), value: (row) => connectionOf(row, connections) },
    { title: t('history.columns.batch'), value: (row) => standingIn(row)?.batch ?? '' },
    { title: t('history.columns.attempts'), value: (row) => String(standingIn(row)?.attempts ?? '') },
    { title: t('history.columns.ended'), value: (row) => dateTime(standingIn(row)?.endedAt ?? null) },
    { title: t('history.columns.page'), value: (row) => standingIn(row)?.page ?? '' },
    { title: t('history.columns.link'), value: (row) => (linkOf(row) === null ? '' : contentOf(row).targetName) },
    { title: t('history.columns.tenantId'), value: (row) => linkOf(row)?.tenant ?? '' },
    { title: t('history.columns.accountId'), value: (row) => linkOf(row)?.user ?? '' },
    // No row ends in an empty cell.
    { title: t('history.columns.id'), value: ({ id }) => id },
  ];
}

/** A row without what depends on who reads it. */
function withoutReader(row: SingleEntry) {
  if (row.type !== 'change') return row;
  const { may: _may, me: _me, progress: _progress, ...standing } = row.standing;
  return { ...row, standing };
}

/** Who set the partner, as the service says; null when that is not known. */
function byOf(row: SingleEntry): string | null {
  switch (row.type) {
    case 'change': {
      const { at } = row.standing;
      return at.phase === 'done' ? (at.outcome.partnerOfRecord?.assignedBy ?? null) : null;
    }
    case 'foreign':
      return madeBy(row.foreign);
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
      return { targetName: '', before: null, after };
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
      const { at, target } = row.standing;
      return 'cause' in at && at.cause !== null ? failureText(at.cause, null, aboutOf(target)) : '';
    }
  }
}

function standingIn(row: SingleEntry): Standing | null {
  return row.type === 'change' ? row.standing : null;
}

function idOf(target: Target | null): string {
  return target?.kind === 'subscription' ? target.id : '';
}

/** Whose link a row is of; null where it is of none. */
function linkOf(row: SingleEntry): LinkTarget | null {
  const target = targetOf(row);
  return target?.kind === 'signIn' ? target : null;
}

/** In RFC 3339; empty where there is none. */
function dateTime(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
