import { type BatchReader, type BatchWriter, createBatchReading, createBatchWriting } from './batches';
import type { Open } from './both-stores';
import { createReading, type HistoryReader as RowReader, type Lookups } from './reading';
import { createKeeping, type Keeping } from './retention';
import { createWriting, type HistoryWriter, setRowsAside } from './writing';

export type { BatchMember, BatchMembers, BatchReader, KeptMember } from './batches';
export type { Cursor } from './both-stores';
export type { Attention, Counted, HistoryPage, Looking, Placed } from './reading';
export type { ClockReading } from './retention';
export type { Applied, Happened, Inserted } from './writing';

/** What pages read of the history: its rows, and what was asked for together. */
export interface HistoryReader extends RowReader, BatchReader {}

/** The history as the worker has it: it alone writes, and sets damaged rows aside when it meets them. */
export interface History extends HistoryReader, Lookups, HistoryWriter, BatchWriter, Keeping {}

/**
 * @param movedAtOnce how many rows of an earlier version {@link History.update} takes
 * @param rowsInBlock how many rows {@link History.makeBlock} takes
 */
export function createHistory(open: Open, movedAtOnce?: number, rowsInBlock?: number): History {
  const reading = createReading(open, (rows) => setRowsAside(open, rows));
  return {
    ...reading,
    ...createBatchReading(open),
    ...createWriting(open, movedAtOnce, rowsInBlock),
    ...createBatchWriting(open),
    ...createKeeping(open),
  };
}

/** For pages: reads only. */
export function createHistoryReader(open: Open): HistoryReader {
  return { ...createReading(open, async () => undefined), ...createBatchReading(open) };
}
