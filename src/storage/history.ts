import { type BatchReader, type BatchWriter, createBatchReading, createBatchWriting } from './batches';
import type { Open } from './both-stores';
import { createReading, type HistoryReader, type Lookups } from './reading';
import { createKeeping, type Keeping } from './retention';
import { createWriting, type HistoryWriter, setRowsAside } from './writing';

export type { BatchMember, BatchMembers, KeptMember } from './batches';
export type { Cursor } from './both-stores';
export type { Attention, Counted, HistoryPage, HistoryReader, Looking, Placed } from './reading';
export type { ClockReading } from './retention';
export type { Applied, Happened, Inserted } from './writing';

/** The history as the worker has it: it alone writes, and sets damaged rows aside when it meets them. */
export interface History extends HistoryReader, BatchReader, Lookups, HistoryWriter, BatchWriter, Keeping {}

/** @param movedAtOnce how many rows of an earlier version {@link History.update} takes */
export function createHistory(open: Open, movedAtOnce?: number): History {
  const reading = createReading(open, (rows) => setRowsAside(open, rows));
  return {
    ...reading,
    ...createBatchReading(open),
    ...createWriting(open, movedAtOnce),
    ...createBatchWriting(open),
    ...createKeeping(open),
  };
}

/** For pages: reads only. */
export function createHistoryReader(open: Open): HistoryReader & BatchReader {
  return { ...createReading(open, async () => undefined), ...createBatchReading(open) };
}
