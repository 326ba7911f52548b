import type { Connection } from '../domain/connection';
import type { Settings } from '../domain/settings';
import type { TokenKept } from '../storage/secrets';
import type { SettingsPart, SettingsTrouble } from '../storage/settings';

/** What every section of the options shows: the settings in force, and which of them policy fixes. */
export interface Stored {
  readonly settings: Settings;
  /** The connection that the steps show: the default unless the person chose another; null: one more, or none yet. */
  readonly connection: Connection | null;
  readonly managed: ReadonlySet<SettingsPart>;
  readonly trouble: SettingsTrouble;
  readonly tokenKept: TokenKept;
  /** At the identity provider of the connection. */
  readonly signedIn: boolean;
  /** Their name, where the provider told it. */
  readonly signedInAs: string | null;
  /** What the provider is asked for, as the person or policy decided; null while nobody has. */
  readonly agreedScopes: readonly string[] | null;
}
