import * as v from 'valibot';
import { signInOf } from '../domain/connection';
import {
  baseAddressSchema,
  confirmSchema,
  ownPartnerIdSchema,
  portalSettingsSchema,
  retentionSchema,
  watchedSchema,
  watchSchema,
} from '../domain/schemas';
import { defaultConnectionOf, type Settings } from '../domain/settings';
import { isObject } from './objects';
import { type PortableConnection, portableConnectionSchema } from './portable-connection';
import { told } from './told';
import { type WrongAddress, wrongAddress } from './wrong-address';

/** Settings as they go from one device to another: without secrets, and without the ids of connections. */
export interface PortableSettings extends Pick<Settings, 'portals' | 'retention' | 'notify'> {
  readonly connections: readonly PortableConnection[];
  /** The address of the default among them; null where there is none. */
  readonly defaultConnection: string | null;
  // Each of these is not in files of before there was one.
  readonly confirm?: Settings['confirm'];
  readonly watch?: Settings['watch'];
  readonly watched?: Settings['watched'];
  readonly ownPartnerId?: Settings['ownPartnerId'];
}

export type ImportedSettings =
  | { readonly ok: true; readonly settings: PortableSettings }
  | {
      readonly ok: false;
      readonly problem: 'notJson' | 'notSettings' | 'later';
      /** The field that is wrong, and how; of `later`, the file's version. */
      readonly detail: string;
      /** Null where it is not an address that is wrong. */
      readonly address: WrongAddress | null;
    };

const FORMAT = 'partner-of-record-settings';
const VERSION = 3;

const headSchema = v.object({
  format: v.literal(FORMAT),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  settings: v.unknown(),
});

const settingsSchema: v.GenericSchema<unknown, PortableSettings> = v.object({
  connections: v.array(portableConnectionSchema),
  defaultConnection: v.nullable(baseAddressSchema),
  portals: portalSettingsSchema,
  retention: retentionSchema,
  notify: v.boolean(),
  confirm: v.exactOptional(confirmSchema),
  watch: v.exactOptional(watchSchema),
  watched: v.exactOptional(watchedSchema),
  ownPartnerId: v.exactOptional(ownPartnerIdSchema),
});

/** One step for each version of the file, each from the version before; content with any input. */
const MIGRATIONS: readonly ((before: unknown) => unknown)[] = [
  (before) => {
    if (!isObject(before)) return before;
    const { connection, ...parts } = before;
    if (connection === null) return { ...parts, connections: [], defaultConnection: null };
    const address = isObject(connection) ? connection['serviceUrl'] : null;
    return { ...parts, connections: [connection], defaultConnection: address };
  },
  // From then on a connection to Azure may be in it, which an earlier version would take for no settings file.
  (before) => before,
];

/** The settings as a JSON file's text. */
export function exportSettings(settings: Omit<Settings, 'azureClientIds'>): string {
  const { connections, portals, retention, notify, confirm, watch, watched, ownPartnerId } = settings;
  const portable: PortableSettings = {
    connections: connections.map((connection) => ({
      name: connection.name,
      kind: connection.kind,
      address: connection.address,
      portals: connection.portals,
      tenants: connection.tenants,
      ...signInOf(connection),
    })),
    defaultConnection: defaultConnectionOf(settings)?.address ?? null,
    portals,
    retention,
    notify,
    confirm,
    watch,
    watched,
    ownPartnerId,
  };
  return `${JSON.stringify({ format: FORMAT, version: VERSION, settings: portable }, null, 2)}\n`;
}

/** Reads what {@link exportSettings} of this version or one before it wrote: all of it or nothing. */
export function importSettings(json: string): ImportedSettings {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (cause) {
    return { ok: false, problem: 'notJson', detail: cause instanceof Error ? cause.message : '', address: null };
  }
  const head = v.safeParse(headSchema, content);
  if (!head.success) return { ok: false, problem: 'notSettings', detail: told(head.issues), address: null };
  const { version, settings } = head.output;
  if (version > VERSION) return { ok: false, problem: 'later', detail: String(version), address: null };
  const form = MIGRATIONS.slice(version - 1).reduce((before, migrate) => migrate(before), settings);
  const parsed = v.safeParse(settingsSchema, form);
  return parsed.success
    ? { ok: true, settings: parsed.output }
    : { ok: false, problem: 'notSettings', detail: told(parsed.issues), address: wrongAddress(parsed.issues) };
}
