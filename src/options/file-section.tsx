import { useId, useRef, useState } from 'preact/hooks';
import { defaultName, isSameSignIn, LONGEST_NAME } from '../domain/connection';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { checkOwnPattern } from '../portals/index';
import type { PortableConnection } from '../storage/portable-connection';
import { exportSettings, importSettings, type PortableSettings } from '../storage/settings-file';
import type { WrongAddress } from '../storage/wrong-address';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { download } from '../ui/download';
import { TextField } from '../ui/text-field';
import { t } from '../words/words';
import { OutcomeNotice, useAct } from './outcome';
import { neededToSignIn, requestPermissions } from './permission';
import { useSaveConnection } from './save-connection';
import { useSaveRetention } from './save-retention';
import { useScopes } from './scopes';
import { Section } from './section';
import { SettingsPreview } from './settings-preview';
import { isSamePlace, settingsChanges } from './settings-changes';
import type { Stored } from './stored';
import { hasUnsavedInput } from './unsaved';

const FILE_NAME = 'partner-of-record-settings.json';
const LARGEST_FILE = 1_000_000;

interface ChosenFile {
  readonly name: string;
  readonly settings: PortableSettings;
  /** How many rows of the history its limits would remove. */
  readonly removes: number;
}

/** Takes the settings to another browser, without secrets. */
export function FileSection({ settings, managed, tokenKept }: Stored) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<ChosenFile | null>(null);
  /** The file that waits for an answer to whether unsaved input may go. */
  const [unsaved, setUnsaved] = useState<ChosenFile | null>(null);
  const { busy, outcome, act, tell } = useAct<'read' | 'import'>();
  const { replaceAll, question } = useSaveConnection();
  /** The names that were typed for connections that the file has without one, by address. */
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const { save: saveRetention, question: rowsQuestion } = useSaveRetention();
  const scopes = useScopes();

  const exportAll = () => {
    download(FILE_NAME, 'application/json', exportSettings(settings));
    tell({ good: true, words: t('options.settingsExported', { file: FILE_NAME }) });
  };

  const read = (file: File | undefined) => {
    setChosen(null);
    if (file === undefined) return;
    act('read', async () => {
      const imported = file.size > LARGEST_FILE ? null : importSettings(await file.text());
      if (imported === null) return { good: false, words: t('options.fileUnreadable') };
      if (!imported.ok) {
        if (imported.problem === 'later') return { good: false, words: t('options.fileLater') };
        const words = imported.address === null ? t('options.fileUnreadable') : wrongAddressText(imported.address);
        return { good: false, words };
      }
      const badPattern = imported.settings.portals.own.map(wrongPatternText).find((words) => words !== null);
      if (badPattern !== undefined) return { good: false, words: badPattern };
      setNames({});
      const { notify, retention } = imported.settings;
      setChosen({
        name: file.name,
        // What the browser does not allow is not taken over, and not announced.
        settings: { ...imported.settings, notify: notify && (settings.notify || (await mayNotify())) },
        removes: managed.has('retention') ? 0 : (await call('retention.preview', { retention })).removes,
      });
      return null;
    });
  };

  /** The connections with what their providers will be asked for, which is asked for where the file does not say; null: declined. */
  const agreedTo = async (connections: readonly PortableConnection[]): Promise<PortableConnection[] | null> => {
    const agreed: PortableConnection[] = [];
    for (const connection of connections) {
      if (connection.signIn !== 'openIdConnect') {
        agreed.push(connection);
        continue;
      }
      const { address, scopes: said } = connection;
      const settled =
        said === null ? await scopes.settle(address, null) : (await scopes.agrees(said)) ? said : 'declined';
      if (settled === 'declined') return null;
      agreed.push({ ...connection, scopes: settled });
    }
    return agreed;
  };

  /** What is typed above would be replaced. */
  const importUnlessUnsaved = (file: ChosenFile) => (hasUnsavedInput() ? setUnsaved(file) : importAll(file));

  const letGo = () => {
    setChosen(null);
    // Else the same file could not be chosen again.
    if (input.current !== null) input.current.value = '';
  };
  const dismiss = () => {
    letGo();
    tell(null);
    input.current?.focus();
  };

  const importAll = ({ settings: wanted, removes }: ChosenFile) => {
    const connections = managed.has('connections') ? [] : wanted.connections;
    const needed = connections.map(neededToSignIn);
    const allowed = requestPermissions(
      [
        ...(managed.has('portals') ? [] : originsOf(wanted.portals.own)),
        ...connections.map(({ address }) => new URL(address).origin),
        ...needed.flatMap(([origins]) => origins),
      ],
      needed.flatMap(([, permissions]) => permissions),
    );
    act('import', async () => {
      if (!(await allowed)) return { good: false, words: t('options.importNotAllowed') };
      const agreed = await agreedTo(connections);
      if (agreed === null) return { good: false, words: t('options.scopesDeclined') };
      const kept = { token: 'kept', remember: tokenKept === 'device' } as const;
      const forms = agreed.map((connection) => ({
        ...connection,
        name: connection.name ?? names[connection.address] ?? null,
        ...kept,
      }));
      if (forms.length > 0 && !(await replaceAll(forms, wanted.defaultConnection))) return null;
      if (!managed.has('notify')) await call('notify.save', { notify: wanted.notify });
      if (!managed.has('portals')) {
        const { off, own } = wanted.portals;
        await call('portals.save', { portals: { off: [...off], own: [...own] } });
      }
      if (wanted.confirm !== undefined && !managed.has('confirm'))
        await call('confirm.save', { confirm: wanted.confirm });
      await call('watch.save', {
        ...(wanted.watch !== undefined && !managed.has('watch') && { watch: wanted.watch }),
        ...(wanted.watched !== undefined && !managed.has('watched') && { watched: wanted.watched }),
      });
      if (wanted.ownPartnerId !== undefined && !managed.has('ownPartnerId'))
        await call('ownPartnerId.save', { ownPartnerId: wanted.ownPartnerId });
      if (!managed.has('retention') && !(await saveRetention(wanted.retention, removes))) {
        letGo();
        return { good: false, words: t('options.importedWithoutLimits') };
      }
      letGo();
      const isNew = (connection: PortableConnection) =>
        !settings.connections.some((one) => isSamePlace(one, connection));
      const needsToken = connections.some(
        (connection) => connection.signIn === 'accessToken' && (tokenKept === 'not' || isNew(connection)),
      );
      if (needsToken) return { good: true, words: t('options.importedWithoutToken') };
      return {
        good: true,
        words: connections.some(({ signIn }) => signIn === 'openIdConnect' || signIn === 'entra')
          ? t('options.importedNotSignedIn')
          : t('options.imported'),
      };
    });
  };

  return (
    <Section title={t('options.file')} hint={t('options.fileHint')}>
      <div class="row">
        <Button onPress={exportAll}>{t('options.exportSettings')}</Button>
      </div>
      <div class="field">
        <label class="label" for={id}>
          {t('options.chooseFile')}
        </label>
        <input
          id={id}
          ref={input}
          class="input file-input"
          type="file"
          accept=".json,application/json"
          onChange={(event) => read(event.currentTarget.files?.[0])}
        />
      </div>
      {chosen !== null &&
        !managed.has('connections') &&
        chosen.settings.connections
          .filter(({ name }) => name === null)
          .map(({ address }) => (
            <TextField
              key={address}
              label={t('options.importName', { address })}
              value={names[address] ?? ''}
              placeholder={defaultName(address)}
              hint={t('options.nameHint')}
              maxLength={LONGEST_NAME}
              onType={(name) => setNames((present) => ({ ...present, [address]: name }))}
            />
          ))}
      {chosen !== null && (
        <SettingsPreview
          file={chosen.name}
          changes={settingsChanges(settings, chosen.settings, managed)}
          signsOut={!managed.has('connections') && leaves(settings.connections, chosen.settings.connections)}
          removes={chosen.removes}
          onDismiss={dismiss}
        >
          <Button kind="primary" onPress={() => importUnlessUnsaved(chosen)} busy={busy.includes('import')}>
            {t('options.importSettings')}
          </Button>
        </SettingsPreview>
      )}
      <OutcomeNotice outcome={outcome} />
      {unsaved !== null && (
        <Confirm
          title={t('options.unsavedTitle')}
          text={t('options.unsavedText')}
          yes={t('options.unsavedYes')}
          onYes={() => {
            setUnsaved(null);
            importAll(unsaved);
          }}
          onNo={() => setUnsaved(null)}
        />
      )}
      {question}
      {rowsQuestion}
      {scopes.question}
    </Section>
  );
}

/** Whether what opened one of the present connections is no good for those wanted. */
function leaves(present: readonly PortableConnection[], wanted: readonly PortableConnection[]): boolean {
  if (wanted.length === 0) return false;
  return present.some((one) => !wanted.some((other) => isSamePlace(one, other) && isSameSignIn(one, other)));
}

function wrongAddressText({ written, problem }: WrongAddress): string {
  return inFile(written, t(`options.serviceUrlProblems.${problem}`));
}

/** What is wrong with a portal's pattern, in words; null where nothing is. */
function wrongPatternText(pattern: string): string | null {
  const checked = checkOwnPattern(pattern);
  return checked.ok ? null : inFile(pattern, t(`options.ownPatternProblems.${checked.problem}`));
}

function inFile(written: string, problem: string): string {
  return t('options.fileAddress', { address: visibleText(written), problem });
}

function mayNotify(): Promise<boolean> {
  return browser.permissions.contains({ permissions: ['notifications'] });
}

function originsOf(patterns: readonly string[]): string[] {
  return patterns.map(checkOwnPattern).flatMap((checked) => (checked.ok ? [checked.origin] : []));
}
