import type { Batch } from '../domain/batch';
import type { PartnerRef } from '../domain/partner';
import type { SpreadsheetColumn } from '../domain/spreadsheet';
import { causeOf } from '../domain/phase';
import { targetTexts } from '../domain/target';
import type { BatchMember } from '../storage/batches';
import { csvOf } from '../ui/csv';
import { itemText } from '../words/batch';
import { failureText } from '../words/failure';
import { plainStandingWords } from '../words/plain-standing';
import { t } from '../words/words';
import type { BatchHistory } from './use-batches';

/** What came of each change of a batch, for a table. */
export interface OutcomeLine {
  readonly subscription: string;
  readonly subscriptionId: string;
  readonly before: PartnerRef | null;
  readonly after: PartnerRef | null;
  readonly outcome: BatchMember['outcome'];
  readonly detail: string;
}

const READ_AT_ONCE = 500;

/** All of them, in their order. */
export async function outcomesOf(history: BatchHistory, batch: Batch, now: number): Promise<readonly OutcomeLine[]> {
  const lines: OutcomeLine[] = [];
  for (let after: number | null = null, more = true; more; ) {
    const { members, next } = await history.outcomesOf(batch.id, null, after, READ_AT_ONCE, { viewers: [], now });
    lines.push(...members.flatMap((member) => lineOf(member, batch) ?? []));
    after = next;
    more = next !== null;
  }
  return lines;
}

/** The columns, in the order in which they are written; what is written can be edited and imported again. */
export function outcomeColumns(): readonly SpreadsheetColumn<OutcomeLine>[] {
  return [
    { title: t('batch.columns.subscription'), value: ({ subscription }) => subscription },
    { title: t('batch.columns.subscriptionId'), value: ({ subscriptionId }) => subscriptionId },
    { title: t('batch.columns.beforeId'), value: ({ before }) => before?.partnerId ?? '' },
    { title: t('batch.columns.before'), value: ({ before }) => before?.name ?? '' },
    { title: t('batch.columns.partnerId'), value: ({ after }) => after?.partnerId ?? '' },
    { title: t('batch.columns.after'), value: ({ after }) => after?.name ?? '' },
    { title: t('batch.columns.outcome'), value: ({ outcome }) => t(`history.results.${outcome}`) },
    { title: t('batch.columns.detail'), value: ({ detail }) => detail },
  ];
}

export function outcomesAsCsv(lines: readonly OutcomeLine[]): string {
  return csvOf(outcomeColumns(), lines);
}

function lineOf(member: BatchMember, { partners }: Batch): OutcomeLine | null {
  const { outcome } = member;
  switch (member.kind) {
    case 'damaged':
      return null;
    case 'item': {
      const { target, targetName, before, after } = member.item;
      const partner = after === null ? null : (partners.find(({ partnerId }) => partnerId === after) ?? null);
      return {
        subscription: targetName,
        subscriptionId: targetTexts(target).join(' '),
        before,
        after: after === null ? null : { partnerId: after, name: partner?.name ?? null },
        outcome,
        detail: itemText(outcome),
      };
    }
    case 'change': {
      const { target, targetName, before, after, at } = member.standing;
      const cause = causeOf(at);
      return {
        subscription: targetName,
        subscriptionId: targetTexts(target).join(' '),
        before,
        after,
        outcome,
        detail: cause === null ? plainStandingWords(member.standing, 'past') : failureText(cause),
      };
    }
  }
}
