import * as v from 'valibot';
import { SETTINGS_VERSION, type DamagedPart } from './settings-shapes';

export const SET_ASIDE_KEY = 'settingsSetAside';

const setAsideSchema = v.array(v.object({ part: v.string(), detail: v.string(), stored: v.unknown() }));

/** The parts that could not be read and had to make way for what was saved since. */
export function readSetAside(local: Readonly<Record<string, unknown>>): readonly DamagedPart[] {
  const kept = local[SET_ASIDE_KEY];
  if (kept === undefined) return [];
  const parsed = v.safeParse(setAsideSchema, kept);
  // Whatever is there is still somebody's.
  return parsed.success ? parsed.output : [{ part: SET_ASIDE_KEY, detail: '', stored: kept }];
}

/** What could not be read, as the text of a file. */
export function exportDamaged(damaged: readonly DamagedPart[]): string {
  const file = { format: 'partner-of-record-unreadable-settings', version: SETTINGS_VERSION, parts: damaged };
  return `${JSON.stringify(file, null, 2)}\n`;
}
