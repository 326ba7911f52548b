import { DEFAULT_SETTINGS, type Settings } from '../../src/domain/settings';
import type { SettingsRead, SettingsTrouble } from '../../src/storage/settings';

/** Settings as they were read: the person's own, all of them as they should be unless some trouble is told. */
export function readAs(settings: Partial<Settings> = {}, trouble: Partial<SettingsTrouble> = {}): SettingsRead {
  return {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    managed: new Set(),
    trouble: { later: null, damaged: [], policy: [], ...trouble },
  };
}
