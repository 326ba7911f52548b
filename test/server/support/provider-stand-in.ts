import type { IdentityProvider } from '../../../server/src/callers/identity-provider';

/** An identity provider as the service has it, which checks tokens as it is told and is never asked for anything else. */
export function providerStandIn(verify: IdentityProvider['verify']): IdentityProvider {
  return {
    configuration: {
      issuer: 'https://login.example.com',
      audience: 'por',
      plainJwt: false,
      claims: { principal: 'sub', name: 'name', organization: 'organization', partner: null },
      clientId: null,
      scopes: null,
    },
    metadata: () => Promise.reject(new Error('Nobody asks for it')),
    verify,
  };
}
