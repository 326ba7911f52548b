import type { Connection, Settings } from '../domain/settings';

export type SettingsPart = keyof Settings;

/** A stored part that does not have the shape it must have; the next layer is used in its place. */
export interface SettingsProblem {
  readonly part: SettingsPart;
  readonly layer: 'managed' | 'user';
  readonly detail: string;
}

/** The settings in force: what policy fixes, else what the person chose, else the default; each part by itself. */
export async function readSettings(_onProblem?: (problem: SettingsProblem) => void): Promise<Settings> {
  throw new Error('In the making');
}

/** The parts that are fixed by policy. */
export async function managedParts(): Promise<ReadonlySet<SettingsPart>> {
  throw new Error('In the making');
}

/** Keeps the parts given as the person's own choice; the others stay as they are. Only the worker calls it. */
export async function writeSettings(_parts: Partial<Settings>): Promise<void> {
  throw new Error('In the making');
}

/** Calls back after a stored part has changed, by the person or by policy, until the signal aborts. */
export function onSettingsChanged(_callback: () => void, _signal: AbortSignal): void {
  throw new Error('In the making');
}

/** Settings as they go from one device to another: without secrets, and without the connection's own id. */
export interface PortableSettings extends Omit<Settings, 'connection'> {
  readonly connection: Pick<Connection, 'serviceUrl' | 'signIn'> | null;
}

export function exportSettings(_settings: Settings): string {
  throw new Error('In the making');
}

export type ImportedSettings =
  | { readonly ok: true; readonly settings: PortableSettings }
  | { readonly ok: false; readonly problem: string };

export function importSettings(_json: string): ImportedSettings {
  throw new Error('In the making');
}
