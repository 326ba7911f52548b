import type { ForeignChange } from '../domain/history';
import type { Holding } from '../domain/partner-state';
import type { Settings } from '../domain/settings';
import { askOver } from '../messaging/ask-over';
import type { Restored } from '../ui/foreign-change';
import { t } from '../words/words';

/** Asks for what was there before a change made elsewhere. */
export async function restoring({ id }: ForeignChange, seen: Holding): Promise<Restored> {
  const asked = await askOver('restore', id, seen);
  return asked.kind === 'problem' ? { kind: 'problem', words: t(`standing.problems.${asked.problem}`) } : asked;
}

/** Whether it can be asked for: the target is one that screens change, and its connection is set up. */
export function mayRestore({ target }: ForeignChange, settings: Settings | null): boolean {
  return target.kind === 'subscription' && (settings?.connections ?? []).some(({ id }) => id === target.connectionId);
}
