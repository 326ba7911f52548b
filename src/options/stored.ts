import type { Settings } from '../domain/settings';
import type { TokenKept } from '../storage/secrets';
import type { SettingsPart } from '../storage/settings';

/** What every section of the options shows: the settings in force, and which of them policy fixes. */
export interface Stored {
  readonly settings: Settings;
  readonly managed: ReadonlySet<SettingsPart>;
  readonly tokenKept: TokenKept;
  /** At the identity provider of the connection. */
  readonly signedIn: boolean;
  /** Their name, where the provider told it. */
  readonly signedInAs: string | null;
  /** What the provider is asked for, as the person or policy decided; null while nobody has. */
  readonly agreedScopes: readonly string[] | null;
}
