import { isIP } from 'node:net';
import path from 'node:path';
import * as v from 'valibot';
import { LONGEST_SUPPORT } from '../../src/domain/support';
import type { DatabaseLocation } from './database/database';
import { isHost } from './hosts';
import type { OpenIdConnect } from './identity-provider';
import type { MailConfiguration } from './mail/delivery';
import type { LetterheadSettings } from './mail/letterhead';
import type { PartnerCenter } from './partner-center';
import { BASE_PATH } from './plugins/public-address';
import type { Network } from './service';

/** What the environment says about how to run. */
export interface Configuration extends Network {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  /** Where `/metrics` is told on this machine; null: nowhere. */
  readonly metricsPort: number | null;
  readonly logLevel: string;
  readonly database: DatabaseLocation;
  /** Null: the only access tokens are those that the service makes itself. */
  readonly openIdConnect: OpenIdConnect | null;
  readonly mail: MailConfiguration;
  /** What mails say of whom they come from. */
  readonly letterhead: LetterheadSettings;
  /** Null: only the service's own directory knows partners. */
  readonly partnerCenter: PartnerCenter | null;
  /** Whom people can ask about the record: an address or a text, in one line; null: nobody is named. */
  readonly support: string | null;
}

/** The environment cannot be run with; the message names every problem, one a line. */
export class InvalidConfiguration extends Error {}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const DEFAULT_PORT = '8787';
/** What needs no escape in an address, in a proxy's configuration or in a content security policy. */
const PUBLIC_PATH = /^(?:\/[\w.~-]+)*\/?$/;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const claimName = (variable: string) =>
  v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, `${variable} must name a claim.`));

/** A whole number in a variable, within bounds. */
const wholeNumber = (variable: string, least: number, most: number) => {
  const problem = ({ received }: { received: string }) =>
    `${variable} is ${received}, but must be a number from ${least} to ${most}.`;
  return v.pipe(
    v.string(),
    v.regex(/^[0-9]{1,7}$/, problem),
    v.transform(Number),
    v.minValue(least, problem),
    v.maxValue(most, problem),
  );
};

/** A text that people read, in one line. */
const line = (variable: string, longest: number, what: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\P{Cc}+$/u, `${variable} must be one line: ${what}.`),
    v.maxLength(longest, `${variable} is longer than ${longest} characters.`),
  );

/** Texts with a comma between two; each must pass the test. */
const list = (variable: string, test: (item: string) => boolean, what: string) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((item) => item.trim())),
    v.check(
      (items) => items.every(test),
      ({ input }) => `${variable} has ${input.find((item) => !test(item))}, which is not ${what}.`,
    ),
  );

const WHOM_TO_ASK = 'a mail address, an https address, or a few words on whom to ask';
const LONGEST_ORGANIZATION = 100;
/** What a mail shows of a text. */
const LONGEST_PAGE_ADDRESS = 200;

const networkEntries = {
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
    list('TRUST_PROXY', isProxy, 'an address, a network such as 10.0.0.0/8, or one of loopback and uniquelocal'),
  ),
  ALLOWED_HOSTS: v.optional(
    list('ALLOWED_HOSTS', isHost, 'a name such as por.internal, with a port such as por.internal:8080 or without'),
  ),
  ALLOWED_ORIGINS: v.optional(list('ALLOWED_ORIGINS', isOrigin, 'an origin such as https://portal.example.com')),
  RATE_LIMIT_PER_CALLER: v.optional(wholeNumber('RATE_LIMIT_PER_CALLER', 0, 1_000_000), '6000'),
  RATE_LIMIT_PER_ADDRESS: v.optional(wholeNumber('RATE_LIMIT_PER_ADDRESS', 0, 1_000_000), '600'),
  METRICS_PORT: v.optional(wholeNumber('METRICS_PORT', 0, 65_535)),
};

