import { type CheckedItem, countedAs } from '../domain/check-run';
import type { PastedProblem } from '../domain/pasted-ids';
import type { SpreadsheetColumn } from '../domain/spreadsheet';
import { csvOf, pasteOf } from '../ui/csv';
import { failureText } from '../words/failure';
import { t } from '../words/words';

/** What was checked as CSV, a line for each ID, in the order of the list. */
export function checksAsCsv(items: readonly CheckedItem[]): string {
  return csvOf(columns(), items);
}

/** The same for the clipboard. */
export function checksToPaste(items: readonly CheckedItem[]): string {
  return pasteOf(columns(), items);
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

/** The columns, in the order in which they are written. */
function columns(): readonly SpreadsheetColumn<CheckedItem>[] {
  return [
    {
      title: t('check.columns.partnerId'),
      value: (item) => (item.kind === 'notAnId' ? item.item.written : item.partnerId),
    },
    { title: t('check.columns.result'), value: (item) => t(`check.results.${countedAs(item)}`) },
    { title: t('check.columns.partner'), value: (item) => foundIn(item)?.partner.name ?? '' },
    { title: t('check.columns.location'), value: (item) => foundIn(item)?.location ?? '' },
    { title: t('check.columns.detail'), value: detailOf },
  ];
}

function foundIn(item: CheckedItem) {
  const outcome = item.kind === 'notAnId' ? undefined : item.result?.outcome;
  return outcome?.kind === 'found' ? outcome : null;
}

function detailOf(item: CheckedItem): string {
  if (item.kind === 'notAnId') return pastedProblemText(item.item.problem);
  const outcome = item.result?.outcome;
  switch (outcome?.kind) {
    case undefined:
    case 'found':
      return '';
    case 'unknownPartner':
      return t('check.unknown');
    case 'failed':
      return failureText(outcome.failure);
  }
}
