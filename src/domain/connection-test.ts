import type { Failure } from './failure';

export const TEST_STEPS = ['reachable', 'contract', 'signedIn'] as const;
/** What a kind's test goes through, in the order in which it does. */
export type TestStepName = (typeof TEST_STEPS)[number];

/** The steps of a connection test, in order. A step that was not reached is absent. */
export type TestStep =
  /** `aheadMs`: by how much this computer's clock is ahead of the service's, where it has to be set; negative: behind. */
  | { readonly step: 'reachable'; readonly ok: true; readonly aheadMs?: number }
  | { readonly step: 'contract'; readonly ok: true; readonly version: number }
  | { readonly step: 'signedIn'; readonly ok: true; readonly name: string; readonly organization: string }
  /** The sign-in counts, of a kind that tells nobody who they are. */
  | { readonly step: 'signedIn'; readonly ok: true; readonly name: null }
  | { readonly step: TestStepName; readonly ok: false; readonly failure: Failure };
