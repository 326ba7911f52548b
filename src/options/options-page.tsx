import { useState } from 'preact/hooks';
import { visibleText } from '../domain/visible-text';
import { onSettingsNotice } from '../messaging/notices';
import { aboutExtension } from '../platform/about';
import type { Secrets } from '../storage/secrets';
import { managedParts, onSettingsChanged, readSettings, type WrongAddress } from '../storage/settings';
import { readSignInNotes } from '../storage/sign-in-notes';
import { PageFoot } from '../ui/page-foot';
import { Notice } from '../ui/notice';
import { ReadingSettings } from '../ui/reading-settings';
import { t } from '../words/words';
import { useLive } from '../ui/use-live';
import { ProblemText } from '../ui/problem-text';
import { ConnectionSteps } from './connection-steps';
import { FileSection } from './file-section';
import { HelpSection } from './help-section';
import { HistorySection } from './history-section';
import { PortalsSection } from './portals-section';
import { Welcome } from './welcome';

interface OptionsPageProps {
  readonly secrets: Pick<Secrets, 'tokenKept' | 'readTokens'>;
  /** Opened for the first time: say what this is and what to do next. */
  readonly welcome: boolean;
}

/** Where the record is kept, how to sign in there, which portals to serve, how long to keep the history. */
export function OptionsPage({ secrets, welcome }: OptionsPageProps) {
  const [welcomes, setWelcomes] = useState(welcome);
  const endWelcome = () => {
    setWelcomes(false);
    // Nor does it come again when the page is loaded again.
    history.replaceState(null, '', location.pathname);
  };
  const stored = useLive(
    async () => {
      const wrongAddresses: WrongAddress[] = [];
      const [settings, managed] = await Promise.all([
        readSettings(({ layer, address }) => {
          if (layer === 'managed' && address !== null) wrongAddresses.push(address);
        }),
        managedParts(),
      ]);
      const { connection } = settings;
      const provider = connection?.signIn === 'openIdConnect' ? connection : null;
      const tokens = provider === null ? null : await secrets.readTokens(provider);
      return {
        settings,
        managed,
        wrongAddresses,
        tokenKept: connection === null ? 'not' : await secrets.tokenKept(connection.id),
        signedIn: tokens !== null,
        signedInAs: tokens?.person?.name ?? null,
        agreedScopes: provider === null ? null : (provider.scopes ?? (await readSignInNotes(provider)).scopes),
      };
    },
    onStored,
    [secrets],
  );
  return (
    <>
      <header class="page-head">
        <img src="/icons/icon-48.png" alt="" width="32" height="32" />
        <div>
          <p class="small muted">{t('pages.product')}</p>
          <h1>{t('options.title')}</h1>
        </div>
      </header>
      <main class="page-main stack-wide">
        {stored.state === 'reading' && <ReadingSettings />}
        {stored.state === 'failed' && (
          <Notice role="alert" tone="bad">
            <ProblemText cause={stored.cause} />
          </Notice>
        )}
        {stored.state === 'here' && (
          <>
            {stored.value.wrongAddresses.map(({ written, problem }) => (
              <Notice key={written} role="alert" tone="bad">
                {t('options.managedAddress', {
                  address: visibleText(written),
                  problem: t(`options.serviceUrlProblems.${problem}`),
                })}
              </Notice>
            ))}
            {welcomes && <Welcome {...stored.value} />}
            <ConnectionSteps stored={stored.value} onWorks={endWelcome} />
            <PortalsSection {...stored.value} />
            <HistorySection {...stored.value} />
            <FileSection {...stored.value} />
            <HelpSection />
          </>
        )}
      </main>
      <footer class="page-foot muted small">
        <p>{t('pages.whoseRecord')}</p>
        <PageFoot {...aboutExtension()} />
      </footer>
    </>
  );
}

/** A new token alters no setting; only the worker's notice tells of it. */
function onStored(again: () => void, signal: AbortSignal): void {
  onSettingsChanged(again, signal);
  onSettingsNotice(again, signal);
}
