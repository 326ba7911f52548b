import { useEffect } from 'preact/hooks';
import type { Batch } from '../domain/batch';
import { type HistoryEntry, madeBy, type RowOutcome, type SingleEntry } from '../domain/history';
import type { Settings } from '../domain/settings';
import type { Viewer } from '../domain/standing';
import { targetNameOf } from '../domain/target';
import { askOver } from '../messaging/ask-over';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import type { BatchReader } from '../storage/history';
import { formatDay, formatMoment, formatTime } from '../ui/format';
import { ForeignChangeText, Restore } from '../ui/foreign-change';
import { Name, PartnerName } from '../ui/partner-name';
import { aboutIn } from '../words/about';
import { batchName } from '../words/batch';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { BatchBody } from './batch-body';
import { ChangeBody } from './change-body';
import { kindWords } from './kind-words';
import { mayRestore } from './may-restore';
import { SupportOf } from './support-of';

interface HistoryItemProps {
  readonly entry: HistoryEntry;
  /** The batch that goes first where it waits; null: nothing is in its way. */
  readonly ahead: Batch | null;
  /** Whether it is of another day than the one before it. */
  readonly startsDay: boolean;
  /** Null while they are being read: then nothing can be done yet. */
  readonly settings: Settings | null;
  readonly now: number;
  /** Whether the person has the list before them. */
  readonly shown: boolean;
  readonly history: Pick<BatchReader, 'outcomesOf'>;
  /** Who the person is at each connection that is set up. */
  readonly viewers: readonly Viewer[];
}

/** One check or change: what, where, from whom to whom, how it ended and when. The first of a day is headed by its date. */
export function HistoryItem({ entry, ahead, startsDay, settings, now, shown, history, viewers }: HistoryItemProps) {
  return (
    <li>
      {startsDay && (
        <h2 class="day">
          <bdi>{dayText(entry.at, now)}</bdi>
        </h2>
      )}
      {entry.type === 'batch' ? (
        <div class="entry">
          <span class="mark" aria-hidden="true">
            ≡
          </span>
          <div class="entry-body">
            <EntryHead
              what={batchName(entry.batch, aboutIn(settings, entry.batch.connectionId))}
              at={entry.at}
              now={now}
            />
            <Source connectionId={entry.batch.connectionId} settings={settings} />
            <BatchBody {...{ history, viewers, entry, ahead, settings, now, shown }} />
          </div>
        </div>
      ) : (
        <SingleBody entry={entry} settings={settings} now={now} shown={shown} />
      )}
    </li>
  );
}

interface EntryHeadProps {
  readonly what: string;
  readonly at: number;
  readonly now: number;
}

/** What it is, and at which time it was asked, checked or found. */
function EntryHead({ what, at, now }: EntryHeadProps) {
  return (
    <p class="entry-head">
      <span>{what}</span>
      <time class="small muted" dateTime={new Date(at).toISOString()} title={formatMoment(at, now)}>
        <bdi>{formatTime(at)}</bdi>
      </time>
    </p>
  );
}

interface SourceProps extends Pick<HistoryItemProps, 'settings'> {
  readonly connectionId: string;
}

/** What people call the connection that an entry is of, where there are several: else that goes without saying. */
function Source({ connectionId, settings }: SourceProps) {
  const connections = settings?.connections ?? [];
  if (connections.length < 2) return null;
  return (
    <p class="small muted">
      <Name text={connections.find(({ id }) => id === connectionId)?.name ?? connectionId} />
    </p>
  );
}

function connectionOf(entry: SingleEntry): string {
  switch (entry.type) {
    case 'check':
      return entry.check.connectionId;
    case 'foreign':
      return entry.foreign.target.connectionId;
    case 'change':
      return entry.standing.target.connectionId;
  }
}

interface SingleBodyProps extends Pick<HistoryItemProps, 'settings' | 'now' | 'shown'> {
  readonly entry: SingleEntry;
}

function SingleBody({ entry, settings, now, shown }: SingleBodyProps) {
  return (
    <div class="entry">
      <span class={`mark mark-${entry.outcome}`} aria-hidden="true">
        {MARKS[entry.outcome]}
      </span>
      <div class="entry-body">
        <EntryHead what={kindWords(entry)} at={entry.at} now={now} />
        <Source connectionId={connectionOf(entry)} settings={settings} />
        {entry.type === 'check' && <CheckBody row={entry} settings={settings} />}
        {entry.type === 'foreign' && <ForeignBody row={entry} settings={settings} shown={shown} />}
        {entry.type === 'change' && (
          <ChangeBody standing={entry.standing} settings={settings} now={now} shown={shown} />
        )}
      </div>
    </div>
  );
}

function dayText(at: number, now: number): string {
  const today = new Date(now);
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  const day = new Date(at).toDateString();
  if (day === today.toDateString()) return t('history.today');
  return day === yesterday.toDateString() ? t('history.yesterday') : formatDay(at);
}

const MARKS: Readonly<Record<RowOutcome, string>> = {
  open: '…',
  done: '✓',
  refused: '✕',
  conflict: '!',
  cancelled: '–',
  unknown: '?',
  found: '✓',
  notFound: '?',
  failed: '✕',
};

interface CheckBodyProps extends Pick<HistoryItemProps, 'settings'> {
  readonly row: Extract<HistoryEntry, { type: 'check' }>;
}

function CheckBody({ row: { check }, settings }: CheckBodyProps) {
  const { connectionId, outcome, partnerId } = check;
  if (outcome.kind === 'found') {
    return (
      <p class="entry-target">
        <PartnerName partner={outcome.partner} />
      </p>
    );
  }
  return (
    <>
      <p class="entry-target id">
        <Name text={partnerId} />
      </p>
      <p class="small">{outcome.kind === 'failed' ? failureText(outcome.failure) : t('history.unknownId')}</p>
      {outcome.kind === 'failed' && (
        <SupportOf connectionId={connectionId} settings={settings} after={outcome.failure} />
      )}
    </>
  );
}

interface ForeignBodyProps extends Pick<HistoryItemProps, 'settings' | 'shown'> {
  readonly row: Extract<HistoryEntry, { type: 'foreign' }>;
}

function ForeignBody({ row: { foreign }, settings, shown }: ForeignBodyProps) {
  const { id, target, targetName, seen } = foreign;
  const by = madeBy(foreign);
  const isMet = shown && !seen;
  const isAsked = shown && by === null;
  useEffect(() => {
    if (!isMet) return;
    call('foreign.seen', { changeIds: [id] }).catch((cause: unknown) =>
      consoleLog.error('A change could not be marked as seen', cause),
    );
  }, [isMet, id]);
  useEffect(() => {
    if (!isAsked) return;
    call('foreign.who', { changeId: id }).catch((cause: unknown) =>
      consoleLog.error('Who made a change could not be asked for', cause),
    );
  }, [isAsked, id]);
  return (
    <>
      <p class="entry-target one-line">
        <Name text={targetNameOf(target, targetName)} />
      </p>
      <p>
        <ForeignChangeText foreign={foreign} />
      </p>
      {mayRestore(foreign, settings) && <Restore foreign={foreign} restore={(seen) => askOver('restore', id, seen)} />}
    </>
  );
}
