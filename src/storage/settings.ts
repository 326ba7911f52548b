import * as v from 'valibot';
import {
  confirmSchema,
  connectionNameSchema,
  connectionSchema,
  managedPortalsSchema,
  managedRetentionSchema,
  named,
  portalSettingsSchema,
  retentionSchema,
  serviceUrlSchema,
  withSignIn,
} from '../domain/schemas';
import {
  type AddressProblem,
  type ConfirmWhen,
  type Connection,
  DEFAULT_SETTINGS,
  parseServiceUrl,
  type Settings,
  type SignIn,
  signInOf,
} from '../domain/settings';
import { browser, type Storage } from '../platform/browser';

export type SettingsPart = keyof Settings;

/** A stored part that does not have the shape it must have; the next layer is used in its place. */
export interface SettingsProblem {
  readonly part: SettingsPart;
  readonly layer: 'managed' | 'user';
  readonly detail: string;
  /** Null where it is not an address that is wrong. */
  readonly address: WrongAddress | null;
}

/** An address in settings that were written elsewhere, and what is wrong with it. */
export interface WrongAddress {
  readonly written: string;
  readonly problem: AddressProblem;
}

type OnProblem = (problem: SettingsProblem) => void;

/** A connection as it goes from one device to another, and as policy names it: its id belongs to one device. */
export type PortableConnection = SignIn & Pick<Connection, 'name' | 'kind' | 'serviceUrl'>;

const PARTS: readonly SettingsPart[] = ['connection', 'portals', 'retention', 'notify', 'confirm'];

const portableConnectionSchema: v.GenericSchema<unknown, PortableConnection> = v.pipe(
  withSignIn({
    name: connectionNameSchema,
    kind: v.optional(v.literal('service'), 'service'),
    serviceUrl: serviceUrlSchema,
  }),
  v.transform(named),
);

/** The settings in force: what policy fixes, else what the person chose, else the default; each part by itself. */
export async function readSettings(onProblem?: OnProblem): Promise<Settings> {
  const [managed, user] = await Promise.all([
    storedByPolicy().then((stored) => readManaged(stored, onProblem)),
    readUser(onProblem),
  ]);
  return inForce(managed, user);
}

async function inForce(managed: Layer<PortableConnection>, user: Layer<Connection | null>): Promise<Settings> {
  return {
    connection: (await connectionByPolicy(managed, user)) ?? user.connection ?? DEFAULT_SETTINGS.connection,
    portals: managed.portals ?? user.portals ?? DEFAULT_SETTINGS.portals,
    retention: managed.retention ?? user.retention ?? DEFAULT_SETTINGS.retention,
    notify: managed.notify ?? user.notify ?? DEFAULT_SETTINGS.notify,
    confirm: managed.confirm ?? user.confirm ?? DEFAULT_SETTINGS.confirm,
  };
}

/** The parts that are fixed by policy. */
export async function managedParts(): Promise<ReadonlySet<SettingsPart>> {
  const managed = readManaged(await storedByPolicy());
  return new Set(PARTS.filter((part) => managed[part] !== undefined));
}

/** Keeps the parts given as the person's own choice; the others stay as they are. Only the worker calls it. */
export async function writeSettings(parts: Partial<Settings>): Promise<void> {
  await browser.storage.local.set({ ...parts });
}

/** Calls back after a stored part has changed, by the person or by policy, until the signal aborts. */
export function onSettingsChanged(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if ((area === 'local' || area === 'managed') && PARTS.some((part) => part in changes)) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}

/** Calls back after policy has changed, with the settings that were in force before. For the worker, whose whole life it lasts. */
export function onPolicyChanged(
  callback: (before: Settings) => Promise<void>,
  onError: (cause: unknown) => void,
): void {
  browser.storage.onChanged.addListener((changes, area) => {
    if (area === 'managed' && PARTS.some((part) => part in changes))
      settingsBefore(changes).then(callback).catch(onError);
  });
}

async function settingsBefore(changes: Record<string, Storage.StorageChange>): Promise<Settings> {
  const were = Object.fromEntries(Object.entries(changes).map(([part, { oldValue }]) => [part, oldValue]));
  const [stored, user] = await Promise.all([storedByPolicy(), readUser()]);
  return inForce(readManaged({ ...stored, ...were }), user);
}

/** Settings as they go from one device to another: without secrets, and without the connection's own id. */
export interface PortableSettings extends Omit<Settings, 'connection' | 'confirm'> {
  readonly connection: PortableConnection | null;
  /** Not in files of before there was one. */
  readonly confirm?: ConfirmWhen;
}

export type ImportedSettings =
  | { readonly ok: true; readonly settings: PortableSettings }
  | {
      readonly ok: false;
      readonly problem: 'notJson' | 'notSettings';
      /** The field that is wrong, and how. */
      readonly detail: string;
      /** Null where it is not an address that is wrong. */
      readonly address: WrongAddress | null;
    };

const FORMAT = 'partner-of-record-settings';

