import { named } from '../domain/schemas';
import { type ConnectionList, connectionsInForce, DEFAULT_SETTINGS, type Settings } from '../domain/settings';
import { browser, type Storage } from '../platform/browser';
import { BUILT_IN_CLIENT_IDS } from '../platform/built-in-client-ids';
import { EACH_BY_ITSELF, POLICY_KEYS, type Policy, type PolicyProblem, readPolicy, storedByPolicy } from './policy';
import { idFor, type PortableConnection } from './portable-connection';
import { readSetAside, SET_ASIDE_KEY } from './settings-set-aside';
import {
  type DamagedPart,
  type OwnSettings,
  readStoredSettings,
  SETTINGS_KEY,
  type StoredSettings,
  VERSION_1_KEYS,
} from './settings-shapes';

export type SettingsPart = keyof Settings;

/** What of the settings could not be taken as it was found; all empty where everything could. */
export interface SettingsTrouble {
  /** The version of the settings that a later version of the extension wrote; null where none did. */
  readonly later: number | null;
  /** What the person chose once, and this version cannot read. */
  readonly damaged: readonly DamagedPart[];
  readonly policy: readonly PolicyProblem[];
}

/** The settings in force, and where they come from. */
export interface SettingsRead {
  readonly settings: Settings;
  /** The parts that are fixed by policy. */
  readonly managed: ReadonlySet<SettingsPart>;
  readonly trouble: SettingsTrouble;
}

const LOCAL_KEYS = [SETTINGS_KEY, ...VERSION_1_KEYS, SET_ASIDE_KEY];

/** The settings in force: what policy fixes, else what the person chose, else the default; each part by itself. */
export async function readSettingsWhole(): Promise<SettingsRead> {
  const [policy, local] = await Promise.all([storedByPolicy(), browser.storage.local.get(LOCAL_KEYS)]);
  return wholeOf(policy, local);
}

/** {@link readSettingsWhole} without where they come from. */
export async function readSettings(): Promise<Settings> {
  return (await readSettingsWhole()).settings;
}

/** Where it is written which connections there are. */
const NAMES_CONNECTIONS: readonly string[] = [SETTINGS_KEY, 'connection', 'connections', SET_ASIDE_KEY];

/** Whether no connection is known, and what names one could not be read: then nobody knows that none is set up. */
export function areConnectionsUnread({ settings, trouble }: Pick<SettingsRead, 'settings' | 'trouble'>): boolean {
  if (settings.connections.length > 0) return false;
  const unread = [...trouble.damaged.map(({ part }) => part), ...trouble.policy.map(({ key }) => key)];
  return trouble.later !== null || unread.some((part) => NAMES_CONNECTIONS.includes(part));
}

/** Calls back after a setting has changed, by the person or by policy, until the signal aborts. */
export function onSettingsChanged(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if (concernsSettings(changes, area)) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}

/** Whether a change of what is stored may change the settings in force. */
export function concernsSettings(changes: Record<string, Storage.StorageChange>, area: string): boolean {
  if (area === 'managed') return POLICY_KEYS.some((key) => key in changes);
  return area === 'local' && LOCAL_KEYS.some((key) => key in changes);
}

/** Calls back after policy has changed, with the settings that were in force before. For the worker, whose whole life it lasts. */
export function onPolicyChanged(
  callback: (before: Settings) => Promise<void>,
  onError: (cause: unknown) => void,
): void {
  browser.storage.onChanged.addListener((changes, area) => {
    if (area === 'managed' && concernsSettings(changes, area)) settingsBefore(changes).then(callback).catch(onError);
  });
}

async function settingsBefore(changes: Record<string, Storage.StorageChange>): Promise<Settings> {
  const were = Object.fromEntries(Object.entries(changes).map(([key, { oldValue }]) => [key, oldValue]));
  const [policy, local] = await Promise.all([storedByPolicy(), browser.storage.local.get(LOCAL_KEYS)]);
  return (await wholeOf({ ...policy, ...were }, local)).settings;
}

async function wholeOf(
  byPolicy: Readonly<Record<string, unknown>>,
  local: Readonly<Record<string, unknown>>,
): Promise<SettingsRead> {
  const policy = readPolicy(byPolicy);
  const stored = readStoredSettings(local);
  const own: OwnSettings = stored.state === 'read' ? stored.own : {};
  return {
    settings: {
      ...(await connections(policy, own)),
      portals: policy.portals ?? own.portals ?? DEFAULT_SETTINGS.portals,
      retention: policy.retention ?? own.retention ?? DEFAULT_SETTINGS.retention,
      notify: policy.notify ?? own.notify ?? DEFAULT_SETTINGS.notify,
      confirm: policy.confirm ?? own.confirm ?? DEFAULT_SETTINGS.confirm,
      watch: policy.watch ?? own.watch ?? DEFAULT_SETTINGS.watch,
      watched: policy.watched ?? own.watched ?? DEFAULT_SETTINGS.watched,
      ownPartnerId: policy.ownPartnerId ?? own.ownPartnerId ?? DEFAULT_SETTINGS.ownPartnerId,
      azureClientIds: policy.azureClientIds ?? { ...DEFAULT_SETTINGS.azureClientIds, ...BUILT_IN_CLIENT_IDS },
    },
    managed: managedParts(policy),
    trouble: troubleOf(stored, local, policy),
  };
}

async function connections(policy: Policy, own: OwnSettings): Promise<ConnectionList> {
  const ownList = {
    connections: own.connections ?? [],
    defaultConnection: own.defaultConnection ?? null,
  };
  const withId = async (connection: PortableConnection) =>
    named({ ...connection, id: await idFor(connection, ownList.connections) });
  return connectionsInForce(
    {
      single: policy.connection === undefined ? null : await withId(policy.connection),
      list: await Promise.all(policy.connections.map(withId)),
      defaultAddress: policy.defaultAddress ?? null,
    },
    ownList,
  );
}

function managedParts(policy: Policy): ReadonlySet<SettingsPart> {
  const parts = new Set<SettingsPart>();
  if (policy.connection !== undefined || policy.connections.length > 0) parts.add('connections');
  for (const part of EACH_BY_ITSELF) if (policy[part] !== undefined) parts.add(part);
  return parts;
}

function troubleOf(
  stored: StoredSettings,
  local: Readonly<Record<string, unknown>>,
  { problems }: Policy,
): SettingsTrouble {
  return {
    later: stored.state === 'later' ? stored.version : null,
    damaged: [...(stored.state === 'read' ? stored.damaged : []), ...readSetAside(local)],
    policy: problems,
  };
}
