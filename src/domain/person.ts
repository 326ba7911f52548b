import { nameIn } from './subscription';

/**
 * Whose a change is: who asked for it, as the identity provider or the service knows them, never as the connection is
 * configured. `name` is for people to read and decides nothing; null while nobody has told it.
 */
export type Person =
  /** Signed in at an identity provider: its issuer and `sub`. */
  | { readonly kind: 'openIdConnect'; readonly issuer: string; readonly sub: string; readonly name: string | null }
  /** A pasted access token's owner, as the service's `/me` tells. */
  | {
      readonly kind: 'principal';
      /** The address of the service that knows them so. */
      readonly issuer: string;
      readonly principalId: string;
      readonly name: string | null;
    }
  /** A pasted access token whose owner the service has not told yet: the token's SHA-256 in hexadecimal digits. */
  | { readonly kind: 'token'; readonly issuer: string; readonly fingerprint: string }
  /** Sign-in "None": everybody who uses the connection is one person. */
  | { readonly kind: 'connection'; readonly connectionId: string };

/** A pasted token that nobody has named the owner of. */
export type TokenPerson = Extract<Person, { readonly kind: 'token' }>;

/** One sign-in of an account that signs in at many tenants. */
export interface TenantSignIn {
  /** The tenant's ID. */
  readonly tenant: string;
  /** The account, as it is the same in every tenant: Entra's home account ID. */
  readonly user: string;
}

/** An account in the directory of one tenant, as a token for that tenant names it: it has another ID in every tenant. */
export interface DirectoryUser {
  readonly tenantId: string;
  readonly objectId: string;
}

/** An access token and whose it is: one value, so that no request can carry the one and count as the other's. */
export interface Credential {
  readonly token: string;
  readonly person: Person;
  /** There where the token was given for one tenant. */
  readonly directoryUser?: DirectoryUser;
}

/**
 * One text for one person, by which whatever is theirs alone is kept. Names play no part; two ways of knowing somebody are never
 * taken for the same person.
 */
export function personKey(person: Person): string {
  switch (person.kind) {
    case 'openIdConnect':
      return JSON.stringify([person.kind, person.issuer, person.sub]);
    case 'principal':
      return JSON.stringify([person.kind, person.issuer, person.principalId]);
    case 'token':
      return JSON.stringify([person.kind, person.issuer, person.fingerprint]);
    case 'connection':
      return JSON.stringify([person.kind, person.connectionId]);
  }
}

/** Whether both are one person. */
export function isSamePerson(one: Person, other: Person): boolean {
  return personKey(one) === personKey(other);
}

/** Whether what was shown to the one may be shown to the other. */
export function mayShareView(shownTo: Person | null, present: Person | null): boolean {
  return shownTo === null || present === null || mayBeSamePerson(shownTo, present);
}

/** Whether both are one person, for all that is known: the one may be a token whose owner nobody knows yet, and the other its owner. */
export function mayBeSamePerson(one: Person, other: Person): boolean {
  if (isSamePerson(one, other)) return true;
  return one.kind === 'token' && other.kind === 'principal' && one.issuer === other.issuer;
}

/** The person's name to show; null when none is known. */
export function nameOfPerson(person: Person): string | null {
  return person.kind === 'openIdConnect' || person.kind === 'principal' ? nameIn(person.name) : null;
}
