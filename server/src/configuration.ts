import path from 'node:path';
import * as v from 'valibot';
import type { DatabaseLocation } from './database/database';
import type { OpenIdConnect } from './identity-provider';
import type { MailConfiguration } from './mail/delivery';
import type { PartnerCenter } from './partner-center';

/** What the environment says about how to run. */
export interface Configuration {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  readonly logLevel: string;
  readonly database: DatabaseLocation;
  /** Null: the only access tokens are those that the service makes itself. */
  readonly openIdConnect: OpenIdConnect | null;
  readonly mail: MailConfiguration;
  /** Null: only the service's own directory knows partners. */
  readonly partnerCenter: PartnerCenter | null;
}

/** The environment cannot be run with; the message names every problem, one a line. */
export class InvalidConfiguration extends Error {}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const claimName = (variable: string, usual: string) =>
  v.optional(v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, `${variable} must name a claim.`)), usual);

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
  OIDC_PRINCIPAL_CLAIM: claimName('OIDC_PRINCIPAL_CLAIM', 'sub'),
  OIDC_NAME_CLAIM: claimName('OIDC_NAME_CLAIM', 'name'),
  OIDC_ORGANIZATION_CLAIM: claimName('OIDC_ORGANIZATION_CLAIM', 'organization'),
  OIDC_PARTNER_CLAIM: claimName('OIDC_PARTNER_CLAIM', 'partner_id'),
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

const entries = v.object({
  ...identityProviderEntries,
  ...mailEntries,
  ...partnerCenterEntries,
  HOST: v.optional(v.string(), 'localhost'),
  PORT: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9]{1,5}$/, ({ received }) => `PORT is ${received}, but must be a number from 0 to 65535.`),
      v.transform(Number),
      v.maxValue(65_535, ({ received }) => `PORT is ${received}, but must be a number from 0 to 65535.`),
    ),
    '8787',
  ),
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
});

/** What holds between variables. Each is checked whatever else is wrong, so that all problems are told at once. */
const environment = v.pipe(
  entries,
  v.partialCheck(
    [['HOST'], ['OIDC_ISSUER']],
    ({ HOST, OIDC_ISSUER }) => LOOPBACK_HOSTS.includes(HOST) || OIDC_ISSUER !== undefined,
    ({ input }) =>
      `HOST is ${input.HOST}, but without an identity provider the service listens on this machine only: use ${LOOPBACK_HOSTS.join(', ')}.`,
  ),
  v.partialCheck(
    [['OIDC_ISSUER'], ['OIDC_AUDIENCE']],
    ({ OIDC_ISSUER, OIDC_AUDIENCE }) => (OIDC_ISSUER === undefined) === (OIDC_AUDIENCE === undefined),
    'OIDC_ISSUER and OIDC_AUDIENCE go together: set both or none.',
  ),
  v.partialCheck(
    [['SMTP_URL'], ['MAIL_FROM']],
    ({ SMTP_URL, MAIL_FROM }) => SMTP_URL === undefined || MAIL_FROM !== undefined,
    'MAIL_FROM is missing: with SMTP_URL it must be the address that mails come from.',
  ),
  v.partialCheck(
    [['PARTNER_CENTER_URL'], ['PARTNER_CENTER_TOKEN'], ['PARTNER_CENTER_TOKEN_FILE']],
    ({ PARTNER_CENTER_URL, PARTNER_CENTER_TOKEN, PARTNER_CENTER_TOKEN_FILE }) =>
      [PARTNER_CENTER_TOKEN, PARTNER_CENTER_TOKEN_FILE].filter((one) => one !== undefined).length ===
      (PARTNER_CENTER_URL === undefined ? 0 : 1),
    'PARTNER_CENTER_URL goes with one of PARTNER_CENTER_TOKEN and PARTNER_CENTER_TOKEN_FILE: set both or none.',
  ),
);

/** Whether a text is an address that tokens may be sent to: https, or http on this machine; without query or fragment. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

function mailOf({ SMTP_URL, MAIL_FROM, DATA_DIR }: v.InferOutput<typeof entries>): MailConfiguration {
  const from = MAIL_FROM ?? 'partner-of-record@localhost';
  return SMTP_URL === undefined
    ? { kind: 'folder', folder: path.join(DATA_DIR, 'mail'), from }
    : { kind: 'server', url: SMTP_URL, from };
}

function partnerCenterOf(env: v.InferOutput<typeof entries>): PartnerCenter | null {
  const { PARTNER_CENTER_URL: url, PARTNER_CENTER_TOKEN: text, PARTNER_CENTER_TOKEN_FILE: file } = env;
  if (url === undefined) return null;
  if (text !== undefined) return { url, token: { kind: 'text', text } };
  return file === undefined ? null : { url, token: { kind: 'file', path: file } };
}

function openIdConnectOf(env: v.InferOutput<typeof entries>): OpenIdConnect | null {
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
      partner: env.OIDC_PARTNER_CLAIM,
    },
    clientId: env.OIDC_CLIENT_ID ?? null,
    scopes: env.OIDC_SCOPES ?? null,
  };
}

/** Reads the configuration from the environment. Throws {@link InvalidConfiguration}. */
export function readConfiguration(env: NodeJS.ProcessEnv): Configuration {
  const result = v.safeParse(environment, env);
  if (!result.success) throw new InvalidConfiguration(result.issues.map((issue) => issue.message).join('\n'));
  const { HOST, PORT, LOG_LEVEL, DATA_DIR, DATABASE_URL } = result.output;
  return {
    host: HOST,
    port: PORT,
    logLevel: LOG_LEVEL,
    database: DATABASE_URL === undefined ? { kind: 'folder', folder: DATA_DIR } : { kind: 'server', url: DATABASE_URL },
    openIdConnect: openIdConnectOf(result.output),
    mail: mailOf(result.output),
    partnerCenter: partnerCenterOf(result.output),
  };
}
