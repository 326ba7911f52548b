import type { Capabilities } from './capabilities';
import type { SignInKind } from './connection';
import type { TestStepName } from './connection-test';

/** What pages know of a kind of backend before there is a connection of it. */
export interface KindFacts {
  /** As connections name it. */
  readonly kind: string;
  readonly can: Capabilities;
  /** The ways of signing in that it has. */
  readonly signIns: readonly SignInKind[];
  /** What its test of a connection goes through, in that order. */
  readonly steps: readonly TestStepName[];
}
