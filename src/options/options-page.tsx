import { useState } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import { firstOf, type Settings } from '../domain/settings';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { aboutExtension } from '../platform/about';
import type { Secrets } from '../storage/secrets';
import { onSettingsChanged, readSettingsWhole } from '../storage/settings';
import { readSignInNotes } from '../storage/sign-in-notes';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { WholePage } from '../ui/whole-page';
import { whoseOf } from '../words/about';
import { t } from '../words/words';
import { useLive } from '../ui/use-live';
import { ConnectionSteps } from './connection-steps';
import { ConnectionsSection, type ShownConnection } from './connections-section';
import { FileSection } from './file-section';
import { HelpSection } from './help-section';
import { HistorySection } from './history-section';
import { PartnerLinksSection } from './partner-links-section';
import { PortalsSection } from './portals-section';
import { SettingsTroubleNotice } from './settings-trouble';
import { hasUnsavedInput } from './unsaved';
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
  const [{ shown, form }, setSteps] = useState<Steps>({ shown: { which: 'default' }, form: 0 });
  /** What the person chose to see, while they are asked whether what they typed may go for it. */
  const [wanted, setWanted] = useState<ShownConnection | null>(null);
  const show = (chosen: ShownConnection) => {
    setWanted(null);
    setSteps((present) => ({ shown: chosen, form: present.form + 1 }));
  };
  const showUnlessUnsaved = (chosen: ShownConnection) =>
    hasUnsavedInput('connection') ? setWanted(chosen) : show(chosen);
  /** The same steps go on with what was saved, which may have come to another id by its address. */
  const goOn = (id: string) => setSteps((present) => ({ ...present, shown: { which: 'one', id } }));
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
        shown,
        // With what is shown in it: the steps begin anew when both have come.
        form,
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
    [secrets, JSON.stringify(shown), form],
  );
  return (
    <WholePage
      title={t('options.title')}
      look="stack-wide"
      about={aboutExtension()}
      {...(stored.state === 'here' && { whose: t(whoseOf(stored.value.settings.connections)) })}
      stored={stored}
    >
      {(value) => (
        <>
          {welcomes && <Welcome {...value} />}
          <SettingsTroubleNotice trouble={value.trouble} />
          {isListed(value) && (
            <ConnectionsSection {...value} onShow={showUnlessUnsaved} onRemoved={show} onStay={goOn} />
          )}
          <ConnectionSteps
            key={value.form}
            stored={value}
            kinds={kinds.state === 'here' ? kinds.value : []}
            chosen={value.form > 0 && value.shown.which !== 'default'}
            onSaved={goOn}
            onWorks={endWelcome}
          />
          {isListed(value) || value.connection === null || value.managed.has('connections') || (
            <div class="row">
              <Button onPress={() => showUnlessUnsaved({ which: 'more' })}>{t('options.addConnection')}</Button>
            </div>
          )}
          {kinds.state === 'here' && kinds.value.some(({ signIns }) => signIns.includes('entra')) && (
            <PartnerLinksSection {...value} />
          )}
          <PortalsSection {...value} />
          <HistorySection {...value} />
          <FileSection {...value} />
          <HelpSection />
          {wanted !== null && (
            <Confirm
              title={t('options.unsavedTitle')}
              text={t('options.unsavedConnection')}
              yes={t('options.unsavedConnectionYes')}
              onYes={() => show(wanted)}
              onNo={() => setWanted(null)}
            />
          )}
        </>
      )}
    </WholePage>
  );
}

interface Steps {
  readonly shown: ShownConnection;
  /** Counts the forms that were opened: another one begins empty of what was typed. */
  readonly form: number;
}

/** One connection alone has its form and no list, unless another was being added or was there just now. */
function isListed({ settings, form }: { readonly settings: Settings; readonly form: number }): boolean {
  const count = settings.connections.length;
  return count > 1 || (count === 1 && form > 0);
}

function shownOf(settings: Settings, shown: ShownConnection): Connection | null {
  switch (shown.which) {
    case 'default':
      return firstOf(settings);
    case 'more':
      return null;
    case 'one':
      return settings.connections.find(({ id }) => id === shown.id) ?? firstOf(settings);
  }
}

/** A new token alters no setting; only the worker's notice tells of it. */
function onStored(again: () => void, signal: AbortSignal): void {
  onSettingsChanged(again, signal);
  onSettingsBroadcast(again, signal);
}
