import { fold } from './fold';
import type { CheckOutcome } from './history';
import type { ImportRow } from './import-file';
import type { Failure } from './failure';
import type { Partner, PartnerId } from './partner';
import type { PartnerState } from './partner-state';
import type { SubscriptionId } from './subscription';

/** A subscription of the list, as it was read last; `state` null: nobody knows its partner. */
export interface KnownSubscription {
  readonly state: PartnerState | null;
}

/** A row that asks for something else than what is there, as far as that is known. `after`: by the name that the backend gave. */
export interface ImportedChange<Known extends KnownSubscription> {
  readonly row: ImportRow;
  readonly known: Known;
  readonly after: Partner | null;
}

/**
 * Why a row cannot be carried out, though it is written well.
 *
 * - `unknownConnection`: none that is set up, and lists its subscriptions, has the name that the row says
 * - `notListed`: the connection lists no such subscription to this person
 * - `unknownPartner`: the backend knows no partner by that ID
 * - `notChecked`: the backend did not say whose ID it is
 */
export type ImportMatchProblem =
  | UnknownConnection
  | { readonly kind: 'notListed'; readonly line: number; readonly subscriptionId: SubscriptionId }
  | { readonly kind: 'unknownPartner'; readonly line: number; readonly partnerId: PartnerId }
  | {
      readonly kind: 'notChecked';
      readonly line: number;
      readonly partnerId: PartnerId;
      readonly failure: Failure;
    };

/** A row that asks for what is there already: that partner, or none. */
export type ImportedSame<Known extends KnownSubscription> = Omit<ImportedChange<Known>, 'after'>;

/** What the rows of a file come to. Each row is in one of the lists, in the order of the file. */
export interface ImportMatch<Known extends KnownSubscription> {
  readonly differing: readonly ImportedChange<Known>[];
  readonly already: readonly ImportedSame<Known>[];
  readonly problems: readonly ImportMatchProblem[];
  /** Their partner is not checked yet. */
  readonly waiting: readonly ImportRow[];
}

interface UnknownConnection {
  readonly kind: 'unknownConnection';
  readonly line: number;
  readonly connection: string;
}

/** The rows of a file by what they say of their connection. */
export interface RowsAt {
  /** Of the connection that was chosen, or of none by name. */
  readonly here: readonly ImportRow[];
  /** How many are of another one. */
  readonly elsewhere: number;
  readonly problems: readonly UnknownConnection[];
}

/** Tells the rows that are meant for one connection from those of others. @param others what the others are called */
export function rowsAt(rows: readonly ImportRow[], name: string, others: readonly string[]): RowsAt {
  const here: ImportRow[] = [];
  const problems: UnknownConnection[] = [];
  let elsewhere = 0;
  for (const row of rows) {
    const { line, connection } = row;
    const isNamed = (one: string) => fold(one.trim()) === fold(connection.trim());
    if (connection === '' || isNamed(name)) here.push(row);
    else if (others.some(isNamed)) elsewhere += 1;
    else problems.push({ kind: 'unknownConnection', line, connection });
  }
  return { here, elsewhere, problems };
}

/**
 * Compares what is asked for with what is there.
 * @param list every subscription of the connection
 * @param checks what the backend said of the Partner IDs by now
 */
export function matchImport<Known extends KnownSubscription>(
  rows: readonly ImportRow[],
  list: ReadonlyMap<SubscriptionId, Known>,
  checks: ReadonlyMap<PartnerId, CheckOutcome>,
): ImportMatch<Known> {
  const differing: ImportedChange<Known>[] = [];
  const already: ImportedSame<Known>[] = [];
  const problems: ImportMatchProblem[] = [];
  const waiting: ImportRow[] = [];
  for (const row of rows) {
    const { line, subscriptionId, after: partnerId } = row;
    const known = list.get(subscriptionId);
    if (known === undefined) {
      problems.push({ kind: 'notListed', line, subscriptionId });
      continue;
    }
    const { state } = known;
    const present = state?.partnerOfRecord ?? null;
    if (partnerId === null) {
      if (state !== null && present === null) already.push({ row, known });
      else differing.push({ row, known, after: null });
      continue;
    }
    if (present?.partnerId === partnerId) {
      already.push({ row, known });
      continue;
    }
    const outcome = checks.get(partnerId);
    switch (outcome?.kind) {
      case undefined:
        waiting.push(row);
        break;
      case 'found':
        differing.push({ row, known, after: outcome.partner });
        break;
      case 'unknownPartner':
        problems.push({ kind: 'unknownPartner', line, partnerId });
        break;
      case 'failed':
        problems.push({ kind: 'notChecked', line, partnerId, failure: outcome.failure });
        break;
    }
  }
  return { differing, already, problems, waiting };
}
