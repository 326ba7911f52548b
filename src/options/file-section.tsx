import { useId, useRef, useState } from 'preact/hooks';
import { isSameSignIn, parseServiceUrl } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { checkOwnPattern } from '../portals/index';
import {
  exportSettings,
  importSettings,
  type PortableConnection,
  type PortableSettings,
  type WrongAddress,
} from '../storage/settings';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { download } from '../ui/download';
import { t } from '../words/words';
import { OutcomeNotice, useAct } from './outcome';
import { neededToSignIn, requestPermissions } from './permission';
import { useSaveConnection } from './save-connection';
import { useSaveRetention } from './save-retention';
import { useScopes } from './scopes';
import { Section } from './section';
import { SettingsPreview } from './settings-preview';
import { settingsChanges } from './settings-changes';
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
  const { save, question } = useSaveConnection();
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
        const words = imported.address === null ? t('options.fileUnreadable') : wrongAddressText(imported.address);
        return { good: false, words };
      }
      const badPattern = imported.settings.portals.own.map(wrongPatternText).find((words) => words !== null);
      if (badPattern !== undefined) return { good: false, words: badPattern };
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
    const connection = managed.has('connection') ? null : wanted.connection;
    const [signInOrigins, permissions] = neededToSignIn(connection ?? { signIn: 'none' });
    const allowed = requestPermissions(
      [
        ...(managed.has('portals') ? [] : originsOf(wanted.portals.own)),
        ...(connection === null ? [] : serviceOrigin(connection.serviceUrl)),
        ...signInOrigins,
      ],
      permissions,
    );
    act('import', async () => {
      if (!(await allowed)) return { good: false, words: t('options.importNotAllowed') };
      if (connection?.signIn === 'openIdConnect' && connection.scopes !== null) {
        if (!(await scopes.agrees(connection.scopes))) return { good: false, words: t('options.scopesDeclined') };
      }
      if (connection !== null) {
        const notify = managed.has('notify') ? settings.notify : wanted.notify;
        const form = { ...connection, token: 'kept', remember: tokenKept === 'device', notify } as const;
        if (!(await save(form))) return null;
      }
      if (!managed.has('portals')) {
        const { off, own } = wanted.portals;
        await call('portals.save', { portals: { off: [...off], own: [...own] } });
      }
      if (wanted.confirm !== undefined && !managed.has('confirm'))
        await call('confirm.save', { confirm: wanted.confirm });
      if (!managed.has('retention') && !(await saveRetention(wanted.retention, removes))) {
        letGo();
        return { good: false, words: t('options.importedWithoutLimits') };
      }
      letGo();
      const tokenStays = tokenKept !== 'not' && connection?.serviceUrl === settings.connection?.serviceUrl;
      const needsToken = connection?.signIn === 'accessToken' && !tokenStays;
      if (needsToken) return { good: true, words: t('options.importedWithoutToken') };
      return {
        good: true,
        words: connection?.signIn === 'openIdConnect' ? t('options.importedNotSignedIn') : t('options.imported'),
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
      {chosen !== null && (
        <SettingsPreview
          file={chosen.name}
          changes={settingsChanges(settings, chosen.settings, managed)}
          signsOut={!managed.has('connection') && leaves(settings.connection, chosen.settings.connection)}
          removes={chosen.removes}
          onDismiss={dismiss}
        >
          <Button kind="primary" onPress={() => importUnlessUnsaved(chosen)} busy={busy === 'import'}>
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

/** Whether what opened the present connection is no good for the wanted one. */
function leaves(present: PortableConnection | null, wanted: PortableConnection | null): boolean {
  if (present === null || wanted === null) return false;
  return present.serviceUrl !== wanted.serviceUrl || !isSameSignIn(present, wanted);
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

function serviceOrigin(serviceUrl: string): string[] {
  const parsed = parseServiceUrl(serviceUrl);
  return parsed.ok ? [parsed.origin] : [];
}

function originsOf(patterns: readonly string[]): string[] {
  return patterns.map(checkOwnPattern).flatMap((checked) => (checked.ok ? [checked.origin] : []));
}
