import * as v from 'valibot';
import {
  azureClientIdsSchema,
  baseAddressSchema,
  confirmSchema,
  managedPortalsSchema,
  managedRetentionSchema,
  partnerIdSchema,
  watchedSchema,
  watchSchema,
} from '../domain/schemas';
import type { Settings } from '../domain/settings';
import { browser } from '../platform/browser';
import { type PortableConnection, portableConnectionSchema } from './portable-connection';
import { told } from './told';
import { type WrongAddress, wrongAddress } from './wrong-address';

/** The parts of the settings that policy sets under their own names. */
export const EACH_BY_ITSELF = [
  'portals',
  'retention',
  'notify',
  'confirm',
  'watch',
  'watched',
  'ownPartnerId',
  'azureClientIds',
] as const satisfies readonly (keyof Settings)[];

/**
 * What an organisation may set, by the names in `public/policy.json`. `connection` is the one of the first version, and is
 * read for ever beside `connections`.
 */
export const POLICY_KEYS = ['connection', 'connections', 'defaultConnection', ...EACH_BY_ITSELF] as const;

/** A part of the policy that does not have the shape it must have: it counts as left out. */
export interface PolicyProblem {
  readonly key: string;
  /** The field that is wrong, and how. */
  readonly detail: string;
  /** Null where it is not an address that is wrong. */
  readonly address: WrongAddress | null;
}

/** What the organisation set. A part that is absent was left open. */
export interface Policy {
  readonly connection: PortableConnection | undefined;
  readonly connections: readonly PortableConnection[];
  /** The address of the default among them. */
  readonly defaultAddress: string | undefined;
  readonly portals: Settings['portals'] | undefined;
  readonly retention: Settings['retention'] | undefined;
  readonly notify: boolean | undefined;
  readonly confirm: Settings['confirm'] | undefined;
  readonly watch: Settings['watch'] | undefined;
  readonly watched: Settings['watched'] | undefined;
  readonly ownPartnerId: Settings['ownPartnerId'] | undefined;
  readonly azureClientIds: Settings['azureClientIds'] | undefined;
  readonly problems: readonly PolicyProblem[];
}

/** Firefox rejects when no policy names the extension (MDN, storage.managed), and a browser may have no such area: both mean no policy. */
export async function storedByPolicy(): Promise<Record<string, unknown>> {
  try {
    return (await browser.storage.managed?.get([...POLICY_KEYS])) ?? {};
  } catch {
    return {};
  }
}

/** Reads a policy part by part: one that cannot be read takes no other with it, nor a connection the other connections. */
export function readPolicy(stored: Readonly<Record<string, unknown>>): Policy {
  const problems: PolicyProblem[] = [];
  function read<T>(key: string, schema: v.GenericSchema<unknown, T>, value = stored[key]): T | undefined {
    if (value === undefined) return undefined;
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    problems.push({ key, detail: told(parsed.issues), address: wrongAddress(parsed.issues) });
    return undefined;
  }
  const listed = read('connections', v.array(v.unknown())) ?? [];
  return {
    connection: read('connection', portableConnectionSchema),
    connections: listed
      .map((connection) => read('connections', portableConnectionSchema, connection))
      .filter((connection) => connection !== undefined),
    defaultAddress: read('defaultConnection', baseAddressSchema),
    portals: read('portals', managedPortalsSchema),
    retention: read('retention', managedRetentionSchema),
    notify: read('notify', v.boolean()),
    confirm: read('confirm', confirmSchema),
    watch: read('watch', watchSchema),
    watched: read('watched', watchedSchema),
    ownPartnerId: read('ownPartnerId', partnerIdSchema),
    azureClientIds: read('azureClientIds', azureClientIdsSchema),
    problems,
  };
}
