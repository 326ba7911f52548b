import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { azureCloudAt } from '../domain/azure-cloud';
import type { EntraConnection } from '../domain/connection';
import type { PartnerId } from '../domain/partner';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import type { LinkAccount, TenantRow } from '../messaging/protocol';
import type { HistoryReader } from '../storage/history';
import { Announced } from '../ui/announce';
import { Button } from '../ui/button';
import { RadioRow } from '../ui/choices';
import { ExportTable } from '../ui/export-table';
import { FailureText } from '../ui/failure-text';
import { Notice } from '../ui/notice';
import { Name } from '../ui/partner-name';
import { ProblemNotice } from '../ui/problem-notice';
import { ProblemText } from '../ui/problem-text';
import { NOTHING_SELECTED } from '../ui/selection';
import { Sentence } from '../ui/sentence';
import { TextField } from '../ui/text-field';
import { useNow } from '../ui/use-now';
import { useWork, WorkProblem } from '../ui/use-work';
import { t } from '../words/words';
import { Accounts } from './accounts';
import { countedText, shownOfText } from './count-words';
import { exportTenants, reported } from './export';
import { LinkBar } from './link-bar';
import { LinkBatches } from './link-batches';
import { OwnPartner } from './own-partner';
import { LoadReport, Reports } from './reports';
import { hasText, inOrder, isShown, keyOfRow, SHOWS, type Show, tenantName } from './rows';
import { signInProblem, signInTo } from './sign-in-to';
import { commandsFor, TenantsTable } from './tenants-table';
import { useLinkBatches } from './use-link-batches';
import { useReports } from './use-reports';
import { useTenants } from './use-tenants';
import { type Watching, WatchLinks } from './watch-links';

interface TenantsProps {
  readonly connection: EntraConnection;
  /** The person's own Partner ID; null: they have told none. */
  readonly own: PartnerId | null;
  readonly history: HistoryReader;
  readonly watching: Watching;
}

/** Long enough for the next key of somebody who types. */
const SETTLES_MS = 600;
/** So often ages in words are drawn anew: each of hundreds of rows may have one. */
const AGES_EVERY_MS = 10_000;
const NO_ROWS: readonly TenantRow[] = [];

