import type { RowKind, SingleEntry } from '../domain/history';
import type { Target } from '../domain/target';
import { type Key, t } from '../words/words';

const OF_LINK = {
  assign: 'link.changes.assign',
  change: 'link.changes.change',
  remove: 'link.changes.remove',
  foreign: 'link.changes.foreign',
} as const satisfies Readonly<Record<Exclude<RowKind, 'check'>, Key>>;

/** What an entry of the history is, in words. */
export function kindWords(entry: SingleEntry): string {
  const { kind } = entry;
  return t(kind !== 'check' && targetOf(entry)?.kind === 'signIn' ? OF_LINK[kind] : `history.what.${kind}`);
}

/** What an entry is of; null of a check, which has an ID and no target. */
export function targetOf(entry: SingleEntry): Target | null {
  switch (entry.type) {
    case 'change':
      return entry.standing.target;
    case 'foreign':
      return entry.foreign.target;
    case 'check':
      return null;
  }
}
