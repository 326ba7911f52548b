import { type CheckedItem, countedAs } from '../domain/check-run';
import type { PastedProblem } from '../domain/pasted-ids';
import { csvOf, pasteOf } from '../ui/csv';
import { failureText } from '../words/failure';
import { t } from '../words/words';

const COLUMNS = ['partnerId', 'result', 'partner', 'location', 'detail'] as const;
type Cells = readonly [partnerId: string, result: string, partner: string, location: string, detail: string];

/** What was checked as CSV, a line for each ID, in the order of the list. */
export function checksAsCsv(items: readonly CheckedItem[]): string {
  return csvOf(headings(), items.map(cells));
}

/** The same for the clipboard. */
export function checksToPaste(items: readonly CheckedItem[]): string {
  return pasteOf(headings(), items.map(cells));
}

/** Why something that was pasted is no Partner ID. */
export function pastedProblemText(problem: PastedProblem): string {
  switch (problem) {
    case 'rounded':
    case 'phoneNumber':
      return t(`check.problems.${problem}`);
    default:
      return t(`partnerId.${problem}`);
  }
}

const headings = () => COLUMNS.map((column) => t(`check.columns.${column}`));

function cells(item: CheckedItem): Cells {
  const result = t(`check.results.${countedAs(item)}`);
  if (item.kind === 'notAnId') return [item.item.written, result, '', '', pastedProblemText(item.item.problem)];
  const outcome = item.result?.outcome;
  switch (outcome?.kind) {
    case undefined:
      return [item.partnerId, result, '', '', ''];
    case 'found':
      return [item.partnerId, result, outcome.partner.name, outcome.location ?? '', ''];
    case 'unknownPartner':
      return [item.partnerId, result, '', '', t('check.unknown')];
    case 'failed':
      return [item.partnerId, result, '', '', failureText(outcome.failure)];
  }
}
