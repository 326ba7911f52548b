import type { PortalSettings, Retention, Settings } from '../domain/settings';
import { builtInPortals } from '../portals/index';
import type { PortableConnection, PortableSettings, SettingsPart } from '../storage/settings';
import { OPTIONS } from '../ui/strings';

/** One line of what a settings file changes: what it is about, what holds now, and what will hold. */
export interface SettingChange {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/** What taking over `wanted` will change, in words; what policy fixes stays as it is. */
export function settingsChanges(
  present: Settings,
  wanted: PortableSettings,
  managed: ReadonlySet<SettingsPart>,
): SettingChange[] {
  const isOpen = (part: SettingsPart) => !managed.has(part);
  const lines: SettingChange[] = [];
  const { connection } = wanted;
  if (connection !== null && isOpen('connection')) {
    lines.push(...connectionLines(present.connection, connection));
    // It is saved with the connection.
    if (isOpen('notify')) lines.push(onOff(OPTIONS.notify, present.notify, wanted.notify));
  }
  if (isOpen('portals')) lines.push(...portalLines(present.portals, wanted.portals));
  if (isOpen('retention')) lines.push(...retentionLines(present.retention, wanted.retention));
  if (wanted.confirm !== undefined && isOpen('confirm')) {
    lines.push(onOff(OPTIONS.confirmAlways, present.confirm === 'always', wanted.confirm === 'always'));
  }
  return lines.filter(({ from, to }) => from !== to);
}

function connectionLines(present: PortableConnection | null, wanted: PortableConnection): SettingChange[] {
  const provider = (connection: PortableConnection | null) =>
    connection?.signIn === 'openIdConnect' ? connection : null;
  const signIn = (connection: PortableConnection | null) =>
    connection === null ? OPTIONS.nothing : OPTIONS.signIns[connection.signIn];
  const [before, after] = [provider(present), provider(wanted)];
  return [
    { what: OPTIONS.serviceUrl, from: present?.serviceUrl ?? OPTIONS.nothing, to: wanted.serviceUrl },
    { what: OPTIONS.signIn, from: signIn(present), to: signIn(wanted) },
    { what: OPTIONS.issuer, from: before?.issuer ?? OPTIONS.nothing, to: after?.issuer ?? OPTIONS.nothing },
    { what: OPTIONS.clientId, from: before?.clientId ?? OPTIONS.nothing, to: after?.clientId ?? OPTIONS.nothing },
    onOff(OPTIONS.remember, before?.staySignedIn ?? false, after?.staySignedIn ?? false),
    { what: OPTIONS.scopesName, from: scopeWords(before?.scopes), to: scopeWords(after?.scopes) },
    onOff(OPTIONS.sendResource, before?.sendResource ?? false, after?.sendResource ?? false),
  ];
}

function scopeWords(scopes: readonly string[] | null | undefined): string {
  return scopes == null ? OPTIONS.nothing : scopes.join(', ');
}

function portalLines(present: PortalSettings, wanted: PortalSettings): SettingChange[] {
  const builtIn = builtInPortals.map(({ id, name }) =>
    onOff(name, !present.off.includes(id), !wanted.off.includes(id)),
  );
  const own = [...new Set([...present.own, ...wanted.own])].map((pattern) =>
    onOff(pattern, present.own.includes(pattern), wanted.own.includes(pattern)),
  );
  return [...builtIn, ...own];
}

function retentionLines(present: Retention, wanted: Retention): SettingChange[] {
  const words = (limit: number | null) => (limit === null ? OPTIONS.noLimit : limit.toLocaleString('en'));
  return [
    { what: OPTIONS.keepDays, from: words(present.maxAgeDays), to: words(wanted.maxAgeDays) },
    { what: OPTIONS.keepRows, from: words(present.maxRows), to: words(wanted.maxRows) },
  ];
}

function onOff(what: string, from: boolean, to: boolean): SettingChange {
  const words = (on: boolean) => (on ? OPTIONS.on : OPTIONS.off);
  return { what, from: words(from), to: words(to) };
}
