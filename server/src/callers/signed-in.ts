import type { PartnerId } from '../../../src/domain/partner';

/** Who signed in. */
export interface SignedIn {
  readonly principalId: string;
  readonly name: string;
  readonly organization: string;
  /** Set for a partner's own people. */
  readonly partnerId: PartnerId | null;
}
