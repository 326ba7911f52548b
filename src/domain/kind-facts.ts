import type { Capabilities } from './capabilities';
import type { SignInKind } from './connection';

/** What pages know of a kind of backend before there is a connection of it. */
export interface KindFacts {
  /** As connections name it. */
  readonly kind: string;
  readonly can: Capabilities;
  /** The ways of signing in that it has. */
  readonly signIns: readonly SignInKind[];
}
