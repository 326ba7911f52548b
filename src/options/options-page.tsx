import { useState } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import { defaultConnectionOf, type Settings } from '../domain/settings';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { aboutExtension } from '../platform/about';
import type { Secrets } from '../storage/secrets';
import { onSettingsChanged, readSettingsWhole } from '../storage/settings';
import { readSignInNotes } from '../storage/sign-in-notes';
import { PageFoot } from '../ui/page-foot';
import { Notice } from '../ui/notice';
import { ReadingSettings } from '../ui/reading-settings';
import { t } from '../words/words';
import { useLive } from '../ui/use-live';
import { ProblemText } from '../ui/problem-text';
import { ConnectionSteps } from './connection-steps';
import { ConnectionsSection, type ShownConnection } from './connections-section';
import { FileSection } from './file-section';
import { HelpSection } from './help-section';
import { HistorySection } from './history-section';
import { PortalsSection } from './portals-section';
import { SettingsTroubleNotice } from './settings-trouble';
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
  const [shown, setShown] = useState<ShownConnection>({ which: 'default' });
  const kinds = useLive(
    () => call('connections.kinds', {}),
    () => undefined,
    [],
  );
  const stored = useLive(
    async () => {
      const { settings, managed, trouble } = await readSettingsWhole();
      const connection = shownOf(settings, shown);
      const provider = connection?.signIn === 'openIdConnect' ? connection : null;
      const tokens = provider === null ? null : await secrets.readTokens(provider);
      return {
        settings,
        // With what is shown of it: the steps begin anew when both have come.
        shown,
        connection,
        managed,
        trouble,
        tokenKept: connection === null ? 'not' : await secrets.tokenKept(connection.id),
        signedIn: tokens !== null,
        signedInAs: tokens?.person?.name ?? null,
        agreedScopes: provider === null ? null : (provider.scopes ?? (await readSignInNotes(provider)).scopes),
      };
    },
    onStored,
    [secrets, JSON.stringify(shown)],
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
            {welcomes && <Welcome {...stored.value} />}
            <SettingsTroubleNotice trouble={stored.value.trouble} />
            {stored.value.settings.connections.length > 1 && <ConnectionsSection {...stored.value} onShow={setShown} />}
            <ConnectionSteps
              key={JSON.stringify(stored.value.shown)}
              stored={stored.value}
              kinds={kinds.state === 'here' ? kinds.value : []}
              onWorks={endWelcome}
            />
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

function shownOf(settings: Settings, shown: ShownConnection): Connection | null {
  switch (shown.which) {
    case 'default':
      return defaultConnectionOf(settings);
    case 'more':
      return null;
    case 'one':
      return settings.connections.find(({ id }) => id === shown.id) ?? defaultConnectionOf(settings);
  }
}

/** A new token alters no setting; only the worker's notice tells of it. */
function onStored(again: () => void, signal: AbortSignal): void {
  onSettingsChanged(again, signal);
  onSettingsBroadcast(again, signal);
}
