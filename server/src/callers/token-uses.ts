import { sql } from 'kysely';
import type { Database } from '../database/database';

/** That one of the service's own tokens was used. */
export interface TokenUse {
  readonly number: string;
  /** The use of it that was last written down; null when none was. */
  readonly before: Date | null;
  readonly at: Date;
}

/** When the service's own tokens were last used: noted with a request, written down apart from all of them. */
export interface TokenUses {
  /** Remembers the use where an hour has passed since the one that is written down. Asks nobody, and never fails. */
  note(use: TokenUse): void;
  /** Writes down what was noted, in one statement. Never fails: what cannot be written is kept for the next time. */
  write(): Promise<void>;
}

const WRITTEN_EVERY_MS = 60 * 60 * 1000;

/** `onTrouble` hears why uses could not be written down. */
export function createTokenUses(
  { transactionAside }: Pick<Database, 'transactionAside'>,
  onTrouble: (error: unknown) => void,
): TokenUses {
  const noted = new Map<string, Date>();

  function note({ number, before, at }: TokenUse): void {
    if (before === null || at.getTime() - before.getTime() >= WRITTEN_EVERY_MS) noted.set(number, at);
  }

  async function write(): Promise<void> {
    if (noted.size === 0) return;
    const uses = [...noted];
    noted.clear();
    const numbers = uses.map(([number]) => number);
    const times = uses.map(([, at]) => at.toISOString());
    try {
      // Another process may have written a use of the same token meanwhile.
      await transactionAside((trx) =>
        sql`update access_tokens set last_used_at = used.at
          from unnest(${numbers}::bigint[], ${times}::timestamptz[]) as used (number, at)
          where access_tokens.number = used.number and (last_used_at is null
            or used.at - last_used_at >= ${WRITTEN_EVERY_MS / 1000} * interval '1 second')`.execute(trx),
      );
    } catch (error) {
      for (const [number, at] of uses) if (!noted.has(number)) noted.set(number, at);
      onTrouble(error);
    }
  }

  return { note, write };
}
