import * as v from 'valibot';
import type { DatabaseLocation } from './database/database';

/** What the environment says about how to run. */
export interface Configuration {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  readonly logLevel: string;
  readonly database: DatabaseLocation;
}

/** The environment cannot be run with; the message names every problem, one a line. */
export class InvalidConfiguration extends Error {}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const environment = v.object({
  HOST: v.optional(
    v.picklist(
      LOOPBACK_HOSTS,
      ({ received }) =>
        `HOST is ${received}, but without an identity provider the service listens on this machine only: use ${LOOPBACK_HOSTS.join(', ')}.`,
    ),
    'localhost',
  ),
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
  };
}
