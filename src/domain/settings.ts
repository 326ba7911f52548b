import type { AzureClientIds } from './azure-cloud';
import { type Connection, connectionFor } from './connection';
import type { PartnerId } from './partner';
import type { BuiltInPortalId } from './portal';

/** Which portals the extension serves. */
export interface PortalSettings {
  /** The built-in portals that were switched off. */
  readonly off: readonly BuiltInPortalId[];
  /** `URLPattern`s in one string, each with a group named `subscriptionId`. */
  readonly own: readonly string[];
}

/** How long ended history rows are kept; null means without limit. Rows of open changes are always kept. */
export interface Retention {
  readonly maxAgeDays: number | null;
  readonly maxRows: number | null;
}

export const CONFIRM_WHEN = ['whenUnsure', 'always'] as const;
/** When a change that was asked for in a panel is confirmed in the extension's own window: where the panel can't be sure, or always. */
export type ConfirmWhen = (typeof CONFIRM_WHEN)[number];

export const WATCH_EVERY = ['off', 'hour', 'sixHours', 'day'] as const;
/** How often the worker looks for changes made elsewhere. */
export type WatchEvery = (typeof WATCH_EVERY)[number];

export const WATCHED = ['all', 'starred'] as const;
/** Which subscriptions are watched: all that a connection lists, or those that the person has starred. */
export type Watched = (typeof WATCHED)[number];

export interface Settings {
  readonly connections: readonly Connection[];
  /** The id of the connection that serves whatever no other one names; null when there is none. */
  readonly defaultConnection: string | null;
  readonly portals: PortalSettings;
  readonly retention: Retention;
  /** Whether a browser notification tells how a change ended. */
  readonly notify: boolean;
  readonly confirm: ConfirmWhen;
  readonly watch: WatchEvery;
  readonly watched: Watched;
  /** The person's own Partner ID, with which partner links are compared; null: they told none. */
  readonly ownPartnerId: PartnerId | null;
  /** What the form for a connection to Azure is filled with: the organisation's applications, else this build's. Nobody else chooses them. */
  readonly azureClientIds: AzureClientIds;
}

export const DEFAULT_SETTINGS: Settings = {
  connections: [],
  defaultConnection: null,
  portals: { off: [], own: [] },
  retention: { maxAgeDays: null, maxRows: null },
  notify: false,
  confirm: 'whenUnsure',
  watch: 'off',
  watched: 'all',
  ownPartnerId: null,
  azureClientIds: { public: null, usGovernment: null, china: null },
};

/** Connections, and which of them is the default. */
export type ConnectionList = Pick<Settings, 'connections' | 'defaultConnection'>;

/** The connection that serves whatever no other one names; null when there is none. */
export function defaultConnectionOf({ connections, defaultConnection }: ConnectionList): Connection | null {
  return connectionFor(null, connections, defaultConnection);
}

/** The connection that a page of all of them begins with: the default, else one that holds links. */
export function firstOf(list: ConnectionList): Connection | null {
  return defaultConnectionOf(list) ?? list.connections[0] ?? null;
}

/**
 * The list once a connection was saved. It takes the place of the one with its id, and of the one that it was made of.
 * @param edited the id of the connection that it was made of, whose address may have been another; null: of none
 */
export function withConnection(list: ConnectionList, saved: Connection, edited: string | null): ConnectionList {
  const gives = ({ id }: Connection) => id === saved.id || id === edited;
  const place = list.connections.findIndex(gives);
  const others = list.connections.filter((connection) => !gives(connection));
  const present = defaultConnectionOf(list);
  return {
    connections: place === -1 ? [...others, saved] : others.toSpliced(place, 0, saved),
    defaultConnection: present === null || gives(present) ? saved.id : present.id,
  };
}

/** The list once a connection was removed; where it was the default, the first is it now. */
export function withoutConnection(list: ConnectionList, connectionId: string): ConnectionList {
  const connections = list.connections.filter(({ id }) => id !== connectionId);
  return { connections, defaultConnection: defaultConnectionOf({ ...list, connections })?.id ?? null };
}

/** The connections that an organisation set. */
export interface PolicyConnections {
  /** The one under the name of the first version, which had one alone. */
  readonly single: Connection | null;
  readonly list: readonly Connection[];
  /** The address of the default among them; null: policy says none. */
  readonly defaultAddress: string | null;
}

/**
 * The connections in force. What policy sets takes the place of the person's own list, of which nothing is lost by it: it is there
 * again without the policy. The default is the one that policy says, else its single one, else the person's choice where it
 * is among them, else the first.
 */
export function connectionsInForce(policy: PolicyConnections, own: ConnectionList): ConnectionList {
  const { single, list, defaultAddress } = policy;
  const isListed = single !== null && list.some(({ id }) => id === single.id);
  const set = single === null || isListed ? list : [single, ...list];
  const connections = set.length === 0 ? own.connections : set;
  const said = connections.find(({ address }) => address === defaultAddress) ?? single;
  const fallback = defaultConnectionOf({ connections, defaultConnection: own.defaultConnection });
  return { connections, defaultConnection: (said ?? fallback)?.id ?? null };
}
