import { useEffect, useState } from 'preact/hooks';
import type { Outcome } from '../domain/change-request';
import type { HistoryEntry, RowOutcome } from '../domain/history';
import type { Partner } from '../domain/partner';
import type { Settings } from '../domain/settings';
import type { Act, Standing } from '../domain/standing';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { recognise } from '../portals/index';
import { formatMoment } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { StandingActs, StandingText } from '../ui/standing-text';
import { Support } from '../ui/support';
import { failureText } from '../words/failure';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import { overwrite } from './overwrite';

interface HistoryItemProps {
  readonly entry: HistoryEntry;
  /** Null while they are being read: then nothing can be done yet. */
  readonly settings: Settings | null;
  readonly now: number;
  /** Whether the person has the list before them. */
  readonly shown: boolean;
}

/** One check or change: what, where, from whom to whom, how it ended and when. */
export function HistoryItem({ entry, settings, now, shown }: HistoryItemProps) {
  return (
    <li class="entry">
      <span class={`mark mark-${entry.outcome}`} aria-hidden="true">
        {MARKS[entry.outcome]}
      </span>
      <div class="entry-body">
        <p class="entry-head">
          <span class="entry-what">{t(`popup.what.${entry.kind}`)}</span>
          <time class="small muted" dateTime={new Date(entry.at).toISOString()}>
            {formatMoment(entry.at, now)}
          </time>
        </p>
        {entry.type === 'check' && <CheckBody row={entry} />}
        {entry.type === 'foreign' && (
          <>
            <p class="entry-target">
              <Name text={entry.foreign.subscriptionName} />
            </p>
            <BeforeAfter before={entry.foreign.before} after={entry.foreign.after} />
            <p class="small muted">{t('popup.foreign')}</p>
          </>
        )}
        {entry.type === 'change' && (
          <ChangeBody standing={entry.standing} settings={settings} now={now} shown={shown} />
        )}
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
  unknown: '?',
  found: '✓',
  notFound: '?',
  failed: '✕',
};

function CheckBody({ row: { check } }: { readonly row: Extract<HistoryEntry, { type: 'check' }> }) {
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
      <p class="small">{outcome.kind === 'failed' ? failureText(outcome.failure) : t('popup.unknownId')}</p>
      {outcome.kind === 'failed' && <Support after={outcome.failure} />}
    </>
  );
}

function BeforeAfter({ before, after }: { readonly before: Partner | null; readonly after: Partner | null }) {
  return (
    <p>
      <span class="for-readers">{t('popup.from')} </span>
      <PartnerOrNone partner={before} />
      <span class="arrow" aria-hidden="true">
        {' → '}
      </span>
      <span class="for-readers"> {t('popup.to')} </span>
      <PartnerOrNone partner={after} />
    </p>
  );
}

function PartnerOrNone({ partner }: { readonly partner: Partner | null }) {
  return partner === null ? <span class="muted">{t('pages.noPartner')}</span> : <PartnerName partner={partner} />;
}

interface ChangeBodyProps extends Omit<HistoryItemProps, 'entry'> {
  readonly standing: Standing;
}

function ChangeBody({ standing, settings, now, shown }: ChangeBodyProps) {
  const { at, target, targetName, changeId, attempts } = standing;
  const page = pageOf(standing, settings);
  const unseen = shown && (at.phase === 'refused' || at.phase === 'unknown') && !at.seen;
  useEffect(() => {
    if (!unseen) return;
    call('change.seen', { changeId }).catch((cause: unknown) =>
      consoleLog.error('A change could not be marked as seen', cause),
    );
  }, [unseen, changeId]);

  return (
    <>
      <p class="entry-target">
        {page === null ? (
          <Name text={targetName} />
        ) : (
          <a class="entry-link" href={page} target="_blank" rel="noreferrer">
            <Name text={targetName} />
          </a>
        )}
        {target.kind === 'subscription' && target.id !== targetName && (
          <span class="small muted entry-id">
            <Name text={target.id} />
          </span>
        )}
      </p>
      <BeforeAfter before={standing.before} after={standing.after} />
      <Asker standing={standing} />
      <p class={`small entry-state-${at.phase}`}>
        <StandingText standing={standing} now={now} />
        {attempts > 0 && <span class="muted"> · {t('popup.attempts', { count: attempts })}</span>}
      </p>
      {at.phase === 'refused' && <Support after={at.cause} />}
      <Actions standing={standing} />
    </>
  );
}

/** Who asked, and who sent it as their own; nothing where nobody knows, nor where the state says it. */
function Asker({ standing: { askedBy, sentAs, at } }: { readonly standing: Standing }) {
  if ((askedBy === null && sentAs === null) || at.phase === 'otherPerson') return null;
  return (
    <p class="small muted">
      {askedBy !== null && (
        <>
          {t('popup.askedBy')} <Name text={askedBy} />
        </>
      )}
      {askedBy !== null && sentAs !== null && ', '}
      {sentAs !== null && (
        <>
          {t('popup.sentAs')} <Name text={sentAs} />
        </>
      )}
    </p>
  );
}

/** The page on which it was asked for, when that still is a page of this subscription on a portal that is served. */
function pageOf({ page, target }: Standing, settings: Settings | null): string | null {
  if (page === null || settings === null || target.kind !== 'subscription') return null;
  return recognise(page, settings.portals)?.subscriptionId === target.id ? page : null;
}

/** What may be done where the history is: undoing is for the subscription's own page, which shows what it would undo. */
const HERE: readonly Act[] = ['signIn', 'tryNow', 'stop', 'overwrite', 'keep', 'sendAsMe', 'discard'];

function Actions({ standing }: { readonly standing: Standing }) {
  const { changeId, at, me } = standing;
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState<string | null>(null);
  const [foundSince, setFoundSince] = useState<Outcome | null>(null);

  const overwriteIt = async (found: Outcome) => {
    const result = await overwrite(changeId, found);
    if (result.kind === 'otherNow') setFoundSince(result.found);
    if (result.kind !== 'asked') setWords(result.words);
  };

  const work = async (act: Act): Promise<void> => {
    switch (act) {
      case 'signIn':
        await call('signIn.start', { another: false });
        return;
      case 'tryNow':
        await call('change.tryNow', { changeId });
        return;
      case 'stop':
      case 'discard':
        await call('change.stop', { changeId });
        return;
      case 'keep':
        await call('change.keep', { changeId });
        return;
      case 'sendAsMe':
        if (!(await call('change.sendAsMe', { changeId, me })).ok) setWords(t('standing.otherByNow'));
        return;
      case 'overwrite':
        if (at.phase === 'conflict') await overwriteIt(foundSince ?? at.found);
        return;
      case 'undo':
        return;
    }
  };
  const onAct = (act: Act) => {
    setBusy(true);
    setWords(null);
    work(act)
      .catch((cause: unknown) => setWords(problemText(cause)))
      .finally(() => setBusy(false));
  };

  const may = standing.may.filter((act) => HERE.includes(act));
  return (
    <>
      {words !== null && (
        <p class="small problem" role="alert">
          {words}
        </p>
      )}
      {may.length > 0 && (
        <div class="row entry-actions">
          <StandingActs may={may} busy={busy} onAct={onAct} />
        </div>
      )}
    </>
  );
}
