import type { Database } from '../database/database';
import { writeUses } from './repository';

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
  /**
   * Writes down what was noted, in one statement, after the writing that is under way. Never fails: what cannot be written is kept for
   * the next time.
   */
  write(): Promise<void>;
}

const WRITTEN_EVERY_MS = 60 * 60 * 1000;

/** `onTrouble` hears why uses could not be written down. */
export function createTokenUses(
  { transactionAside }: Pick<Database, 'transactionAside'>,
  onTrouble: (error: unknown) => void,
): TokenUses {
  const noted = new Map<string, Date>();
  let written = Promise.resolve();

  function note({ number, before, at }: TokenUse): void {
    if (before === null || at.getTime() - before.getTime() >= WRITTEN_EVERY_MS) noted.set(number, at);
  }

  async function writeNoted(): Promise<void> {
    if (noted.size === 0) return;
    const uses = [...noted];
    noted.clear();
    try {
      await transactionAside((trx) => writeUses(trx, uses, WRITTEN_EVERY_MS));
    } catch (error) {
      for (const [number, at] of uses) if (!noted.has(number)) noted.set(number, at);
      onTrouble(error);
    }
  }

  return {
    note,
    write() {
      // The one under way may fail, and what it had is noted again then.
      written = written.then(writeNoted);
      return written;
    },
  };
}
