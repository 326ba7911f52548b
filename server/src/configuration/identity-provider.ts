import * as v from 'valibot';
import type { OpenIdConnect } from '../callers/identity-provider';
import { isSafeAddress } from './addresses';
import { countSet, type Rule } from './rule';

const claimName = (variable: string) =>
  v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, `${variable} must name a claim.`));

export const identityProviderEntries = {
  OIDC_ISSUER: v.optional(
    v.pipe(
      v.string(),
      v.check(
        isSafeAddress,
        ({ received }) => `OIDC_ISSUER is ${received}, but must be an https address, or http on this machine.`,
      ),
    ),
  ),
  OIDC_AUDIENCE: v.optional(v.pipe(v.string(), v.nonEmpty('OIDC_AUDIENCE is empty, but must name this service.'))),
  OIDC_CLIENT_ID: v.optional(
    v.pipe(v.string(), v.nonEmpty("OIDC_CLIENT_ID is empty, but must be the partner page's client ID.")),
  ),
  OIDC_SCOPES: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
        'OIDC_SCOPES must be scopes, one space between two.',
      ),
      v.transform((text) => text.split(' ')),
    ),
  ),
  OIDC_TOKEN_TYP: v.optional(
    v.picklist(['at+jwt', 'JWT'], ({ received }) => `OIDC_TOKEN_TYP is ${received}, but must be at+jwt or JWT.`),
    'at+jwt',
  ),
  OIDC_PRINCIPAL_CLAIM: v.optional(claimName('OIDC_PRINCIPAL_CLAIM'), 'sub'),
  OIDC_NAME_CLAIM: v.optional(claimName('OIDC_NAME_CLAIM'), 'name'),
  OIDC_ORGANIZATION_CLAIM: v.optional(claimName('OIDC_ORGANIZATION_CLAIM'), 'organization'),
  OIDC_PARTNER_CLAIM: v.optional(claimName('OIDC_PARTNER_CLAIM')),
};

export const identityProviderRules: readonly Rule[] = [
  {
    holds: (env) => countSet(env, 'OIDC_ISSUER', 'OIDC_AUDIENCE') !== 1,
    problem: () => 'OIDC_ISSUER and OIDC_AUDIENCE go together: set both or none.',
  },
  {
    holds: (env) => countSet(env, 'OIDC_CLIENT_ID') === 0 || env['OIDC_AUDIENCE'] !== env['OIDC_CLIENT_ID'],
    problem: () =>
      "OIDC_AUDIENCE is the same as OIDC_CLIENT_ID: then the page's ID tokens would pass for access tokens. Name the service otherwise than the page at the provider.",
  },
];

export function openIdConnectOf(
  env: v.InferOutput<v.ObjectSchema<typeof identityProviderEntries, undefined>>,
): OpenIdConnect | null {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = env;
  if (issuer === undefined || audience === undefined) return null;
  return {
    issuer,
    audience,
    plainJwt: env.OIDC_TOKEN_TYP === 'JWT',
    claims: {
      principal: env.OIDC_PRINCIPAL_CLAIM,
      name: env.OIDC_NAME_CLAIM,
      organization: env.OIDC_ORGANIZATION_CLAIM,
      partner: env.OIDC_PARTNER_CLAIM ?? null,
    },
    clientId: env.OIDC_CLIENT_ID ?? null,
    scopes: env.OIDC_SCOPES ?? null,
  };
}
