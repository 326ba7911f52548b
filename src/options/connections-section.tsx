import { useState } from 'preact/hooks';
import { AZURE_KIND, azureCloudAt } from '../domain/azure-cloud';
import { type Connection, isOfLinks } from '../domain/connection';
import { defaultConnectionOf } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Name } from '../ui/partner-name';
import { kindText } from '../words/kind';
import { t } from '../words/words';
import { OutcomeNotice, useAct } from './outcome';
import { Section } from './section';
import type { Stored } from './stored';
import { hasUnsavedInput } from './unsaved';
import { portalName } from './where-step';

/** Which connection the steps below the list show. */
export type ShownConnection =
  | { readonly which: 'default' }
  | { readonly which: 'one'; readonly id: string }
  | { readonly which: 'more' };

interface ConnectionsSectionProps extends Pick<Stored, 'settings' | 'managed' | 'connection'> {
  /** The person chose what the steps are to show. */
  readonly onShow: (shown: ShownConnection) => void;
  /** What the steps showed is removed. */
  readonly onRemoved: (shown: ShownConnection) => void;
  /** The steps are to show that connection on, whichever is the default. */
  readonly onStay: (id: string) => void;
}

/** Where there are several connections, or one more is being added: which ones, and which of them the steps show. */
export function ConnectionsSection(props: ConnectionsSectionProps) {
  const { settings, managed, connection: shown, onShow, onRemoved, onStay } = props;
  const { connections } = settings;
  const isDefault = ({ id }: Connection) => id === defaultConnectionOf(settings)?.id;
  const fixed = managed.has('connections');
  const [removing, setRemoving] = useState<Removing | null>(null);
  const { busy, outcome, act } = useAct<'remove' | 'default'>();
  const remove = (connectionId: string, abandonOpenChanges: boolean) => {
    setRemoving(null);
    act('remove', async () => {
      const answer = await call('connection.remove', { connectionId, abandonOpenChanges });
      if (!answer.ok) {
        setRemoving({ id: connectionId, openChanges: answer.count });
        return null;
      }
      // Of another one the steps hold what is not saved yet.
      if (connectionId === shown?.id || !hasUnsavedInput('connection')) onRemoved({ which: 'default' });
      return { good: true, words: t('options.connectionRemoved') };
    });
  };
  return (
    <Section title={t('options.connections')} hint={t('options.connectionsHint')} managed={fixed}>
      <ul class="lines" aria-label={t('options.connections')}>
        {connections.map((connection) => {
          const { id, name, kind, address } = connection;
          return (
            <li key={id} class="stack-tight">
              <p>
                <strong>
                  <Name text={name} />
                </strong>
                {isDefault(connection) && <> ({t('options.isDefault')})</>}
              </p>
              <p class="muted small">
                {kindText(kind)}, <Name text={placeText(kind, address)} />
              </p>
              <p class="muted small">{servesText(connection)}</p>
              <div class="row">
                <Button onPress={() => onShow({ which: 'one', id })} off={id === shown?.id}>
                  {t('options.edit')}
                  <span class="for-readers"> {visibleText(name)}</span>
                </Button>
                {!fixed && !isOfLinks(connection) && !isDefault(connection) && (
                  <Button
                    onPress={() =>
                      act('default', async () => {
                        if (shown !== null) onStay(shown.id);
                        await call('connection.makeDefault', { connectionId: id });
                        return null;
                      })
                    }
                    busy={busy.includes('default')}
                  >
                    {t('options.makeDefault')}
                    <span class="for-readers"> {visibleText(name)}</span>
                  </Button>
                )}
                {!fixed && (
                  <Button
                    kind="danger"
                    onPress={() => setRemoving({ id, openChanges: 0 })}
                    busy={busy.includes('remove')}
                  >
                    {t('options.remove')}
                    <span class="for-readers"> {visibleText(name)}</span>
                  </Button>
                )}
              </div>
            </li>
          );
        })}
      </ul>
      {!fixed && (
        <div class="row">
          <Button onPress={() => onShow({ which: 'more' })}>{t('options.addConnection')}</Button>
        </div>
      )}
      <OutcomeNotice outcome={outcome} />
      {removing !== null && (
        <Confirm
          title={t('options.removeConnection')}
          text={
            removing.openChanges === 0
              ? t('options.removeConnectionText')
              : t('options.openChangesText', { count: removing.openChanges })
          }
          yes={t('options.removeConnectionYes')}
          onYes={() => remove(removing.id, removing.openChanges > 0)}
          onNo={() => setRemoving(null)}
        />
      )}
    </Section>
  );
}

/** Where it is: the cloud, of a connection to Azure. */
function placeText(kind: string, address: string): string {
  const cloud = kind === AZURE_KIND ? azureCloudAt(address) : null;
  return cloud === null ? address : t(`options.clouds.${cloud}`);
}

interface Removing {
  readonly id: string;
  /** How many changes of it have not ended; 0 before that was asked. */
  readonly openChanges: number;
}

function servesText(connection: Connection): string {
  const { portals, tenants } = connection;
  const all = t(isOfLinks(connection) ? 'options.azurePortals' : 'options.allPortals');
  const where = portals.length === 0 ? all : portals.map(portalName).join(', ');
  return tenants.length === 0 ? where : `${where}; ${tenants.map(visibleText).join(', ')}`;
}
