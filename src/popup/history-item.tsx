import { useEffect } from 'preact/hooks';
import type { BatchEntry, HistoryEntry, RowOutcome, SingleEntry } from '../domain/history';
import type { PartnerRef } from '../domain/partner';
import type { Settings } from '../domain/settings';
import { isUnseenEnd, type Standing } from '../domain/standing';
import { targetNameOf } from '../domain/target';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { formatDay, formatMoment, formatTime } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingText } from '../ui/standing-text';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { ChangeActs } from './change-acts';
import { servedPageOf } from './served-page';
import { SupportOf } from './support-of';

interface HistoryItemProps {
  readonly entry: HistoryEntry;
  /** Whether it is of another day than the one before it. */
  readonly startsDay: boolean;
  /** Null while they are being read: then nothing can be done yet. */
  readonly settings: Settings | null;
  readonly now: number;
  /** Whether the person has the list before them. */
  readonly shown: boolean;
}

/** One check or change: what, where, from whom to whom, how it ended and when. The first of a day is headed by its date. */
export function HistoryItem({ entry, startsDay, settings, now, shown }: HistoryItemProps) {
  return (
    <li>
      {startsDay && (
        <h2 class="day">
          <bdi>{dayText(entry.at, now)}</bdi>
        </h2>
      )}
      {entry.type === 'batch' ? (
        <BatchBody entry={entry} now={now} />
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
      <span class="entry-what">{what}</span>
      <time class="small muted" dateTime={new Date(at).toISOString()} title={formatMoment(at, now)}>
        <bdi>{formatTime(at)}</bdi>
      </time>
    </p>
  );
}

interface SingleBodyProps extends Omit<HistoryItemProps, 'entry' | 'startsDay'> {
  readonly entry: SingleEntry;
}

function SingleBody({ entry, settings, now, shown }: SingleBodyProps) {
  return (
    <div class="entry">
      <span class={`mark mark-${entry.outcome}`} aria-hidden="true">
        {MARKS[entry.outcome]}
      </span>
      <div class="entry-body">
        <EntryHead what={t(`history.what.${entry.kind}`)} at={entry.at} now={now} />
        {entry.type === 'check' && <CheckBody row={entry} settings={settings} />}
        {entry.type === 'foreign' && <ForeignBody row={entry} />}
        {entry.type === 'change' && (
          <ChangeBody standing={entry.standing} settings={settings} now={now} shown={shown} />
        )}
      </div>
    </div>
  );
}

interface BatchBodyProps {
  readonly entry: BatchEntry;
  readonly now: number;
}

function BatchBody({ entry: { at, batch, progress }, now }: BatchBodyProps) {
  return (
    <div class="entry">
      <span class="mark" aria-hidden="true">
        {progress.ended ? MARKS.done : MARKS.open}
      </span>
      <div class="entry-body">
        <EntryHead what={t(`history.batch.${batch.kind}`, { count: batch.size })} at={at} now={now} />
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

function ForeignBody({ row: { foreign } }: { readonly row: Extract<HistoryEntry, { type: 'foreign' }> }) {
  const { target, targetName, before, after } = foreign;
  return (
    <>
      <p class="entry-target one-line">
        <Name text={targetNameOf(target, targetName)} />
      </p>
      <BeforeAfter before={before} after={after} />
      <p class="small muted">
        {after?.assignedBy == null ? (
          t('history.foreign')
        ) : (
          <Sentence of="history.foreignBy" with={{ person: <Name text={after.assignedBy} /> }} />
        )}
      </p>
    </>
  );
}

function BeforeAfter({ before, after }: { readonly before: PartnerRef | null; readonly after: PartnerRef | null }) {
  return (
    <p class="entry-partners">
      <Sentence
        of="history.beforeAfter"
        with={{ before: <PartnerOrNone partner={before} />, after: <PartnerOrNone partner={after} /> }}
      />
    </p>
  );
}

function PartnerOrNone({ partner }: { readonly partner: PartnerRef | null }) {
  return partner === null ? <span class="muted">{t('pages.nobody')}</span> : <PartnerName partner={partner} />;
}

interface ChangeBodyProps extends Omit<HistoryItemProps, 'entry' | 'startsDay'> {
  readonly standing: Standing;
}

function ChangeBody({ standing, settings, now, shown }: ChangeBodyProps) {
  const { at, target, targetName, changeId, attempts } = standing;
  const page = servedPageOf(standing, settings);
  const isMet = shown && isUnseenEnd(at);
  useEffect(() => {
    if (!isMet) return;
    call('change.seen', { changeId }).catch((cause: unknown) =>
      consoleLog.error('A change could not be marked as seen', cause),
    );
  }, [isMet, changeId]);

  return (
    <>
      <p class="entry-target one-line">
        {page === null ? (
          <Name text={targetName} />
        ) : (
          <a class="entry-link" href={page} target="_blank" rel="noreferrer">
            <Name text={targetName} />
          </a>
        )}
      </p>
      {target.kind === 'subscription' && target.id !== targetName && (
        <p class="small muted">
          <Name text={target.id} />
        </p>
      )}
      <BeforeAfter before={standing.before} after={standing.after} />
      <Asker standing={standing} />
      <p class={`small entry-state-${at.phase}`}>
        <StandingText standing={standing} now={now} />
        {attempts > 1 && <span class="muted"> · {t('history.attempts', { count: attempts })}</span>}
      </p>
      {at.phase === 'refused' && <SupportOf connectionId={target.connectionId} settings={settings} after={at.cause} />}
      <ChangeActs standing={standing} />
    </>
  );
}

/** Who asked, and who sent it as their own; nothing where nobody knows, nor where the state says it. */
function Asker({ standing: { askedBy, sentAs, at } }: { readonly standing: Standing }) {
  const words = at.phase === 'otherPerson' ? null : askerText(askedBy, sentAs);
  return words && <p class="small muted">{words}</p>;
}

function askerText(askedBy: string | null, sentAs: string | null) {
  const person = askedBy === null ? null : <Name text={askedBy} />;
  const sender = sentAs === null ? null : <Name text={sentAs} />;
  if (person !== null && sender !== null) return <Sentence of="history.askedAndSent" with={{ person, sender }} />;
  if (person !== null) return <Sentence of="history.askedBy" with={{ person }} />;
  return sender && <Sentence of="history.sentAs" with={{ sender }} />;
}
