import type { HistoryRow } from '../../../src/domain/history';
import { createDatabase } from '../../../src/storage/database';
import { storedRow } from '../../../src/storage/stored-row';
import { writeHistory } from '../../../src/storage/writing';
import { aChange } from '../../support/changes';
import { partner } from '../../support/partners';
import { outcome } from '../../support/records';
import { targetOf, uuid } from '../../support/targets';

const open = createDatabase(() => undefined);
const PARTNERS = 500;
/** Every fifth row is a check. */
const CHECKS = 5;
const BETWEEN_ROWS_MS = 60_000;

interface Part {
  readonly from: number;
  readonly to: number;
  /** How many there are to be in the end: the last of them is of now. */
  readonly rows: number;
  readonly connectionId: string;
  /** A word that row alone has, by its number. */
  readonly rare: Readonly<Record<number, string>>;
}

/** Writes rows of a history, the oldest first, in the form that the storage has now. */
async function writeRows({ from, to, rows, connectionId, rare }: Part): Promise<void> {
  const now = Date.now();
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  await writeHistory(open, 'relaxed', async (transaction) => {
    const store = transaction.objectStore('rows');
    await Promise.all(
      numbers.map((number) => {
        const at = now - (rows - number) * BETWEEN_ROWS_MS;
        return store.add(storedRow(rowOf(number, at, connectionId, rare[number]), -at));
      }),
    );
  });
}

function rowOf(number: number, at: number, connectionId: string, rareWord = ''): HistoryRow {
  const id = uuid(number);
  const other = partner(String(100_000 + (number % PARTNERS)));
  if (number % CHECKS === 0 && rareWord === '') {
    const found = { kind: 'found', partner: other } as const;
    const check = { id, connectionId, partnerId: other.partnerId, checkedAt: at, outcome: found };
    return { type: 'check', id, at, check };
  }
  const targetName = `Subscription ${number} ${rareWord}`.trim();
  const asked = aChange({ id, target: targetOf(uuid(number), connectionId), targetName, after: other, askedAt: at });
  const life = { state: 'done', outcome: outcome(other, '"2"'), attempts: 1, endedAt: at + 100 } as const;
  return { type: 'change', id, at, change: { ...asked, life } };
}

/** How many blocks the worker has made of the texts of rows. */
async function blocksMade(): Promise<number> {
  return (await open()).count('textBlocks');
}

Object.assign(globalThis, { writeRows, blocksMade });
