import * as v from 'valibot';
import type { Batch } from '../domain/batch';
import { type Change, isOpen } from '../domain/change';
import type { Check, ForeignChange, HistoryRow } from '../domain/history';
import type { Partner } from '../domain/partner';
import { historyRowSchema } from '../domain/schemas';
import { wantsAttention } from '../domain/standing';
import { type Target, targetKey } from '../domain/target';
import { NEEDS_PERSON, UNMET } from './attention';
import { inPresentShape, PRESENT_SHAPE } from './row-shapes';
import type { EarlierRow, IndexFields, PlacedRow, StoredRow } from './schema';

/** A number that is further than this above its row's time was given after a clock had stood ahead. */
export const USUAL_AHEAD_MS = 60_000;

/** A row as it is stored at that place. */
export function storedRow(row: HistoryRow, order: number): StoredRow {
  return { id: row.id, shape: PRESENT_SHAPE, order, row, ...fieldsOf(row, order) };
}

/** A row of version 1 as it is stored now: as it was written, at the place that it had. Null when it cannot be read. */
export function movedRow({ id, order, shape, row: written }: EarlierRow): StoredRow | null {
  const row = readRow({ id, order, ...(shape === undefined ? {} : { shape }), row: written });
  if (row === null) return null;
  const place = Number.isFinite(order) ? order : -row.at;
  return { id, ...(shape === undefined ? {} : { shape }), order: place, row: written, ...fieldsOf(row, place) };
}

/** What the disk gave back, if it is a row, in whatever shape an earlier version wrote it. */
export function readRow(stored: PlacedRow): HistoryRow | null {
  const parsed = v.safeParse(historyRowSchema, inPresentShape(stored.row, stored.shape));
  return parsed.success && parsed.output.id === stored.id ? parsed.output : null;
}

export function readChangeOf(stored: PlacedRow): Change | null {
  const row = readRow(stored);
  return row?.type === 'change' ? row.change : null;
}

/** All that the indexes hold of a row, and nothing else derives any of it. */
function fieldsOf(row: HistoryRow, order: number): IndexFields & Pick<StoredRow, 'at' | 'ahead'> {
  const ahead = -order - row.at;
  return { at: row.at, ...(ahead > USUAL_AHEAD_MS ? { ahead } : {}), ...indexFields(row) };
}

function indexFields(row: HistoryRow): IndexFields {
  switch (row.type) {
    case 'batch':
      // So that it is found among the changes, of whose targets none has this key.
      return { target: JSON.stringify(['batch', row.id]) };
    case 'change': {
      const { change } = row;
      const target = targetKey(change.target);
      const { connectionId } = change.target;
      const used = usedPartner(row);
      return {
        target,
        ...(isOpen(change) ? { openTarget: target } : {}),
        ...(wantsAttention(change) ? { attention: NEEDS_PERSON } : {}),
        ...(change.batch === undefined ? {} : { batch: change.batch }),
        ...(used === null ? {} : { usedPartner: [connectionId, used.partnerId] }),
      };
    }
    case 'check': {
      const { connectionId, partnerId } = row.check;
      const used = usedPartner(row);
      return {
        checkedPartner: [connectionId, partnerId],
        ...(used === null ? {} : { usedPartner: [connectionId, used.partnerId] }),
      };
    }
    case 'foreign': {
      const { target, seen } = row.foreign;
      return { target: targetKey(target), ...(seen ? {} : { attention: UNMET }) };
    }
  }
}

/** What version 1 kept a target under: its store knows no connection. */
export function earlierKeyOfTarget(target: Target): string {
  return target.kind === 'subscription'
    ? JSON.stringify(['subscription', target.id])
    : JSON.stringify(['signIn', target.tenant, target.user]);
}

/** The partner that a found check or a done change tells of. */
export function usedPartner(row: HistoryRow): Partner | null {
  switch (row.type) {
    case 'change': {
      const { life, after } = row.change;
      return life.state === 'done' && after?.name != null ? { ...after, name: after.name } : null;
    }
    case 'check':
      return row.check.outcome.kind === 'found' ? row.check.outcome.partner : null;
    case 'foreign':
    case 'batch':
      return null;
  }
}

export function changeRow(change: Change): HistoryRow {
  return { type: 'change', id: change.id, at: change.askedAt, change };
}

export function batchRow(batch: Batch): HistoryRow {
  return { type: 'batch', id: batch.id, at: batch.askedAt, batch };
}

export function checkRow(check: Check): HistoryRow {
  return { type: 'check', id: check.id, at: check.checkedAt, check };
}

export function foreignRow(foreign: ForeignChange): HistoryRow {
  return { type: 'foreign', id: foreign.id, at: foreign.foundAt, foreign };
}
