import { useId, useRef } from 'preact/hooks';
import { type AzureAccount, accountName } from '../domain/azure-account';
import { visibleText } from '../domain/visible-text';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { Name } from '../ui/partner-name';
import { ProblemNotice } from '../ui/problem-notice';
import { useLive } from '../ui/use-live';
import { t } from '../words/words';
import { azureOutcome } from './azure-outcome';
import { OutcomeNotice, useAct } from './outcome';

interface AzureAccountsProps {
  readonly connectionId: string;
  readonly onSignedIn: () => void;
}

/** Who is signed in at a connection to Azure, and the ways in and out. */
export function AzureAccounts({ connectionId, onSignedIn }: AzureAccountsProps) {
  const id = useId();
  const wayIn = useRef<HTMLDivElement>(null);
  const { busy, outcome, act } = useAct<string>();
  const accounts = useLive(() => call('azure.accounts', { connectionId }), onSettingsBroadcast, [connectionId]);
  const signIn = () =>
    act('in', async () => {
      const answer = await call('azure.signIn', { connectionId, user: null, tenant: null });
      if (answer.kind === 'signedIn') onSignedIn();
      return azureOutcome(answer);
    });
  const signOut = (account: AzureAccount) =>
    act(account.user, async () => {
      await call('azure.signOut', { connectionId, user: account.user });
      // The button that was pressed goes with its account.
      wayIn.current?.querySelector('button')?.focus();
      return { good: true, words: t('options.accountSignedOut', { name: visibleText(accountName(account)) }) };
    });
  if (accounts.state === 'failed') return <ProblemNotice cause={accounts.cause} />;
  if (accounts.state === 'reading') return null;
  const isAnybody = accounts.value.length > 0;
  return (
    <div class="stack-tight">
      <h3 id={id}>{t('options.accounts')}</h3>
      {isAnybody ? (
        <ul class="lines" aria-labelledby={id}>
          {accounts.value.map((account) => (
            <li key={account.user} class="code-line">
              <Name text={accountName(account)} />
              <Button
                onPress={() => signOut(account)}
                busy={busy.includes(account.user)}
                label={t('options.signOutOf', { name: visibleText(accountName(account)) })}
              >
                {t('options.signOut')}
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <p>{t('options.nobodySignedIn')}</p>
      )}
      <div class="row" ref={wayIn}>
        <Button onPress={signIn} busy={busy.includes('in')}>
          {t(isAnybody ? 'options.addAccount' : 'options.signInNow')}
        </Button>
      </div>
      <OutcomeNotice outcome={outcome} />
    </div>
  );
}