/** The tenants of one connection's accounts. */
export function Tenants({ connection, own, history, watching }: TenantsProps) {
  const connectionId = connection.id;
  const { list, readAnew } = useTenants(connectionId);
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const [show, setShow] = useState<Show>('all');
  const [text, setText] = useState('');
  const [asked, setAsked] = useState(soughtBatch);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const [said, setSaid] = useState<string | null>(null);
  const { reports, load, putAway, broken: reportBroken } = useReports();
  const batches = useLinkBatches(history, connectionId, asked);
  const now = Math.floor(useNow() / AGES_EVERY_MS) * AGES_EVERY_MS;
  const { busy, problem, tell, ...work } = useWork();
  const listed = list.state === 'here' ? list.value.rows : NO_ROWS;
  const rows = useMemo(() => inOrder(listed), [listed]);
  const nameOf = useMemo(() => namesOf(rows), [rows]);
  const readAgain = useCallback(
    (some: readonly TenantRow[]) => {
      const targets = some.filter(isReadable).map(({ target }) => target);
      if (targets.length === 0) return;
      call('tenants.read', { targets }).catch((cause: unknown) => tell(<ProblemText cause={cause} />));
    },
    [connectionId],
  );
  useReadOnce(rows, readAgain);

  if (list.state === 'failed') return <ProblemNotice cause={list.cause} />;
  if (list.state === 'reading') return <p role="status">{t('link.reading')}</p>;
  const { accounts, failures } = list.value;
  const shown = rows.filter((row) => isShown(row, show, own) && hasText(row, text));
  const chosen = rows.filter((row) => !row.ignored && selection.keys.has(keyOfRow(row)));
  const shownKeys = new Set(shown.map(keyOfRow));
  const needing = rows.filter(({ needsSignIn, ignored }) => needsSignIn && !ignored);
  const shows = SHOWS.filter(
    (one) => one === show || (one !== 'failed' && one !== 'ignored') || rows.some((row) => isShown(row, one, own)),
  );
  const isOwnWanted = show === 'others' && own === null;
  const isNarrowed = show !== 'all' || text.trim() !== '';
  const count = isNarrowed ? shownOfText(shown, rows) : countedText('count', shown);
  const cloud = azureCloudAt(connection.address);
  const shownBatches = batches.shown.filter(({ batch }) => !dismissed.includes(batch.id));

  /** What came of something earlier may be so no more. */
  const run: typeof work.run = (...asked) => {
    setSaid(null);
    work.run(...asked);
  };
  /** @param user the account that is wanted; null: whichever the person chooses */
  const signIn = (user: string | null) =>
    run(async () => signInProblem(await call('azure.signIn', { connectionId, user, tenant: null })));
  const signOut = ({ user, name }: LinkAccount) =>
    run(
      () => call('azure.signOut', { connectionId, user }),
      () => setSaid(t('options.accountSignedOut', { name: visibleText(name) })),
    );
  const ignore = (row: TenantRow) => {
    const name = visibleText(nameOf(row));
    run(
      () => call('tenants.ignore', { target: row.target, ignored: !row.ignored }),
      () => setSaid(t(row.ignored ? 'tenants.unignoredNow' : 'tenants.ignoredNow', { name })),
    );
  };
  const copy = (row: TenantRow, commands: string) => {
    const name = visibleText(nameOf(row));
    navigator.clipboard.writeText(commands).then(
      () => setSaid(t('tenants.copied', { name })),
      () => tell(t('pages.notCopied')),
    );
  };
  const dismiss = (batchId: string) => {
    setDismissed([...dismissed, batchId]);
    call('batch.dismiss', { batchId }).catch((cause: unknown) => tell(<ProblemText cause={cause} />));
  };

  return (
    <div class="stack">
      <Accounts {...{ accounts, busy }} onSignOut={signOut} />
      {accounts.length === 0 && (
        <Notice role="status" tone="plain">
          {t('tenants.signInFirst')}
        </Notice>
      )}
      {failures.map(({ account, failure }) => (
        <Notice key={account.user} role="alert" tone="warn">
          <Sentence of="tenants.failed" with={{ account: <Name text={account.name} /> }} />{' '}
          <FailureText failure={failure} about="link" />
        </Notice>
      ))}
      {rows.length > 0 && (
        <div class="filters">
          <div class="filter-text">
            <TextField
              label={t('tenants.filter')}
              type="search"
              value={text}
              placeholder={t('tenants.filterHint')}
              onType={setText}
            />
          </div>
          <div class="filter-shows">
            <RadioRow
              label={t('tenants.show')}
              value={show}
              options={shows.map((one) => [one, t(`tenants.shows.${one}`)] as const)}
              onChoose={setShow}
            />
          </div>
        </div>
      )}
      <div class="tenant-acts">
        {needing.length > 0 && (
          <Button kind="primary" busy={busy} onPress={() => run(() => signInTo(needing, nameOf))}>
            {countedText('signInTo', needing)}
          </Button>
        )}
        <Button kind={accounts.length === 0 ? 'primary' : 'plain'} busy={busy} onPress={() => signIn(null)}>
          {t('tenants.addAccount')}
        </Button>
        {rows.length > 0 && (
          <>
            <ExportTable write={(format, signal) => exportTenants(shown, format, Date.now(), signal)} />
            <LoadReport onFiles={load} />
            <Button
              kind="quiet"
              onPress={() => {
                readAnew();
                readAgain(rows);
              }}
            >
              {t('tenants.readAgain')}
            </Button>
          </>
        )}
      </div>
      {rows.length > 0 && <p class="muted small">{t('tenants.report.hint')}</p>}
      {accounts.length > 0 && <WatchLinks {...{ ...watching, connectionId, accounts }} />}
      <WorkProblem problem={problem} />
      <Announced words={said} />
      {batches.broken !== null && <ProblemNotice cause={batches.broken} />}
      {reportBroken !== null && <ProblemNotice cause={reportBroken} />}
      <LinkBatches
        shown={shownBatches}
        {...{ rows, nameOf, accounts, asked }}
        onSignIn={signIn}
        onAsked={(batchId) => setAsked([...asked, batchId])}
        onDismiss={dismiss}
      />
      {isOwnWanted && <OwnPartner />}
      {accounts.length > 0 && rows.length === 0 && failures.length === 0 && (
        <p class="muted">{t('tenants.noTenants')}</p>
      )}
      {rows.length > 0 && !isOwnWanted && (
        <>
          <p class="muted small">{count}</p>
          <div class="for-readers">
            <Announced words={count} settlesMs={SETTLES_MS} />
          </div>
          {shown.some((row) => commandsFor(row, cloud, own) !== null) && <p class="small">{t('tenants.copyHint')}</p>}
          {shown.length === 0 ? (
            <p class="muted">{t('tenants.nothing')}</p>
          ) : (
            <TenantsTable
              cloud={cloud}
              rows={shown}
              {...{ nameOf, own, selection, now }}
              view={JSON.stringify([show, text])}
              batches={new Set(shownBatches.map(({ batch }) => batch.id))}
              onSelect={setSelection}
              onSignIn={(row) => run(() => signInTo([row], nameOf))}
              onIgnore={ignore}
              onCopy={copy}
            />
          )}
        </>
      )}
      {reports.length > 0 && (
        <Reports own={rows.filter((row) => !row.ignored).map(reported)} reports={reports} onPutAway={putAway} />
      )}
      {chosen.length > 0 && (
        <LinkBar
          {...{ connectionId, nameOf }}
          rows={chosen}
          notShown={chosen.filter((row) => !shownKeys.has(keyOfRow(row))).length}
          onAsked={(batchId) => {
            setAsked([...asked, batchId]);
            setSelection(NOTHING_SELECTED);
          }}
          onClear={() => setSelection(NOTHING_SELECTED)}
        />
      )}
    </div>
  );
}

