import * as v from 'valibot';
import { identityProviderEntries, identityProviderRules, openIdConnectOf } from './configuration/identity-provider';
import { letterheadSettingsOf, mailEntries, mailOf, mailRules } from './configuration/mail';
import { networkEntries, networkOf, networkRules } from './configuration/network';
import { partnerCenterEntries, partnerCenterOf, partnerCenterRules } from './configuration/partner-center';
import { contact, wholeNumber } from './configuration/values';
import type { DatabaseLocation } from './database/database';
import type { OpenIdConnect } from './callers/identity-provider';
import type { MailConfiguration } from './mail/delivery';
import type { Gathering } from './mail/gathering';
import type { LetterheadSettings } from './mail/letterhead';
import type { PartnerCenter } from './partners/partner-center';
import type { Network } from './network';

/** What the environment says about how to run. */
export interface Configuration extends Network {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  /** Where `/metrics` is answered on this machine; null: nowhere. */
  readonly metricsPort: number | null;
  /** How long the service goes on answering once it is told to stop, for balancers to notice. */
  readonly stopNoticeSeconds: number;
  readonly logLevel: string;
  readonly database: DatabaseLocation;
  /** Null: the only access tokens are those that the service makes itself. */
  readonly openIdConnect: OpenIdConnect | null;
  readonly mail: MailConfiguration;
  /** What mails say of whom they come from. */
  readonly letterhead: LetterheadSettings;
  readonly gathering: Gathering;
  /** Null: only the service's own directory knows partners. */
  readonly partnerCenter: PartnerCenter | null;
  /** Whom people can ask about the record: an address or a text, in one line; null: nobody is named. */
  readonly support: string | null;
}

/** The environment cannot be run with; the message names every problem, one a line. */
export class InvalidConfiguration extends Error {}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

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
  SUPPORT_CONTACT: v.optional(contact('SUPPORT_CONTACT')),
  DATABASE_CONNECTIONS: v.optional(wholeNumber('DATABASE_CONNECTIONS', 1, 1000), '20'),
});

/** The names of all variables that are read. */
export const SETTINGS: readonly string[] = Object.keys(environment.entries);

const RULES = [...networkRules, ...identityProviderRules, ...mailRules, ...partnerCenterRules];

/** Reads the configuration from the environment. Throws {@link InvalidConfiguration}. */
export function readConfiguration(env: NodeJS.ProcessEnv): Configuration {
  // One sentence a variable: what is checked later takes for granted what was checked before.
  const result = v.safeParse(environment, env, { abortPipeEarly: true });
  const problems = [
    ...(result.issues ?? []).map((issue) => issue.message),
    ...RULES.filter((rule) => !rule.holds(env)).map((rule) => rule.problem(env)),
  ];
  if (!result.success || problems.length > 0) throw new InvalidConfiguration(problems.join('\n'));
  const { HOST, PORT, LOG_LEVEL, DATA_DIR, DATABASE_URL, DATABASE_CONNECTIONS } = result.output;
  return {
    ...networkOf(result.output),
    host: HOST,
    port: PORT,
    metricsPort: result.output.METRICS_PORT ?? null,
    stopNoticeSeconds: result.output.STOP_NOTICE_SECONDS,
    logLevel: LOG_LEVEL,
    database:
      DATABASE_URL === undefined
        ? { kind: 'folder', folder: DATA_DIR }
        : { kind: 'server', url: DATABASE_URL, connections: DATABASE_CONNECTIONS },
    openIdConnect: openIdConnectOf(result.output),
    mail: mailOf(result.output, DATA_DIR),
    letterhead: letterheadSettingsOf(result.output),
    gathering: { longestWaitSeconds: result.output.MAIL_GATHER_SECONDS },
    partnerCenter: partnerCenterOf(result.output),
    support: result.output.SUPPORT_CONTACT ?? null,
  };
}