const identityProviderEntries = {
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

const mailEntries = {
  SMTP_URL: v.optional(
    v.pipe(
      v.string(),
      // The address can hold a password, so the sentence does not repeat it.
      v.check(
        (text) => /^smtps?:\/\/[^/]/.test(text) && URL.canParse(text),
        'SMTP_URL must be written like smtps://user:password@mail.example.com.',
      ),
    ),
  ),
  MAIL_FROM: v.optional(
    v.pipe(
      v.string(),
      v.rfcEmail(({ received }) => `MAIL_FROM is ${received}, but must be a mail address.`),
    ),
  ),
  ORGANIZATION_NAME: v.optional(line('ORGANIZATION_NAME', LONGEST_ORGANIZATION, 'the name of your organisation')),
  MAIL_CONTACT: v.optional(line('MAIL_CONTACT', LONGEST_SUPPORT, WHOM_TO_ASK)),
  PARTNER_PAGE_URL: v.optional(
    v.pipe(
      v.string(),
      v.check(
        isPageAddress,
        // The address can hold a password, so the sentence does not repeat it.
        'PARTNER_PAGE_URL must be an https address, or http on this machine, without a sign-in in it.',
      ),
      v.maxLength(LONGEST_PAGE_ADDRESS, `PARTNER_PAGE_URL is longer than ${LONGEST_PAGE_ADDRESS} characters.`),
    ),
  ),
};

const partnerCenterEntries = {
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
  PARTNER_CENTER_TOKEN: v.optional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, 'PARTNER_CENTER_TOKEN is no token.'))),
  PARTNER_CENTER_TOKEN_FILE: v.optional(
    v.pipe(v.string(), v.nonEmpty('PARTNER_CENTER_TOKEN_FILE is empty, but must name a file.')),
  ),
};

