import { useId, useState } from 'preact/hooks';
import { parseServiceUrl } from '../domain/settings';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { checkOwnPattern } from '../portals/index';
import { exportSettings, importSettings, type PortableSettings } from '../storage/settings';
import { Button } from '../ui/button';
import { download } from '../ui/download';
import { OPTIONS } from '../ui/strings';
import { OutcomeNotice, useAct } from './outcome';
import { neededToSignIn, requestPermissions } from './permission';
import { useSaveConnection } from './save-connection';
import { useScopes } from './scopes';
import { Section } from './section';
import type { Stored } from './stored';

const FILE_NAME = 'partner-of-record-settings.json';
const LARGEST_FILE = 1_000_000;

interface ChosenFile {
  readonly name: string;
  readonly settings: PortableSettings;
}

/** Takes the settings to another browser, without secrets. */
export function FileSection({ settings, managed, tokenKept }: Stored) {
  const id = useId();
  const [chosen, setChosen] = useState<ChosenFile | null>(null);
  const { busy, outcome, act, tell } = useAct<'read' | 'import'>();
  const { save, question } = useSaveConnection();
  const scopes = useScopes();

  const exportAll = () => {
    download(FILE_NAME, 'application/json', exportSettings(settings));
    tell({ good: true, words: OPTIONS.settingsExported(FILE_NAME) });
  };

  const read = (file: File | undefined) => {
    setChosen(null);
    if (file === undefined) return;
    act('read', async () => {
      const imported = file.size > LARGEST_FILE ? null : importSettings(await file.text());
      if (imported === null || !imported.ok) return { good: false, words: OPTIONS.fileUnreadable };
      setChosen({ name: file.name, settings: imported.settings });
      return null;
    });
  };

  const importAll = ({ settings: wanted }: ChosenFile) => {
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
      if (!(await allowed)) return { good: false, words: OPTIONS.importNotAllowed };
      if (connection?.signIn === 'openIdConnect' && connection.scopes !== null) {
        if (!(await scopes.agrees(connection.scopes))) return { good: false, words: OPTIONS.scopesDeclined };
      }
      if (connection !== null) {
        const notify = managed.has('notify') ? settings.notify : wanted.notify && (await mayNotify());
        const form = { ...connection, token: 'kept', remember: tokenKept === 'device', notify } as const;
        if (!(await save(form))) return null;
      }
      if (!managed.has('portals')) {
        const { off, own } = wanted.portals;
        await call('portals.save', { portals: { off: [...off], own: [...own] } });
      }
      if (!managed.has('retention')) await call('retention.save', { retention: wanted.retention });
      setChosen(null);
      const tokenStays = tokenKept !== 'not' && connection?.serviceUrl === settings.connection?.serviceUrl;
      const needsToken = connection?.signIn === 'accessToken' && !tokenStays;
      if (needsToken) return { good: true, words: OPTIONS.importedWithoutToken };
      return {
        good: true,
        words: connection?.signIn === 'openIdConnect' ? OPTIONS.importedNotSignedIn : OPTIONS.imported,
      };
    });
  };

  return (
    <Section title={OPTIONS.file} hint={OPTIONS.fileHint}>
      <div class="row">
        <Button onPress={exportAll}>{OPTIONS.exportSettings}</Button>
      </div>
      <div class="field">
        <label class="label" for={id}>
          {OPTIONS.chooseFile}
        </label>
        <input
          id={id}
          class="input file-input"
          type="file"
          accept=".json,application/json"
          onChange={(event) => read(event.currentTarget.files?.[0])}
        />
      </div>
      {chosen !== null && (
        <div class="row">
          <p>{OPTIONS.importReady(chosen.name)}</p>
          <Button kind="primary" onPress={() => importAll(chosen)} busy={busy === 'import'}>
            {OPTIONS.importSettings}
          </Button>
        </div>
      )}
      <OutcomeNotice outcome={outcome} />
      {question}
      {scopes.question}
    </Section>
  );
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
