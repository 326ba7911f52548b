import type { Database } from '../database/database';
import { callerOfClaims } from './claims';
import { type IdentityProvider, isJwt } from './identity-provider';
import { type Authenticate, tokenEnded } from './sign-in';
import type { TokenUses } from './token-uses';
import { ownerOfToken } from './tokens';

/** By what a token is known. */
interface TokenSources {
  readonly database: Pick<Database, 'db'>;
  readonly clock: () => Date;
  /** Whose access tokens are taken besides the service's own. */
  readonly identityProvider?: IdentityProvider | null;
  /** Hears of each use of the service's own tokens. */
  readonly tokenUses?: Pick<TokenUses, 'note'>;
}

/** Finds whose an access token is: of the form that providers' have, the provider's; any other, the service's own. */
export function authenticator({ database: { db }, clock, identityProvider, tokenUses }: TokenSources): Authenticate {
  return async (token) => {
    if (identityProvider && isJwt(token)) {
      const claims = await identityProvider.verify(token, clock());
      return callerOfClaims(db, claims, identityProvider.configuration);
    }
    const owner = await ownerOfToken(db, token, clock());
    switch (owner.kind) {
      case 'caller':
        tokenUses?.note(owner.use);
        return owner.caller;
      case 'ended':
        throw tokenEnded();
      case 'unknown':
        return null;
    }
  };
}