/** Whether anything can be read there without a window, and is wanted. */
function isReadable({ needsSignIn, ignored }: TenantRow): boolean {
  return !needsSignIn && !ignored;
}

/**
 * What is known is there at once; what Azure holds now follows, once for each row: when it is met, and after the sign-in that it needed.
 * What that tells makes other rows of the same keys, so it asks for nothing more.
 */
function useReadOnce(rows: readonly TenantRow[], read: (some: readonly TenantRow[]) => void): void {
  const asked = useRef(new Set<string>());
  useEffect(() => {
    const readable = rows.filter(isReadable);
    const fresh = readable.filter((row) => !asked.current.has(keyOfRow(row)));
    // What is gone, or can't be read for now, is read when it is back.
    asked.current = new Set(readable.map(keyOfRow));
    read(fresh);
  }, [rows, read]);
}

/** What people call the rows: with the account where several reach one tenant, or two tenants have one name. */
function namesOf(rows: readonly TenantRow[]): (row: TenantRow) => string {
  const met = new Map<string, number>();
  for (const row of rows) met.set(tenantName(row), (met.get(tenantName(row)) ?? 0) + 1);
  return (row) => {
    const name = tenantName(row);
    return (met.get(name) ?? 0) > 1 ? t('tenants.of', { name, account: row.account.name }) : name;
  };
}

/** The batch that the page's address names, which somebody came for. What is no batch's ID finds none. */
function soughtBatch(): readonly string[] {
  return new URLSearchParams(location.search).getAll('batch');
}
