import type { CheckOutcome } from '../domain/history';
import type { ImportRow } from '../domain/import-file';
import { type ImportMatch, type KnownSubscription, matchImport } from '../domain/import-match';
import type { PartnerId, PartnerRef } from '../domain/partner';
import { partnerOf } from '../domain/partner-state';
import { type KnownRow, type PlannedRow, planRow } from './bulk-plan';
import type { RowId } from './row-id';

/*
 * What a file comes to beside a list, slice by slice: both may have tens of thousands of rows. `pause` is awaited between slices,
 * so that keys are answered; it throws where it is to end.
 */

/** A row of the list, by whatever else the page knows of it. */
export type ListedRow = RowId & KnownSubscription;

/** So many rows are compared or planned at a time: a few milliseconds of work. */
const SLICE = 500;

/** Compares the rows of a file with those that a connection has in the list. */
export async function compareRows<Row extends ListedRow>(
  wanted: readonly ImportRow[],
  list: readonly Row[],
  connectionId: string,
  checks: ReadonlyMap<PartnerId, CheckOutcome>,
  pause: () => Promise<void>,
): Promise<ImportMatch<Row>> {
  const listed = new Map<Row['subscriptionId'], Row>();
  for await (const slice of slicesOf(list, pause))
    for (const row of slice) if (row.connectionId === connectionId) listed.set(row.subscriptionId, row);
  const match = {
    differing: [] as ImportMatch<Row>['differing'][number][],
    already: [] as ImportMatch<Row>['already'][number][],
    problems: [] as ImportMatch<Row>['problems'][number][],
    waiting: [] as ImportRow[],
  };
  for await (const slice of slicesOf(wanted, pause)) {
    const { differing, already, problems, waiting } = matchImport(slice, listed, checks);
    match.differing.push(...differing);
    match.already.push(...already);
    match.problems.push(...problems);
    match.waiting.push(...waiting);
  }
  return match;
}

/** What is wanted of rows: as they are known, and the partner that each is to have. The two go side by side. */
export interface WantedRows {
  readonly rows: readonly KnownRow[];
  readonly after: readonly (PartnerRef | null)[];
}

/** What a comparison leaves to be done; where all is shown, what is so already too. */
export async function wantedIn<Row extends ListedRow>(
  { differing, already }: ImportMatch<Row>,
  onlyDiffering: boolean,
  knownOf: (row: Row) => KnownRow,
  pause: () => Promise<void>,
): Promise<WantedRows> {
  const rows: KnownRow[] = [];
  const after: (PartnerRef | null)[] = [];
  for await (const slice of slicesOf(differing, pause))
    for (const change of slice) {
      rows.push(knownOf(change.known));
      after.push(change.after);
    }
  for await (const slice of slicesOf(onlyDiffering ? [] : already, pause))
    for (const { known } of slice) {
      rows.push(knownOf(known));
      after.push(partnerOf(known.state?.partnerOfRecord ?? null));
    }
  return { rows, after };
}

/** What comes of each row, and how many really change, and are removed. */
export interface ImportPlanned {
  readonly rows: readonly PlannedRow[];
  readonly changes: number;
  readonly removes: number;
}

/** Plans the rows as they are known now. */
export async function planRows({ rows, after }: WantedRows, pause: () => Promise<void>): Promise<ImportPlanned> {
  const planned: PlannedRow[] = [];
  let changes = 0;
  let removes = 0;
  for await (const slice of slicesOf(rows, pause))
    for (const row of slice) {
      const one = planRow(row, after[planned.length] ?? null);
      planned.push(one);
      if (one.fate.kind !== 'changes') continue;
      changes += 1;
      if (one.fate.plan.kind === 'remove') removes += 1;
    }
  return { rows: planned, changes, removes };
}

async function* slicesOf<T>(all: readonly T[], pause: () => Promise<void>): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < all.length; at += SLICE) {
    yield all.slice(at, at + SLICE);
    await pause();
  }
}