const environment = v.object({
  ...identityProviderEntries,
  ...mailEntries,
  ...partnerCenterEntries,
  ...networkEntries,
  LOG_LEVEL: v.optional(
    v.picklist(LOG_LEVELS, ({ received }) => `LOG_LEVEL is ${received}, but must be one of ${LOG_LEVELS.join(', ')}.`),
    'info',
  ),
  DATA_DIR: v.optional(v.pipe(v.string(), v.nonEmpty('DATA_DIR is empty, but must name a folder.')), '.data'),
  DATABASE_URL: v.optional(
    v.pipe(
      v.string(),
      // The address can hold a password, so the sentence does not repeat it.
      v.regex(/^postgres(?:ql)?:\/\//, 'DATABASE_URL must begin with postgres:// or postgresql://.'),
    ),
  ),
  SUPPORT_CONTACT: v.optional(line('SUPPORT_CONTACT', LONGEST_SUPPORT, WHOM_TO_ASK)),
  DATABASE_CONNECTIONS: v.optional(wholeNumber('DATABASE_CONNECTIONS', 1, 1000), '20'),
});

/** The names of all variables that are read. */
export const SETTINGS: readonly string[] = Object.keys(environment.entries);

interface Rule {
  readonly holds: (env: NodeJS.ProcessEnv) => boolean;
  readonly problem: (env: NodeJS.ProcessEnv) => string;
}

/** How many of the variables are set. */
const countSet = (env: NodeJS.ProcessEnv, ...variables: readonly string[]) =>
  variables.filter((variable) => env[variable] !== undefined).length;
const isOfThisMachine = (env: NodeJS.ProcessEnv) => LOOPBACK_HOSTS.includes(env['HOST'] ?? 'localhost');

/** What holds between variables. Each is asked whatever else is wrong, so that all problems are told at once. */
const RULES: readonly Rule[] = [
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
      `PUBLIC_URL is ${env['PUBLIC_URL']}, but without an identity provider the service is for this machine only.`,
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
  {
    holds: (env) => countSet(env, 'OIDC_ISSUER', 'OIDC_AUDIENCE') !== 1,
    problem: () => 'OIDC_ISSUER and OIDC_AUDIENCE go together: set both or none.',
  },
  {
    holds: (env) => countSet(env, 'OIDC_CLIENT_ID') === 0 || env['OIDC_AUDIENCE'] !== env['OIDC_CLIENT_ID'],
    problem: () =>
      "OIDC_AUDIENCE is the same as OIDC_CLIENT_ID: then the page's ID tokens would pass for access tokens. Name the service otherwise than the page at the provider.",
  },
  {
    holds: (env) => countSet(env, 'SMTP_URL') === 0 || countSet(env, 'MAIL_FROM') === 1,
    problem: () => 'MAIL_FROM is missing: with SMTP_URL it must be the address that mails come from.',
  },
  {
    holds: (env) =>
      countSet(env, 'PARTNER_CENTER_TOKEN', 'PARTNER_CENTER_TOKEN_FILE') === countSet(env, 'PARTNER_CENTER_URL'),
    problem: () =>
      'PARTNER_CENTER_URL goes with one of PARTNER_CENTER_TOKEN and PARTNER_CENTER_TOKEN_FILE: set both or none.',
  },
];

const PROXY_GROUPS = ['loopback', 'linklocal', 'uniquelocal'];

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

/** Whether a text is an address that tokens may be sent to: https, or http on this machine; without query or fragment. */
function isSafeAddress(text: string): boolean {
  return URL.canParse(text) && !/[?#]/.test(text) && isHttpsOrOwn(new URL(text));
}

/** Whether a text is an address to show to people, who are to open it. */
function isPageAddress(text: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return isHttpsOrOwn(url) && url.username === '' && url.password === '';
}

function isHttpsOrOwn({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

function mailOf({ SMTP_URL, MAIL_FROM, DATA_DIR }: v.InferOutput<typeof environment>): MailConfiguration {
  const from = MAIL_FROM ?? 'partner-of-record@localhost';
  return SMTP_URL === undefined
    ? { kind: 'folder', folder: path.join(DATA_DIR, 'mail'), from }
    : { kind: 'server', url: SMTP_URL, from };
}

function partnerCenterOf(env: v.InferOutput<typeof environment>): PartnerCenter | null {
  const { PARTNER_CENTER_URL: url, PARTNER_CENTER_TOKEN: text, PARTNER_CENTER_TOKEN_FILE: file } = env;
  if (url === undefined) return null;
  if (text !== undefined) return { url, token: { kind: 'text', text } };
  return file === undefined ? null : { url, token: { kind: 'file', path: file } };
}

function openIdConnectOf(env: v.InferOutput<typeof environment>): OpenIdConnect | null {
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

/** Reads the configuration from the environment. Throws {@link InvalidConfiguration}. */
export function readConfiguration(env: NodeJS.ProcessEnv): Configuration {
  const result = v.safeParse(environment, env);
  const problems = [
    ...(result.issues ?? []).map((issue) => issue.message),
    ...RULES.filter((rule) => !rule.holds(env)).map((rule) => rule.problem(env)),
  ];
  if (!result.success || problems.length > 0) throw new InvalidConfiguration(problems.join('\n'));
  const { HOST, PORT, LOG_LEVEL, DATA_DIR, DATABASE_URL, DATABASE_CONNECTIONS } = result.output;
  return {
    host: HOST,
    port: PORT,
    publicUrl: result.output.PUBLIC_URL ?? null,
    trustedProxies: result.output.TRUST_PROXY ?? [],
    allowedHosts: result.output.ALLOWED_HOSTS ?? [],
    allowedOrigins: result.output.ALLOWED_ORIGINS ?? [],
    rateLimits: {
      perCaller: result.output.RATE_LIMIT_PER_CALLER,
      perAddress: result.output.RATE_LIMIT_PER_ADDRESS,
    },
    metricsPort: result.output.METRICS_PORT ?? null,
    logLevel: LOG_LEVEL,
    database:
      DATABASE_URL === undefined
        ? { kind: 'folder', folder: DATA_DIR }
        : { kind: 'server', url: DATABASE_URL, connections: DATABASE_CONNECTIONS },
    openIdConnect: openIdConnectOf(result.output),
    mail: mailOf(result.output),
    letterhead: {
      organization: result.output.ORGANIZATION_NAME ?? null,
      contact: result.output.MAIL_CONTACT ?? null,
      partnerPageUrl: result.output.PARTNER_PAGE_URL ?? null,
    },
    partnerCenter: partnerCenterOf(result.output),
    support: result.output.SUPPORT_CONTACT ?? null,
  };
}
