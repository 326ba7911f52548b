import type { CredentialWanted } from '../backends/backend';
import type { AzureAccount } from '../domain/azure-account';
import type { EntraConnection } from '../domain/connection';
import type { Failure } from '../domain/failure';
import type { Credential, TenantSignIn } from '../domain/person';

/** Whom Entra's page is opened for. */
export interface EntraWanted {
  /** The account that is to come back, by its home account ID; null: whichever the person chooses there. */
  readonly user: string | null;
  /** The tenant to sign in at, by its ID or domain; null: the account's own, whichever account that is. */
  readonly tenant: string | null;
}

/** How signing in at Entra ended. */
export type EntraOutcome =
  | { readonly kind: 'signedIn'; readonly account: AzureAccount; readonly tenant: string }
  /** Another account came back than the one that was wanted. It is kept as one of several, and nothing of the other's is done. */
  | { readonly kind: 'otherAccount'; readonly account: AzureAccount; readonly wanted: string }
  | { readonly kind: 'cancelled' }
  /** `failure`: reason `signInNeeded`, with what Entra said. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Signing in at Microsoft Entra: several accounts, each in many tenants, with one refresh token an account. */
export interface EntraSignIn {
  /** The accounts that are signed in there, the one that signed in first at the head. */
  accounts(connection: EntraConnection): Promise<readonly AzureAccount[]>;
  /**
   * An access token for the management interface. In this order: a token that is kept, the account's refresh token at that tenant, a page
   * that nobody sees (`prompt=none`), else null: the person must sign in.
   * @param wanted without `of`: the first account's in its own tenant
   * @throws {BackendError} where Entra does not answer, or signing in did not work the last time
   */
  token(connection: EntraConnection, wanted: CredentialWanted): Promise<Credential | null>;
  /** The tokens that may be had without a window and without asking Entra: whether a sign-in there is known to need the person. */
  needsPerson(connection: EntraConnection, of: TenantSignIn): Promise<boolean>;
  /** Has the person sign in on Entra's own page. */
  start(connection: EntraConnection, wanted: EntraWanted): Promise<EntraOutcome>;
  /** Whether the browser allows `start`: it has `identity` and the management host. The sign-in host needs no permission. */
  mayStart(connection: EntraConnection): Promise<boolean>;
  /** Forgets an account's tokens here. The browser's session at Microsoft stays. */
  end(connection: EntraConnection, user: string): Promise<void>;
}
