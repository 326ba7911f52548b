import { type Connection, isOfLinks, type SignInKind } from '../domain/connection';
import type { ConnectionList } from '../domain/settings';
import type { Target } from '../domain/target';

/** What a region of the panel, or the window to confirm in, is about: a subscription's record, or the link that counts on its page. */
export type About = 'record' | 'link';

export function aboutOf({ kind }: Target): About {
  return kind === 'signIn' ? 'link' : 'record';
}

/** What a connection holds whose people sign in so. */
export function aboutAt(signIn: SignInKind): About {
  return signIn === 'entra' ? 'link' : 'record';
}

/** What the connection of that ID holds; one that is not set up any more held records, as most do. */
export function aboutIn(settings: ConnectionList | null, connectionId: string): About {
  return aboutAt(settings?.connections.find(({ id }) => id === connectionId)?.signIn ?? 'none');
}

/** By what something is about, the sentences that differ. */
export const ABOUT_WORDS = {
  record: {
    region: 'panel.region',
    whose: 'pages.whoseRecord',
    none: 'panel.none',
    nobody: 'pages.nobody',
    nameLater: 'panel.nameLater',
    save: 'panel.save',
    same: 'panel.same',
    reading: 'panel.reading',
    withheld: 'panel.withheld',
    show: 'panel.showPartner',
    remove: 'panel.remove',
    notConfigured: 'panel.notConfigured',
  },
  link: {
    region: 'link.region',
    whose: 'link.whose',
    none: 'link.none',
    nobody: 'link.nobody',
    nameLater: 'link.nameLater',
    save: 'link.save',
    same: 'link.same',
    reading: 'link.reading',
    withheld: 'link.withheld',
    show: 'link.show',
    remove: 'link.remove',
    notConfigured: 'link.notConfigured',
  },
} as const satisfies Readonly<Record<About, unknown>>;

/** Whose the records are at all connections together; with none it may become either. */
export function whoseOf(connections: readonly Connection[]) {
  const links = connections.filter(isOfLinks).length;
  if (links === 0 && connections.length > 0) return ABOUT_WORDS.record.whose;
  return links > 0 && links === connections.length ? ABOUT_WORDS.link.whose : 'pages.whoseBoth';
}
