/** A tenant of the tests' Azure. */
export interface TestTenant {
  /** A GUID in lower case. */
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

/** An account that signs in at the tests' Entra. */
export interface TestAccount {
  /** The home account ID, `uid.utid`. */
  readonly user: string;
  readonly username: string;
  readonly name: string;
  readonly homeTenant: string;
  /** The account's object ID in each tenant that it reaches, its own among them, by the tenant's ID. */
  readonly objectIds: ReadonlyMap<string, string>;
}

/** Who there is, in the tests' Azure and Entra alike. */
export interface TestDirectory {
  readonly tenants: readonly TestTenant[];
  readonly accounts: readonly TestAccount[];
}

/** What an access token says, once its signature was checked. */
export interface JudgedToken {
  readonly tenant: string;
  readonly objectId: string;
  readonly audience: string;
  readonly isExpired: boolean;
  /** What a claims challenge asked for and the token has, such as `acrs` values; empty: nothing. */
  readonly claims: readonly string[];
}

/** A GUID that is the same each time: `kind` and `number` are hexadecimal digits. */
export function testGuid(kind: string, number: number): string {
  return `${kind.padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/**
 * A directory of `count` tenants, called Tenant 1 and so on, each with the domain `tenantN.example`. Its first account is Ada's, at home
 * in the first tenant and a guest in all others; the second is Ben's, at home in the second, who reaches the first too.
 */
export function testDirectory(count: number): TestDirectory {
  const tenants = Array.from({ length: count }, (_, i) => ({
    id: testGuid('a', i + 1),
    name: `Tenant ${i + 1}`,
    domain: `tenant${i + 1}.example`,
  }));
  const idAt = (i: number) => tenants[i]?.id ?? testGuid('a', 1);
  const everywhere = new Map(tenants.map(({ id }, i) => [id, testGuid('b', i + 1)]));
  const bens = new Map([0, 1].map((i) => [idAt(i), testGuid('c', i + 1)]));
  return {
    tenants,
    accounts: [
      {
        user: `${testGuid('b', 1)}.${idAt(0)}`,
        username: 'ada@tenant1.example',
        name: 'Ada Lovelace',
        homeTenant: idAt(0),
        objectIds: everywhere,
      },
      {
        user: `${testGuid('c', 2)}.${idAt(1)}`,
        username: 'ben@tenant2.example',
        name: 'Ben Okri',
        homeTenant: idAt(1),
        objectIds: bens,
      },
    ],
  };
}
