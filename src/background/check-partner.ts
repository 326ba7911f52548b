import { type Backend, BackendError, failureOf } from '../backends/backend';
import type { CheckOutcome } from '../domain/history';
import type { PartnerId } from '../domain/partner';
import { ASK_FOR_MS } from './connections';

/** What a look at a Partner ID found, and how long the backend asks to wait before the next one, in milliseconds. */
export interface Checked {
  readonly outcome: CheckOutcome;
  readonly retryAfterMs: number | null;
}

/**
 * Asks a backend whose ID that is, within a limit of time.
 * @throws the signal's reason when the caller aborts, and whatever is not the backend's failure
 */
export async function checkPartner(backend: Backend, partnerId: PartnerId, signal: AbortSignal): Promise<Checked> {
  if (backend.checkPartner === undefined) {
    return { outcome: { kind: 'failed', failure: { reason: 'refused', code: 'NotSupported' } }, retryAfterMs: null };
  }
  try {
    const found = await backend.checkPartner(partnerId, AbortSignal.any([signal, AbortSignal.timeout(ASK_FOR_MS)]));
    return { outcome: { kind: 'found', ...found }, retryAfterMs: null };
  } catch (cause) {
    signal.throwIfAborted();
    const failure = failureOf(cause);
    const retryAfterMs = cause instanceof BackendError ? cause.retryAfterMs : null;
    if (failure.code === 'PartnerNotFound') return { outcome: { kind: 'unknownPartner' }, retryAfterMs };
    return { outcome: { kind: 'failed', failure }, retryAfterMs };
  }
}
