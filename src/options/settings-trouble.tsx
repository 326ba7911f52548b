import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import type { SettingsTrouble } from '../storage/settings';
import { exportDamaged } from '../storage/settings-set-aside';
import { Button } from '../ui/button';
import { download } from '../ui/download';
import { Notice } from '../ui/notice';
import { t } from '../words/words';
import { OutcomeNotice, useAct } from './outcome';

const FILE_NAME = 'partner-of-record-unreadable-settings.json';

/** Tells which settings could not be taken as they were found, and hands them out: nothing is replaced in silence. */
export function SettingsTroubleNotice({ trouble: { later, damaged, policy } }: { readonly trouble: SettingsTrouble }) {
  const { busy, outcome, act } = useAct<'discard'>();
  // An address has a sentence of its own.
  const unread = policy.filter(({ address }) => address === null);
  const discard = () =>
    act('discard', async () => {
      await call('settings.discardDamaged', {});
      return { good: true, words: t('options.trouble.discarded') };
    });
  return (
    <>
      {later !== null && (
        <Notice role="alert" tone="bad">
          {t('storage.settingsLater')}
        </Notice>
      )}
      {damaged.length > 0 && (
        <Notice
          role="alert"
          tone="bad"
          actions={
            <>
              <Button onPress={() => download(FILE_NAME, 'application/json', exportDamaged(damaged))}>
                {t('options.trouble.save')}
              </Button>
              <Button kind="danger" onPress={discard} busy={busy.includes('discard')}>
                {t('options.trouble.discard')}
              </Button>
            </>
          }
        >
          <p>{t('options.trouble.damaged')}</p>
          <Problems lines={damaged.map(({ part, detail }) => `${part}: ${detail}`)} />
        </Notice>
      )}
      {policy
        .flatMap(({ address }) => address ?? [])
        .map(({ written, problem }) => (
          <Notice key={written} role="alert" tone="bad">
            {t('options.managedAddress', {
              address: visibleText(written),
              problem: t(`options.serviceUrlProblems.${problem}`),
            })}
          </Notice>
        ))}
      {unread.length > 0 && (
        <Notice role="alert" tone="warn">
          <p>{t('options.trouble.policy')}</p>
          <Problems lines={unread.map(({ key, detail }) => `${key}: ${detail}`)} />
        </Notice>
      )}
      <OutcomeNotice outcome={outcome} />
    </>
  );
}

/** In no catalogue: for whoever looks after the settings. */
function Problems({ lines }: { readonly lines: readonly string[] }) {
  return (
    <details class="disclosure small">
      <summary>{t('pages.details')}</summary>
      <ul class="lines">
        {lines.map((line) => (
          <li key={line}>
            <code>{visibleText(line)}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
