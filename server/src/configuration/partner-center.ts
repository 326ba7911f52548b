import * as v from 'valibot';
import { isToken, pastedToken } from '../../../src/domain/pasted-text';
import type { PartnerCenter } from '../partners/partner-center';
import { isSafeAddress } from './addresses';
import { countSet, type Rule } from './rule';

export const partnerCenterEntries = {
  PARTNER_CENTER_URL: v.optional(
    v.pipe(
      v.string(),
      v.check(
        isSafeAddress,
        ({ received }) => `PARTNER_CENTER_URL is ${received}, but must be an https address, or http on this machine.`,
      ),
      v.transform((url) => url.replace(/\/+$/, '')),
    ),
  ),
  PARTNER_CENTER_TOKEN: v.optional(
    v.pipe(v.string(), v.transform(pastedToken), v.check(isToken, 'PARTNER_CENTER_TOKEN is no token.')),
  ),
  PARTNER_CENTER_TOKEN_FILE: v.optional(
    v.pipe(v.string(), v.nonEmpty('PARTNER_CENTER_TOKEN_FILE is empty, but must name a file.')),
  ),
};

export const partnerCenterRules: readonly Rule[] = [
  {
    holds: (env) =>
      countSet(env, 'PARTNER_CENTER_TOKEN', 'PARTNER_CENTER_TOKEN_FILE') === countSet(env, 'PARTNER_CENTER_URL'),
    problem: () =>
      'PARTNER_CENTER_URL goes with one of PARTNER_CENTER_TOKEN and PARTNER_CENTER_TOKEN_FILE: set both or none.',
  },
];

export function partnerCenterOf(
  env: v.InferOutput<v.ObjectSchema<typeof partnerCenterEntries, undefined>>,
): PartnerCenter | null {
  const { PARTNER_CENTER_URL: url, PARTNER_CENTER_TOKEN: text, PARTNER_CENTER_TOKEN_FILE: file } = env;
  if (url === undefined) return null;
  if (text !== undefined) return { url, token: { kind: 'text', text } };
  return file === undefined ? null : { url, token: { kind: 'file', path: file } };
}
