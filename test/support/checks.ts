import type { Check, CheckOutcome } from '../../src/domain/history';
import { CONNECTION_ID } from './connections';
import { partnerId } from './partners';

export function check(digits: string, outcome: CheckOutcome, checkedAt = Date.now()): Check {
  return { id: crypto.randomUUID(), connectionId: CONNECTION_ID, partnerId: partnerId(digits), checkedAt, outcome };
}
