import * as v from 'valibot';
import type { Connection } from '../domain/connection';
import {
  confirmSchema,
  connectionSchema,
  ownPartnerIdSchema,
  portalSettingsSchema,
  retentionSchema,
  uuidSchema,
  watchedSchema,
  watchSchema,
} from '../domain/schemas';
import type { Settings } from '../domain/settings';
import { isObject } from './objects';
import { told } from './told';

/** Of what is written now. Every version before is read, by {@link MIGRATIONS}. */
export const SETTINGS_VERSION = 3;

export const SETTINGS_KEY = 'settings';
/** Version 1 kept each part by itself, and one connection. */
export const VERSION_1_KEYS = ['connection', 'portals', 'retention', 'notify', 'confirm'] as const;

/** What the person chose. A part that is absent was never chosen. */
export type OwnSettings = { readonly [P in Exclude<keyof Settings, 'azureClientIds'>]?: Settings[P] | undefined };

/** A part, or one connection, that does not have the shape it must have. */
export interface DamagedPart {
  readonly part: string;
  /** The field that is wrong, and how. */
  readonly detail: string;
  /** As it was found. No secret is among settings. */
  readonly stored: unknown;
}

/** The person's settings as they are stored. */
export type StoredSettings =
  /** `version`: of the form in which they were found; null where nothing was ever stored. */
  | {
      readonly state: 'read';
      readonly version: number | null;
      readonly own: OwnSettings;
      readonly damaged: readonly DamagedPart[];
    }
  /** A later version of the extension wrote them: they are left as they are. */
  | { readonly state: 'later'; readonly version: number };

type Form = Readonly<Record<string, unknown>>;

/**
 * One step for each version, each from the version before: pure, and content with any input, since what is stored is checked only
 * in its present form. A shipped step is never altered; a later version appends one.
 */
const MIGRATIONS: readonly ((before: Form) => Form)[] = [
  ({ connection, ...parts }) => {
    if (connection === undefined || connection === null) return parts;
    const id = isObject(connection) && typeof connection['id'] === 'string' ? connection['id'] : null;
    return { ...parts, connections: [withAddress(connection)], defaultConnection: id };
  },
  // A connection to Azure may be among them from then on, and one's own Partner ID: an earlier version would set the one aside and
  // drop the other.
  (parts) => parts,
];

/** A connection as version 1, policies and files of its time write it, with `serviceUrl`, in the words of now. */
export function withAddress(stored: unknown): unknown {
  if (!isObject(stored) || !('serviceUrl' in stored)) return stored;
  const { serviceUrl, ...rest } = stored;
  return { address: serviceUrl, ...rest };
}

/**
 * Reads the person's settings in whatever form they were stored.
 * @param stored what is there under {@link SETTINGS_KEY} and {@link VERSION_1_KEYS}
 */
export function readStoredSettings(stored: Form): StoredSettings {
  const book = stored[SETTINGS_KEY];
  if (book === undefined) {
    const first = Object.fromEntries(VERSION_1_KEYS.flatMap((key) => (key in stored ? [[key, stored[key]]] : [])));
    return Object.keys(first).length === 0 ? NOTHING_STORED : readForm(first, 1);
  }
  const version = v.safeParse(versionSchema, book);
  if (!version.success || !isObject(book)) {
    const detail = version.success ? '' : told(version.issues);
    return { ...NOTHING_STORED, damaged: [{ part: SETTINGS_KEY, detail, stored: book }] };
  }
  if (version.output.version > SETTINGS_VERSION) return { state: 'later', version: version.output.version };
  return readForm(book, version.output.version);
}

const versionSchema = v.object({ version: v.pipe(v.number(), v.integer(), v.minValue(1)) });

const NOTHING_STORED = { state: 'read', version: null, own: {}, damaged: [] } as const;

function readForm(found: Form, version: number): StoredSettings {
  const form = MIGRATIONS.slice(version - 1).reduce((before, migrate) => migrate(before), found);
  const damaged: DamagedPart[] = [];
  function read<T>(part: string, schema: v.GenericSchema<unknown, T>, value: unknown): T | undefined {
    if (value === undefined) return undefined;
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    damaged.push({ part, detail: told(parsed.issues), stored: value });
    return undefined;
  }
  const list = read('connections', v.array(v.unknown()), form['connections']);
  const own: OwnSettings = {
    // One that cannot be read takes no other with it.
    connections: list
      ?.map((connection) => read<Connection>('connections', connectionSchema, connection))
      .filter((connection) => connection !== undefined),
    defaultConnection: read('defaultConnection', v.nullable(uuidSchema), form['defaultConnection']),
    portals: read('portals', portalSettingsSchema, form['portals']),
    retention: read('retention', retentionSchema, form['retention']),
    notify: read('notify', v.boolean(), form['notify']),
    confirm: read('confirm', confirmSchema, form['confirm']),
    watch: read('watch', watchSchema, form['watch']),
    watched: read('watched', watchedSchema, form['watched']),
    ownPartnerId: read('ownPartnerId', ownPartnerIdSchema, form['ownPartnerId']),
  };
  return { state: 'read', version, own, damaged };
}
