import type { AzureEndpoints } from './azure-cloud';
import type { Person } from './person';

/** An account that is signed in at Microsoft Entra, as it is the same in every tenant. */
export interface AzureAccount {
  /** Entra's home account ID, `uid.utid` of `client_info`: issuer, `sub` and `oid` differ in every tenant. */
  readonly user: string;
  /** The tenant that the account is of; of a personal Microsoft account, which is of none, the one that it signed in at first. */
  readonly homeTenant: string;
  /** The name that people type to sign in, such as `ada@contoso.example`; null where Entra did not tell. */
  readonly username: string | null;
  readonly name: string | null;
}

/** The person that an account is. */
export function personOfAccount(
  { user, username, name }: Pick<AzureAccount, 'user' | 'username' | 'name'>,
  { signIn }: Pick<AzureEndpoints, 'signIn'>,
): Person {
  return { kind: 'openIdConnect', issuer: signIn, sub: user, name: username ?? name };
}

/** What people call an account. */
export function accountName({ user, username, name }: AzureAccount): string {
  return username ?? name ?? user;
}
