import type { LaneHold } from '../../src/domain/batch';
import { FRESH_LANE } from '../../src/domain/lane';
import type { Open } from '../../src/storage/both-stores';
import { createLaneStore } from '../../src/storage/lanes';
import { CONNECTION_ID } from './connections';

/** Has that hold up the only lane of a connection, as the worker keeps it. */
export async function keepHold(open: Open, hold: LaneHold | null, connectionId = CONNECTION_ID): Promise<void> {
  const lane = { connectionId, lane: { ...FRESH_LANE, hold }, claims: {} };
  await createLaneStore(open).write(new Map([[connectionId, lane]]));
}
