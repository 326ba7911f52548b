import { moveWhatIsOpen } from './moving';
import type { Database, Upgrading } from './schema';

type Step = (database: Database, transaction: Upgrading) => void | Promise<void>;

/**
 * One step per version, each from the version before; a shipped step is never altered, a later version appends one. A step may wait
 * for requests of its transaction alone. `test/unit/storage/fixtures` has a database of every version that was shipped.
 */
export const STEPS: readonly Step[] = [
  (database) => {
    const history = database.createObjectStore('history', { keyPath: 'id' });
    history.createIndex('newestFirst', ['order', 'id']);
    history.createIndex('openTarget', 'openTarget', { unique: true });
    history.createIndex('attention', 'attention');
    history.createIndex('target', ['target', 'order', 'id']);
    history.createIndex('usedPartner', ['usedPartner', 'order', 'id']);
    history.createIndex('checkedPartner', ['checkedPartner', 'order', 'id']);
    database.createObjectStore('damaged', { keyPath: 'id' });
    database.createObjectStore('snapshots');
    database.createObjectStore('tokens');
  },
  async (database, transaction) => {
    const rows = database.createObjectStore('rows', { keyPath: 'id' });
    rows.createIndex('newestFirst', ['order', 'id']);
    rows.createIndex('at', 'at');
    rows.createIndex('ahead', 'ahead');
    rows.createIndex('openTarget', 'openTarget', { unique: true });
    rows.createIndex('attention', ['attention', 'order', 'id']);
    rows.createIndex('target', ['target', 'order', 'id']);
    rows.createIndex('usedPartner', ['usedPartner', 'order', 'id']);
    rows.createIndex('checkedPartner', ['checkedPartner', 'order', 'id']);
    rows.createIndex('batch', ['batch', 'order', 'id']);
    database.createObjectStore('marks');
    await moveWhatIsOpen(transaction);
  },
  (database) => {
    const batches = database.createObjectStore('batches');
    batches.createIndex('running', 'running');
    database.createObjectStore('batchItems');
    const outcomes = database.createObjectStore('outcomes');
    outcomes.createIndex('batch', ['batch', 'outcome', 'order']);
    database.createObjectStore('lanes');
    database.createObjectStore('lists');
    database.createObjectStore('stars');
    database.createObjectStore('watches');
    const textBlocks = database.createObjectStore('textBlocks');
    textBlocks.createIndex('fold', 'fold');
    textBlocks.createIndex('open', 'open');
  },
];

/** Takes those steps that a database of version `from` has not had. What fails ends the upgrade: nothing of it stays. */
export async function takeSteps(
  steps: readonly Step[],
  from: number,
  database: Database,
  transaction: Upgrading,
): Promise<void> {
  for (const step of steps.slice(from)) await step(database, transaction);
}
