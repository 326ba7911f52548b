import { useEffect, useId, useState } from 'preact/hooks';
import type { SubscriptionRecord } from '../domain/subscription';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { onSettingsChanged, readSettings } from '../storage/settings';
import { Button } from '../ui/button';
import { formatAge, formatDate } from '../ui/format';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { failureText } from '../words/failure';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import { useLive } from '../ui/use-live';
import { useNow } from '../ui/use-now';
import { useSubscriptions } from './use-subscriptions';

const TYPING_PAUSE_MS = 250;
const LONGEST_FILTER = 200;

/** All subscriptions that the service shows, with their partners of record. */
export function SubscriptionsPage() {
  const settings = useLive(readSettings, onSettingsChanged, []);
  return (
    <>
      <header class="page-head">
        <img src="/icons/icon-48.png" alt="" width="32" height="32" />
        <div>
          <p class="small muted">{t('pages.product')}</p>
          <h1>{t('subscriptions.title')}</h1>
        </div>
      </header>
      <main class="page-main page-wide stack">
        {settings.state === 'failed' && (
          <Notice role="alert" tone="bad">
            {problemText(settings.cause)}
          </Notice>
        )}
        {settings.state === 'here' &&
          (settings.value.connection === null ? (
            <NotConfigured />
          ) : (
            <Subscriptions key={settings.value.connection.id} serviceUrl={settings.value.connection.serviceUrl} />
          ))}
      </main>
      <footer class="page-foot muted small">{t('pages.whoseRecord')}</footer>
    </>
  );
}

function NotConfigured() {
  const open = () => {
    call('options.open', {}).catch((cause: unknown) => consoleLog.error('The options could not be opened', cause));
  };
  return (
    <Notice
      role="status"
      tone="plain"
      actions={
        <Button kind="primary" onPress={open}>
          {t('pages.openOptions')}
        </Button>
      }
    >
      {t('pages.notConfigured')}
    </Notice>
  );
}

function Subscriptions({ serviceUrl }: { readonly serviceUrl: string }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const filter = useSettled(typed.trim());
  const { list, broken, again, more } = useSubscriptions(filter);
  const now = useNow();
  const { records, next, readAt, state } = list;
  const busy = state === 'reading' && broken === null;
  const problem = broken !== null ? problemText(broken) : typeof state === 'object' ? failureText(state.failure) : null;

  return (
    <>
      <div class="subscriptions-tools">
        <div class="field subscriptions-filter">
          <label class="label" for={id}>
            {t('subscriptions.filter')}
          </label>
          <input
            id={id}
            class="input"
            type="search"
            placeholder={t('subscriptions.filterHint')}
            maxLength={LONGEST_FILTER}
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <Button onPress={again} busy={busy}>
          {t('subscriptions.readAgain')}
        </Button>
      </div>
      <p class="muted" role="status">
        {busy && (
          <span class="busy">
            {records.length === 0 ? t('subscriptions.loading') : t('subscriptions.loadingMore')}{' '}
          </span>
        )}
        {records.length > 0 &&
          `${t(next === null ? 'subscriptions.shown' : 'subscriptions.shownMore', { count: records.length })} `}
        {state === 'here' &&
          records.length === 0 &&
          (filter === '' ? t('subscriptions.none') : t('subscriptions.nothingFound'))}{' '}
        {readAt !== null &&
          t('subscriptions.readFrom', { source: new URL(serviceUrl).host, age: formatAge(readAt, now) })}
      </p>
      {problem !== null && (
        <Notice role="alert" tone="bad" actions={<Button onPress={again}>{t('pages.tryAgain')}</Button>}>
          {problem}
        </Notice>
      )}
      {records.length > 0 && <Table records={records} />}
      {next !== null && (
        <div class="row">
          <Button onPress={more} busy={busy}>
            {t('subscriptions.showMore')}
          </Button>
        </div>
      )}
    </>
  );
}

function Table({ records }: { readonly records: readonly SubscriptionRecord[] }) {
  return (
    // Focusable, so that the keyboard can scroll it where it is wider than the page.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached by keyboard
    <section class="scroller card" tabIndex={0} aria-label={t('subscriptions.scroller')}>
      <table aria-label={t('subscriptions.title')}>
        <thead>
          <tr>
            <th scope="col">{t('subscriptions.columns.name')}</th>
            <th scope="col">{t('subscriptions.columns.service')}</th>
            <th scope="col">{t('subscriptions.columns.customer')}</th>
            <th scope="col">{t('subscriptions.columns.partner')}</th>
            <th scope="col">{t('subscriptions.columns.since')}</th>
            <th scope="col">{t('subscriptions.columns.role')}</th>
          </tr>
        </thead>
        <tbody>
          {records.map(({ subscriptionId, displayName, service, customer, partnerOfRecord, caller }) => (
            <tr key={subscriptionId}>
              <th scope="row">
                <Name text={displayName} />
                <span class="small muted row-id">
                  <Name text={subscriptionId} />
                </span>
              </th>
              <td>{t(`services.${service}`)}</td>
              <td>
                <Name text={customer.name} />
              </td>
              <td>
                {partnerOfRecord === null ? (
                  <span class="muted">{t('pages.noPartner')}</span>
                ) : (
                  <PartnerName partner={partnerOfRecord} />
                )}
              </td>
              <td class="date">{partnerOfRecord !== null && formatDate(partnerOfRecord.assignedAt)}</td>
              <td class="role">{t(`rights.roles.${caller.role}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
