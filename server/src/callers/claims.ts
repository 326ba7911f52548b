import type { JWTPayload } from 'jose';
import type { Kysely } from 'kysely';
import * as v from 'valibot';
import { type PartnerId, parsePartnerId } from '../../../src/domain/partner';
import type { Schema } from '../database/schema';
import { storableText } from '../edge';
import type { OpenIdConnect } from './identity-provider';
import { REFUSALS } from '../refusals';
import { readCaller } from './repository';
import { invalidToken } from './sign-in';
import type { SignedIn } from './signed-in';

const LONGEST_CLAIM = 255;
const { noClaim, claimIsNoText, claimIsNoPartner } = REFUSALS.SignInRequired.because;

/**
 * Who the claims of an access token speak of. Of a caller whom the directory knows nothing but the principal ID is taken from
 * them: name, organisation and partner are the directory's, as roles in subscriptions always are. Throws a Refusal that names a
 * claim that is no good.
 */
export async function callerOfClaims(
  db: Kysely<Schema>,
  payload: JWTPayload,
  { issuer, claims }: OpenIdConnect,
): Promise<SignedIn> {
  const principalId = textClaim(payload, claims.principal);
  if (principalId === null) throw invalidToken(noClaim(claims.principal));
  const known = await readCaller(db, principalId);
  if (known !== null) return known;
  return {
    principalId,
    name: textClaim(payload, claims.name) ?? principalId,
    organization: textClaim(payload, claims.organization) ?? new URL(issuer).host,
    partnerId: claims.partner === null ? null : partnerClaim(payload, claims.partner),
  };
}

const claimSchema = v.pipe(
  storableText,
  v.maxLength(LONGEST_CLAIM),
  v.check((text) => text.trim() !== ''),
);

/** A claim's text; null when the token does not have it. */
function textClaim(payload: JWTPayload, name: string): string | null {
  const value = payload[name];
  if (value === undefined || value === null) return null;
  const parsed = v.safeParse(claimSchema, value);
  if (!parsed.success) throw invalidToken(claimIsNoText(name, LONGEST_CLAIM));
  return parsed.output;
}

function partnerClaim(payload: JWTPayload, name: string): PartnerId | null {
  const text = textClaim(payload, name);
  if (text === null) return null;
  const parsed = parsePartnerId(text);
  if (!parsed.ok) throw invalidToken(claimIsNoPartner(name));
  return parsed.partnerId;
}
