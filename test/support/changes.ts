import { type Change, type ChangeLife, newChange } from '../../src/domain/change';
import type { ChangeRequest } from '../../src/domain/change-request';
import { START } from './clock';
import { CONTOSO, OLD, WANTED } from './partners';
import { ADA } from './persons';
import { TARGET, uuid } from './targets';

/** Ada asks to change the partner, from the old to the wanted one. */
export function aRequest(more: Partial<ChangeRequest> = {}): ChangeRequest {
  return {
    id: uuid(1),
    target: TARGET,
    targetName: 'Production',
    page: null,
    kind: 'change',
    before: OLD,
    after: WANTED,
    basedOn: '"1"',
    replay: 'key',
    askedFrom: 'panel',
    askedAt: START,
    person: ADA,
    ...more,
  };
}

/** The same as a change that waits to be sent. */
export function aChange(more: Partial<ChangeRequest> = {}): Change {
  return newChange(aRequest(more));
}

/** A change from no partner to Contoso that Ada asked for just now, with that life; waiting when none is given. */
export function toContoso(life: ChangeLife | null, more: Partial<Change> = {}): Change {
  const id = crypto.randomUUID();
  const asked = aChange({ id, kind: 'assign', before: null, after: CONTOSO, askedAt: Date.now() });
  return { ...asked, ...(life !== null && { life }), ...more };
}