const fileSchema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  settings: v.object({
    connection: v.nullable(portableConnectionSchema),
    portals: portalSettingsSchema,
    retention: retentionSchema,
    notify: v.boolean(),
    confirm: v.exactOptional(confirmSchema),
  }),
});

/** The settings as a JSON file's text. */
export function exportSettings({ connection, portals, retention, notify, confirm }: Settings): string {
  const portable: PortableSettings = {
    connection:
      connection === null
        ? null
        : {
            name: connection.name,
            kind: connection.kind,
            serviceUrl: connection.serviceUrl,
            ...signInOf(connection),
          },
    portals,
    retention,
    notify,
    confirm,
  };
  return `${JSON.stringify({ format: FORMAT, version: 1, settings: portable }, null, 2)}\n`;
}

/** Reads what {@link exportSettings} wrote: all of it or nothing. */
export function importSettings(json: string): ImportedSettings {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (cause) {
    return { ok: false, problem: 'notJson', detail: cause instanceof Error ? cause.message : '', address: null };
  }
  const parsed = v.safeParse(fileSchema, content);
  return parsed.success
    ? { ok: true, settings: parsed.output.settings }
    : { ok: false, problem: 'notSettings', detail: told(parsed.issues), address: wrongAddress(parsed.issues) };
}

interface Layer<C> {
  readonly connection: C | undefined;
  readonly portals: Settings['portals'] | undefined;
  readonly retention: Settings['retention'] | undefined;
  readonly notify: boolean | undefined;
  readonly confirm: ConfirmWhen | undefined;
}

/** The shapes of a layer's parts, where the layers differ. */
interface LayerSchemas<C> {
  readonly connection: v.GenericSchema<unknown, C>;
  readonly portals: v.GenericSchema<unknown, Settings['portals']>;
  readonly retention: v.GenericSchema<unknown, Settings['retention']>;
}

const USER_SCHEMAS: LayerSchemas<Connection | null> = {
  connection: v.nullable(connectionSchema),
  portals: portalSettingsSchema,
  retention: retentionSchema,
};

const MANAGED_SCHEMAS: LayerSchemas<PortableConnection> = {
  connection: portableConnectionSchema,
  portals: managedPortalsSchema,
  retention: managedRetentionSchema,
};

async function readUser(onProblem?: OnProblem): Promise<Layer<Connection | null>> {
  return readLayer('user', await browser.storage.local.get([...PARTS]), USER_SCHEMAS, onProblem);
}

function readManaged(stored: Record<string, unknown>, onProblem?: OnProblem): Layer<PortableConnection> {
  return readLayer('managed', stored, MANAGED_SCHEMAS, onProblem);
}

/** The connection that policy names. At the address that the person chose it is theirs: its changes and token stay. */
async function connectionByPolicy(
  managed: Layer<PortableConnection>,
  user: Layer<Connection | null>,
): Promise<Connection | undefined> {
  const { connection } = managed;
  if (connection === undefined) return undefined;
  const isTheirs = user.connection?.serviceUrl === connection.serviceUrl;
  return { ...connection, id: isTheirs ? user.connection.id : await idForAddress(connection.serviceUrl) };
}

/** Firefox throws when no policy names the extension, and a browser may have no such area: both mean no policy. */
async function storedByPolicy(): Promise<Record<string, unknown>> {
  try {
    return (await browser.storage.managed?.get([...PARTS])) ?? {};
  } catch {
    return {};
  }
}

function readLayer<C>(
  layer: SettingsProblem['layer'],
  stored: Record<string, unknown>,
  schemas: LayerSchemas<C>,
  onProblem: OnProblem | undefined,
): Layer<C> {
  function read<T>(part: SettingsPart, schema: v.GenericSchema<unknown, T>): T | undefined {
    if (stored[part] === undefined) return undefined;
    const parsed = v.safeParse(schema, stored[part]);
    if (parsed.success) return parsed.output;
    onProblem?.({ part, layer, detail: told(parsed.issues), address: wrongAddress(parsed.issues) });
    return undefined;
  }
  return {
    connection: read('connection', schemas.connection),
    portals: read('portals', schemas.portals),
    retention: read('retention', schemas.retention),
    notify: read('notify', v.boolean()),
    confirm: read('confirm', confirmSchema),
  };
}

/**
 * A UUID made from an address: policy names no id, another address must be another connection, and one that was lost is the
 * same again once somebody types its address.
 */
export async function idForAddress(serviceUrl: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(serviceUrl)));
  const hex = Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  // Version 8, the one whose content is the maker's own affair.
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-8$4-$5');
}

function wrongAddress([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): WrongAddress | null {
  const field = issue.path?.at(-1)?.key;
  if ((field !== 'serviceUrl' && field !== 'issuer') || typeof issue.input !== 'string') return null;
  const parsed = parseServiceUrl(issue.input);
  return parsed.ok ? null : { written: issue.input, problem: parsed.problem };
}

function told([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}
