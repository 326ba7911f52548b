import { type Connection, defaultName } from '../domain/connection';
import type { PortalSettings, Retention, Settings } from '../domain/settings';
import { builtInPortals } from '../portals/index';
import type { PortableConnection } from '../storage/portable-connection';
import type { SettingsPart } from '../storage/settings';
import type { PortableSettings } from '../storage/settings-file';
import { t } from '../words/words';

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
  if (wanted.connections.length > 0 && isOpen('connections')) lines.push(...listLines(present.connections, wanted));
  if (isOpen('notify')) lines.push(onOff(t('options.notify'), present.notify, wanted.notify));
  if (isOpen('portals')) lines.push(...portalLines(present.portals, wanted.portals));
  if (isOpen('retention')) lines.push(...retentionLines(present.retention, wanted.retention));
  if (wanted.confirm !== undefined && isOpen('confirm')) {
    lines.push(onOff(t('options.confirmAlways'), present.confirm === 'always', wanted.confirm === 'always'));
  }
  if (wanted.watch !== undefined && isOpen('watch')) {
    const words = (watch: Settings['watch']) => t(`watch.every.${watch}`);
    lines.push({ what: t('watch.label'), from: words(present.watch), to: words(wanted.watch) });
  }
  if (wanted.watched !== undefined && isOpen('watched')) {
    const words = (watched: Settings['watched']) => t(`watch.watched.${watched}`);
    lines.push({ what: t('watch.which'), from: words(present.watched), to: words(wanted.watched) });
  }
  if (wanted.ownPartnerId !== undefined && isOpen('ownPartnerId')) {
    const words = (partnerId: string | null) => partnerId ?? t('options.nothing');
    lines.push({
      what: t('options.ownPartnerId'),
      from: words(present.ownPartnerId),
      to: words(wanted.ownPartnerId),
    });
  }
  return lines.filter(({ from, to }) => from !== to);
}

/** The connections that the file's take the place of, each beside the one that it becomes. */
function listLines(present: readonly Connection[], { connections: wanted }: PortableSettings): SettingChange[] {
  const [only, ...others] = wanted;
  // One in the place of one: what it was is worth telling, whatever its address.
  if (only !== undefined && others.length === 0 && present.length <= 1)
    return connectionLines(present[0] ?? null, only);
  const of = (connection: PortableConnection, lines: readonly SettingChange[]) =>
    lines.map((line) => ({ ...line, what: `${nameOf(connection)} (${connection.address}): ${line.what}` }));
  const gone = present.filter((connection) => !wanted.some((other) => isSamePlace(connection, other)));
  return [
    ...wanted.flatMap((connection) => {
      const before = present.find((other) => isSamePlace(connection, other)) ?? null;
      return of(connection, connectionLines(before, connection));
    }),
    ...gone.flatMap((connection) =>
      of(connection, [{ what: t('options.serviceUrl'), from: connection.address, to: t('options.nothing') }]),
    ),
  ];
}

export function isSamePlace(one: PortableConnection, other: PortableConnection): boolean {
  return one.kind === other.kind && one.address === other.address;
}

function nameOf({ name, address }: PortableConnection): string {
  return name ?? defaultName(address);
}

function connectionLines(present: PortableConnection | null, wanted: PortableConnection): SettingChange[] {
  const provider = (connection: PortableConnection | null) =>
    connection?.signIn === 'openIdConnect' ? connection : null;
  const application = (connection: PortableConnection | null) =>
    connection?.signIn === 'entra' ? connection : provider(connection);
  const signIn = (connection: PortableConnection | null) =>
    connection === null ? t('options.nothing') : t(`options.signIns.${connection.signIn}`);
  const [before, after] = [provider(present), provider(wanted)];
  return [
    { what: t('options.name'), from: present === null ? t('options.nothing') : nameOf(present), to: nameOf(wanted) },
    { what: t('options.serviceUrl'), from: present?.address ?? t('options.nothing'), to: wanted.address },
    { what: t('options.signIn'), from: signIn(present), to: signIn(wanted) },
    {
      what: t('options.issuer'),
      from: before?.issuer ?? t('options.nothing'),
      to: after?.issuer ?? t('options.nothing'),
    },
    {
      what: t('options.clientId'),
      from: application(present)?.clientId ?? t('options.nothing'),
      to: application(wanted)?.clientId ?? t('options.nothing'),
    },
    onOff(
      t('options.remember'),
      application(present)?.staySignedIn ?? false,
      application(wanted)?.staySignedIn ?? false,
    ),
    { what: t('options.scopesName'), from: scopeWords(before?.scopes), to: scopeWords(after?.scopes) },
    onOff(t('options.sendResource'), before?.sendResource ?? false, after?.sendResource ?? false),
  ];
}

function scopeWords(scopes: readonly string[] | null | undefined): string {
  return scopes == null ? t('options.nothing') : scopes.join(', ');
}

function portalLines(present: PortalSettings, wanted: PortalSettings): SettingChange[] {
  const builtIn = builtInPortals.map(({ id }) =>
    onOff(t(`portals.${id}`), !present.off.includes(id), !wanted.off.includes(id)),
  );
  const own = [...new Set([...present.own, ...wanted.own])].map((pattern) =>
    onOff(pattern, present.own.includes(pattern), wanted.own.includes(pattern)),
  );
  return [...builtIn, ...own];
}

function retentionLines(present: Retention, wanted: Retention): SettingChange[] {
  const words = (limit: number | null) => (limit === null ? t('options.noLimit') : limit.toLocaleString('en'));
  return [
    { what: t('options.keepDays'), from: words(present.maxAgeDays), to: words(wanted.maxAgeDays) },
    { what: t('options.keepRows'), from: words(present.maxRows), to: words(wanted.maxRows) },
  ];
}

function onOff(what: string, from: boolean, to: boolean): SettingChange {
  const words = (on: boolean) => (on ? t('options.on') : t('options.off'));
  return { what, from: words(from), to: words(to) };
}
