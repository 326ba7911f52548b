import { useEffect, useState } from 'preact/hooks';
import type { EntraConnection } from '../domain/connection';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { TenantRow } from '../messaging/protocol';
import type { HistoryReader } from '../storage/history';
import { Button } from '../ui/button';
import { RadioRow } from '../ui/choices';
import { FailureText } from '../ui/failure-text';
import { Notice } from '../ui/notice';
import { Name } from '../ui/partner-name';
import { ProblemNotice } from '../ui/problem-notice';
import { Sentence } from '../ui/sentence';
import { TextField } from '../ui/text-field';
import { useLive } from '../ui/use-live';
import { useWork, WorkProblem } from '../ui/use-work';
import { visibleText } from '../domain/visible-text';
import { t } from '../words/words';
import { exportTenants } from './export';
import { LinkBar } from './link-bar';
import { LinkBatches } from './link-batches';
import { hasText, isShown, keyOfRow, SHOWS, type Show } from './rows';
import { TenantsTable } from './tenants-table';

interface TenantsProps {
  readonly connection: EntraConnection;
  readonly history: HistoryReader;
}

/** The tenants of one connection's accounts. */
export function Tenants({ connection, history }: TenantsProps) {
  const connectionId = connection.id;
  const list = useLive(() => call('tenants.list', { connectionId }), onLinks, [connectionId]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [show, setShow] = useState<Show>('all');
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<readonly string[]>([]);
  const { busy, problem, run, tell } = useWork();
  const rows = list.state === 'here' ? list.value.rows : [];
  const known = rows.map(keyOfRow).join();
  // What is known is there at once; what Azure holds now follows.
  useEffect(() => {
    if (rows.length > 0) readAgain(rows);
  }, [known]);

  function readAgain(some: readonly TenantRow[]): void {
    const targets = some.filter(({ needsSignIn }) => !needsSignIn).map(({ target }) => target);
    call('tenants.read', { targets }).catch((cause: unknown) => tell(String(cause)));
  }

  /** Each opens a window of its own, one after the other: a browser shows one at a time. */
  async function signInTo(some: readonly TenantRow[]): Promise<string | null> {
    for (const { target, account } of some) {
      const { user, tenant } = target;
      const answer = await call('azure.signIn', { connectionId, user, tenant });
      if (answer.kind === 'cancelled') return null;
      if (answer.kind === 'otherAccount') return t('tenants.otherAccount', { account: visibleText(account.name) });
      if (answer.kind !== 'signedIn') return t('pages.windows.failed');
    }
    return null;
  }

  if (list.state === 'failed') return <ProblemNotice cause={list.cause} />;
  if (list.state === 'reading') return <p role="status">{t('link.reading')}</p>;
  const { accounts, failures } = list.value;
  const shown = rows.filter((row) => isShown(row, show, null) && hasText(row, text));
  const chosen = rows.filter((row) => selected.has(keyOfRow(row)));
  const needing = rows.filter(({ needsSignIn }) => needsSignIn);
  const addAccount = () =>
    run(async () => {
      const answer = await call('azure.signIn', { connectionId, user: null, tenant: null });
      return answer.kind === 'signedIn' || answer.kind === 'cancelled' ? null : t('pages.windows.failed');
    });
  return (
    <div class="stack">
      {accounts.length === 0 && (
        <Notice role="status" tone="plain">
          {t('tenants.signInFirst')}
        </Notice>
      )}
      {failures.map(({ account, failure }) => (
        <Notice key={account.user} role="alert" tone="warn">
          <Sentence of="tenants.failed" with={{ account: <Name text={account.name} /> }} />{' '}
          <FailureText failure={failure} />
        </Notice>
      ))}
      <div class="row">
        <Button kind={accounts.length === 0 ? 'primary' : 'plain'} busy={busy} onPress={addAccount}>
          {t('tenants.addAccount')}
        </Button>
        {needing.length > 0 && (
          <Button kind="primary" busy={busy} onPress={() => run(() => signInTo(needing))}>
            {t('tenants.signInTo', { count: needing.length })}
          </Button>
        )}
        {rows.length > 0 && (
          <>
            <Button kind="quiet" onPress={() => readAgain(rows)}>
              {t('tenants.readAgain')}
            </Button>
            <Button kind="quiet" onPress={() => exportTenants(shown)}>
              {t('tenants.export')}
            </Button>
          </>
        )}
      </div>
      <WorkProblem problem={problem} />
      {rows.length > 0 && (
        <>
          <RadioRow
            label={t('tenants.show')}
            value={show}
            options={SHOWS.map((one) => [one, t(`tenants.shows.${one}`)] as const)}
            onChoose={setShow}
          />
          <TextField label={t('tenants.filter')} type="search" value={text} onType={setText} />
          <p class="muted small" role="status">
            {t('tenants.count', { count: shown.length })}
          </p>
          <TenantsTable
            rows={shown}
            selected={selected}
            onSelect={setSelected}
            onSignIn={(row) => run(() => signInTo([row]))}
          />
          {chosen.length > 0 && (
            <LinkBar
              connectionId={connectionId}
              rows={chosen}
              onAsked={(batchId) => {
                setAsked([...asked, batchId]);
                setSelected(new Set());
              }}
            />
          )}
        </>
      )}
      <LinkBatches connectionId={connectionId} history={history} asked={asked} />
    </div>
  );
}

function onLinks(again: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    if (changed === 'links' || changed === 'settings') again();
  }, signal);
}
