import { isIP } from 'node:net';
import * as v from 'valibot';
import { isHost } from '../hosts';
import { BASE_PATH } from '../plugins/public-address';
import type { Network } from '../network';
import { isSafeAddress } from './addresses';
import { countSet, type Rule } from './rule';
import { list, wholeNumber } from './values';

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const DEFAULT_PORT = '8787';
const PROXY_GROUPS = ['loopback', 'linklocal', 'uniquelocal'];
/** What needs no escape in an address, in a proxy's configuration or in a content security policy. */
const PUBLIC_PATH = /^(?:\/[\w.~-]+)*\/?$/;

export const networkEntries = {
  HOST: v.optional(v.string(), 'localhost'),
  PORT: v.optional(wholeNumber('PORT', 0, 65_535), DEFAULT_PORT),
  PUBLIC_URL: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => isSafeAddress(text) && PUBLIC_PATH.test(new URL(text).pathname),
        ({ received }) =>
          `PUBLIC_URL is ${received}, but must be an https address, with a path of letters, digits and - . _ ~ at most.`,
      ),
      v.transform((text) => {
        const { origin, pathname } = new URL(text);
        return `${origin}${pathname.replace(/\/$/, '')}`;
      }),
      v.check(
        (url) => !new URL(url).pathname.endsWith(BASE_PATH),
        ({ received }) =>
          `PUBLIC_URL is ${received}, but must be what stands before ${BASE_PATH}: leave ${BASE_PATH} out.`,
      ),
    ),
  ),
  TRUST_PROXY: v.optional(
    list(
      'TRUST_PROXY',
      isProxy,
      `an address, a network such as 10.0.0.0/28 (but not everybody's), or one of ${PROXY_GROUPS.join(', ')}`,
    ),
  ),
  ALLOWED_HOSTS: v.optional(
    list('ALLOWED_HOSTS', isHost, 'a name such as por.internal, with a port such as por.internal:8080 or without'),
  ),
  ALLOWED_ORIGINS: v.optional(list('ALLOWED_ORIGINS', isOrigin, 'an origin such as https://portal.example.com')),
  RATE_LIMIT_PER_CALLER: v.optional(wholeNumber('RATE_LIMIT_PER_CALLER', 0, 1_000_000), '6000'),
  RATE_LIMIT_PER_ADDRESS: v.optional(wholeNumber('RATE_LIMIT_PER_ADDRESS', 0, 1_000_000), '600'),
  METRICS_PORT: v.optional(wholeNumber('METRICS_PORT', 0, 65_535)),
  STOP_NOTICE_SECONDS: v.optional(wholeNumber('STOP_NOTICE_SECONDS', 0, 300), '0'),
};

const isOfThisMachine = (env: NodeJS.ProcessEnv) => LOOPBACK_HOSTS.includes(env['HOST'] ?? 'localhost');

export const networkRules: readonly Rule[] = [
  {
    holds: (env) => isOfThisMachine(env) || countSet(env, 'OIDC_ISSUER') === 1,
    problem: (env) =>
      `HOST is ${env['HOST']}, but without an identity provider the service listens on this machine only: use ${LOOPBACK_HOSTS.join(', ')}.`,
  },
  {
    holds: (env) => isOfThisMachine(env) || countSet(env, 'PUBLIC_URL') === 1,
    problem: (env) =>
      `PUBLIC_URL is missing: with HOST ${env['HOST']} it must be the https address at which callers reach the service.`,
  },
  {
    holds: (env) => !/^https:/i.test(env['PUBLIC_URL'] ?? '') || countSet(env, 'OIDC_ISSUER') === 1,
    problem: (env) =>
      `PUBLIC_URL is ${env['PUBLIC_URL']}, but without an identity provider the service is for this machine only. Set OIDC_ISSUER and OIDC_AUDIENCE, or leave PUBLIC_URL out.`,
  },
  {
    holds: (env) => countSet(env, 'TRUST_PROXY') === 0 || countSet(env, 'PUBLIC_URL') === 1,
    problem: () => 'PUBLIC_URL is missing: with TRUST_PROXY it must be the address at which callers reach the proxy.',
  },
  {
    holds: (env) => countSet(env, 'ALLOWED_HOSTS') === 0 || countSet(env, 'PUBLIC_URL') === 1,
    problem: () => 'PUBLIC_URL is missing: with ALLOWED_HOSTS it must be the address at which callers reach the proxy.',
  },
  {
    holds: (env) =>
      countSet(env, 'METRICS_PORT') === 0 ||
      env['METRICS_PORT'] === '0' ||
      env['METRICS_PORT'] !== (env['PORT'] ?? DEFAULT_PORT),
    problem: () => 'METRICS_PORT is the same as PORT: the metrics need a port of their own.',
  },
];

/** Whether a text names whose `X-Forwarded-For` can be believed: an address, a network, or a group of networks. */
function isProxy(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  if (PROXY_GROUPS.includes(text)) return true;
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isPrefix =
    prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
  return bits > 0 && more.length === 0 && isPrefix;
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

export function networkOf(env: v.InferOutput<v.ObjectSchema<typeof networkEntries, undefined>>): Network {
  return {
    publicUrl: env.PUBLIC_URL ?? null,
    trustedProxies: env.TRUST_PROXY ?? [],
    allowedHosts: env.ALLOWED_HOSTS ?? [],
    allowedOrigins: env.ALLOWED_ORIGINS ?? [],
    rateLimits: { perCaller: env.RATE_LIMIT_PER_CALLER, perAddress: env.RATE_LIMIT_PER_ADDRESS },
  };
}
