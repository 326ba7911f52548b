import type { Failure } from './failure';

/** The steps of a connection test, in order. A step that was not reached is absent. */
export type TestStep =
  /** `aheadMs`: by how much this computer's clock is ahead of the service's, where it has to be set; negative: behind. */
  | { readonly step: 'reachable'; readonly ok: true; readonly aheadMs?: number }
  | { readonly step: 'contract'; readonly ok: true; readonly version: number }
  | { readonly step: 'signedIn'; readonly ok: true; readonly name: string; readonly organization: string }
  | { readonly step: 'reachable' | 'contract' | 'signedIn'; readonly ok: false; readonly failure: Failure };
