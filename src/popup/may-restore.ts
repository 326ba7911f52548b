import type { ForeignChange } from '../domain/history';
import type { Settings } from '../domain/settings';

/** Whether it can be asked for: its connection is set up. */
export function mayRestore({ target }: ForeignChange, settings: Settings | null): boolean {
  return (settings?.connections ?? []).some(({ id }) => id === target.connectionId);
}
