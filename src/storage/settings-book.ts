import { StorageError } from '../domain/storage-problem';
import { browser } from '../platform/browser';
import { concernsSettings, readSettingsWhole, type SettingsRead } from './settings';
import { readSetAside, SET_ASIDE_KEY } from './settings-set-aside';
import {
  type DamagedPart,
  type OwnSettings,
  readStoredSettings,
  SETTINGS_KEY,
  SETTINGS_VERSION,
  type StoredSettings,
  VERSION_1_KEYS,
} from './settings-shapes';

/** The settings as the worker holds them: read once, kept live, and written by nobody else. */
export interface SettingsBook {
  /** What is in force now. It reads what is stored once, and again only after that has changed. */
  read(): Promise<SettingsRead>;
  /**
   * Keeps what `change` answers as the person's own choice; the other parts stay as they are. What could not be read and makes way
   * is set aside.
   * @throws {StorageError} `settingsLater` where a later version of the extension wrote the settings: nothing is written
   */
  write(change: (own: OwnSettings) => OwnSettings): Promise<void>;
  /** @throws {StorageError} `settingsLater` where {@link SettingsBook.write} would */
  requireWritable(): Promise<void>;
  /** Writes what an earlier version stored in the form of now. What a later one stored is left as it is. */
  migrate(): Promise<void>;
  /** Forgets what could not be read, in its place and set aside. */
  discardDamaged(): Promise<void>;
}

const LOCK = 'settings';
const KEYS = [SETTINGS_KEY, ...VERSION_1_KEYS, SET_ASIDE_KEY];

/** To be made in the first turn of the worker: it listens for changes from then on. */
export function createSettingsBook(): SettingsBook {
  let present: Promise<SettingsRead> | null = null;
  browser.storage.onChanged.addListener((changes, area) => {
    if (concernsSettings(changes, area)) present = null;
  });

  async function read(): Promise<SettingsRead> {
    const reading = present ?? readSettingsWhole();
    present = reading;
    try {
      return await reading;
    } catch (cause) {
      if (present === reading) present = null;
      throw cause;
    }
  }

  /**
   * One at a time: each writes by what it finds.
   * @returns the version of the settings that a later version wrote, of which nothing is touched; null where none did
   */
  async function rewrite(next: (stored: ReadSettings, local: Local) => Rewritten | null): Promise<number | null> {
    return navigator.locks.request(LOCK, async () => {
      const local = await browser.storage.local.get(KEYS);
      const stored = readStoredSettings(local);
      if (stored.state === 'later') return stored.version;
      const written = next(stored, local);
      if (written === null) return null;
      const { own, setAside } = written;
      await browser.storage.local.set({
        [SETTINGS_KEY]: { version: SETTINGS_VERSION, ...own },
        ...(setAside.length > 0 ? { [SET_ASIDE_KEY]: setAside } : {}),
      });
      const rest = [...VERSION_1_KEYS, ...(setAside.length > 0 ? [] : [SET_ASIDE_KEY])].filter((key) => key in local);
      if (rest.length > 0) await browser.storage.local.remove(rest);
      // The browser's own word of it may come later than whoever waited for this reads.
      present = null;
      return null;
    });
  }

  async function rewriteOrRefuse(next: (stored: ReadSettings, local: Local) => Rewritten): Promise<void> {
    refuseLater(await rewrite(next));
  }

  return {
    read,
    write: (change) =>
      rewriteOrRefuse((stored, local) => ({
        own: { ...stored.own, ...change(stored.own) },
        setAside: asideOf(stored, local),
      })),
    async requireWritable() {
      refuseLater((await read()).trouble.later);
    },
    async migrate() {
      await rewrite((stored, local) =>
        isEarlier(stored, local) ? { own: stored.own, setAside: asideOf(stored, local) } : null,
      );
    },
    discardDamaged: () => rewriteOrRefuse(({ own }) => ({ own, setAside: [] })),
  };
}

function refuseLater(version: number | null): void {
  if (version !== null) throw new StorageError('settingsLater', `Settings of version ${version} are not overwritten`);
}

type Local = Readonly<Record<string, unknown>>;
type ReadSettings = Extract<StoredSettings, { state: 'read' }>;

interface Rewritten {
  readonly own: OwnSettings;
  readonly setAside: readonly DamagedPart[];
}

function asideOf({ damaged }: ReadSettings, local: Local): readonly DamagedPart[] {
  return [...readSetAside(local), ...damaged];
}

/** In an earlier form, or with keys of one that a worker's death left there after the form of now was written. */
function isEarlier({ version }: ReadSettings, local: Local): boolean {
  return (version !== null && version < SETTINGS_VERSION) || VERSION_1_KEYS.some((key) => key in local);
}
