import { useEffect, useState } from 'preact/hooks';
import type { Change, Outcome } from '../domain/change';
import { type HistoryRow, type RowOutcome, rowKind, rowOutcome } from '../domain/history';
import type { Partner } from '../domain/partner';
import type { Settings } from '../domain/settings';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { recognise } from '../portals/index';
import { Button } from '../ui/button';
import { formatMoment } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { failureText, PAGES, POPUP, problemText } from '../ui/strings';
import { ChangeState } from './change-state';
import { overwrite } from './overwrite';

interface HistoryEntryProps {
  readonly row: HistoryRow;
  /** Null while they are being read: then nothing can be done yet. */
  readonly settings: Settings | null;
  readonly now: number;
  /** Whether the person has the list before them. */
  readonly shown: boolean;
}

/** One check or change: what, where, from whom to whom, how it ended and when. */
export function HistoryEntry({ row, settings, now, shown }: HistoryEntryProps) {
  const outcome = rowOutcome(row);
  return (
    <li class="entry">
      <span class={`mark mark-${outcome}`} aria-hidden="true">
        {MARKS[outcome]}
      </span>
      <div class="entry-body">
        <p class="entry-head">
          <span class="entry-what">{POPUP.what[rowKind(row)]}</span>
          <time class="small muted" dateTime={new Date(row.at).toISOString()}>
            {formatMoment(row.at, now)}
          </time>
        </p>
        {row.type === 'check' && <CheckBody row={row} />}
        {row.type === 'foreign' && (
          <>
            <p class="entry-target">
              <Name text={row.foreign.subscriptionName} />
            </p>
            <BeforeAfter before={row.foreign.before} after={row.foreign.after} />
            <p class="small muted">{POPUP.foreign}</p>
          </>
        )}
        {row.type === 'change' && <ChangeBody change={row.change} settings={settings} now={now} shown={shown} />}
      </div>
    </li>
  );
}

const MARKS: Record<RowOutcome, string> = {
  open: '…',
  done: '✓',
  refused: '✕',
  conflict: '!',
  cancelled: '–',
  found: '✓',
  notFound: '?',
  failed: '✕',
};

function CheckBody({ row: { check } }: { readonly row: Extract<HistoryRow, { type: 'check' }> }) {
  const { outcome, partnerId } = check;
  if (outcome.kind === 'found') {
    return (
      <p class="entry-target">
        <PartnerName partner={outcome.partner} />
      </p>
    );
  }
  return (
    <>
      <p class="entry-target id">{partnerId}</p>
      <p class="small">{outcome.kind === 'failed' ? failureText(outcome.failure) : POPUP.unknownId}</p>
    </>
  );
}

function BeforeAfter({ before, after }: { readonly before: Partner | null; readonly after: Partner | null }) {
  return (
    <p>
      <span class="for-readers">{POPUP.from} </span>
      <PartnerOrNone partner={before} />
      <span class="arrow" aria-hidden="true">
        {' → '}
      </span>
      <span class="for-readers"> {POPUP.to} </span>
      <PartnerOrNone partner={after} />
    </p>
  );
}

function PartnerOrNone({ partner }: { readonly partner: Partner | null }) {
  return partner === null ? <span class="muted">{PAGES.noPartner}</span> : <PartnerName partner={partner} />;
}

interface ChangeBodyProps extends Omit<HistoryEntryProps, 'row'> {
  readonly change: Change;
}

function ChangeBody({ change, settings, now, shown }: ChangeBodyProps) {
  const { life, target } = change;
  const page = pageOf(change, settings);
  const unseen = shown && life.state === 'refused' && !life.seen;
  useEffect(() => {
    if (!unseen) return;
    call('change.seen', { changeId: change.id }).catch((cause: unknown) =>
      consoleLog.error('A refused change could not be marked as seen', cause),
    );
  }, [unseen, change.id]);

  return (
    <>
      <p class="entry-target">
        {page === null ? (
          <Name text={change.targetName} />
        ) : (
          <a class="entry-link" href={page} target="_blank" rel="noreferrer">
            <Name text={change.targetName} />
          </a>
        )}
        {target.kind === 'subscription' && target.id !== change.targetName && (
          <span class="small muted entry-id">
            <Name text={target.id} />
          </span>
        )}
      </p>
      <BeforeAfter before={change.before} after={change.after} />
      <p class={`small entry-state-${life.state}`}>
        <ChangeState change={change} now={now} />
        {life.attempts > 0 && <span class="muted"> · {POPUP.attempts(life.attempts)}</span>}
      </p>
      <Actions change={change} settings={settings} />
    </>
  );
}

/** The page on which it was asked for, when that still is a page of this subscription on a portal that is served. */
function pageOf(change: Change, settings: Settings | null): string | null {
  if (change.page === null || settings === null || change.target.kind !== 'subscription') return null;
  return recognise(change.page, settings.portals)?.subscriptionId === change.target.id ? change.page : null;
}

function Actions({ change, settings }: { readonly change: Change; readonly settings: Settings | null }) {
  const { life, id: changeId } = change;
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState<string | null>(null);
  const [foundSince, setFoundSince] = useState<Outcome | null>(null);

  const act = (work: () => Promise<unknown>) => {
    setBusy(true);
    setWords(null);
    work()
      .catch((cause: unknown) => setWords(problemText(cause)))
      .finally(() => setBusy(false));
  };
  const press = (label: string, work: () => Promise<unknown>) => (
    <Button key={label} busy={busy} onPress={() => act(work)}>
      {label}
    </Button>
  );

  const buttons = [];
  if (life.state === 'waiting' && life.for === 'signIn') {
    buttons.push(press(POPUP.signIn, () => call('signIn.start', { another: false })));
  } else if (life.state === 'waiting' && life.lastFailure !== null) {
    buttons.push(press(PAGES.tryAgain, () => call('change.tryNow', { changeId })));
  }
  if ((life.state === 'waiting' || life.state === 'sending') && life.settle === null) {
    buttons.push(press(POPUP.stopTrying, () => call('change.stop', { changeId })));
  }
  if (life.state === 'conflict' && life.answer === null) {
    // A change only ever goes to its own connection.
    if (change.connectionId === settings?.connection?.id) {
      const seen = foundSince ?? life.found;
      buttons.push(
        press(POPUP.overwrite, async () => {
          const result = await overwrite(change, seen);
          if (result.kind === 'otherNow') setFoundSince(result.found);
          if (result.kind !== 'asked') setWords(result.words);
        }),
      );
    }
    buttons.push(press(POPUP.keep, () => call('change.keep', { changeId })));
  }
  return (
    <>
      {words !== null && (
        <p class="small problem" role="alert">
          {words}
        </p>
      )}
      {buttons.length > 0 && <div class="row entry-actions">{buttons}</div>}
    </>
  );
}
