import type { Change, ChangeEvent } from '../../../src/domain/change';
import { noWait, type Wait } from '../../../src/domain/wait';

type Failed = Extract<ChangeEvent, { type: 'failed' }>;

/** An event; of a read the wait that it was begun after may be left out. */
export type Happening = Unwaited<ChangeEvent>;
type Unwaited<E> = E extends { readonly since: Wait } ? Omit<E, 'since'> & { readonly since?: Wait } : E;

/** The event as it happens to the change now: a read was begun after the change's present wait, unless another is told. */
export function happening(change: Change, event: Happening): ChangeEvent {
  if (event.type !== 'stateRead' && event.type !== 'readFailed') return event;
  const present = change.life.state === 'waiting' ? change.life.wait : noWait(event.at);
  return { ...event, since: event.since ?? present };
}

/** A failed attempt or read whose pause is not shortened by chance. */
export function failing<T extends 'failed' | 'readFailed'>(
  type: T,
  at: number,
  failure: Failed['failure'],
  retryAfterMs: number | null = null,
): Omit<Failed, 'type'> & { readonly type: T } {
  return { type, at, failure, retryAfterMs, chance: 0 };
}
