import pg from 'pg';
import { codeOf, messageOf } from '../thrown';
import type { ServerFacts } from './server-facts';

/** The database cannot be used; the message is a sentence for the person who started the service. */
export class DatabaseNotOpened extends Error {}

/** Where a database is, as it may be printed: nothing of the password, and not the whole address. */
export interface DatabasePlace {
  /** The host and port, or the socket file. */
  readonly server: string;
  readonly host: string;
  readonly database: string;
  readonly role: string;
}

/** The oldest PostgreSQL that the schema and the statements are written for, as the server itself counts: 15.0. */
const OLDEST_VERSION = 150_000;
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const SSL_PARAMETERS = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation'];
const LIKE_THIS =
  'Write it like postgres://user:password@host:5432/database, with each of : / ? # @ % in the password percent-encoded.';

/** A password that is not encoded would be taken for a host, a path or nothing at all, and parts of it printed. */
const MISREAD = /#|^[^?]*:\/\/[^/?]*\/[^?]*@/;
const NO_ADDRESS = `DATABASE_URL is no address. ${LIKE_THIS}`;

/** Where the driver would connect to. Throws {@link DatabaseNotOpened} for an address that it can do nothing with. */
export function placeOf(url: string): DatabasePlace {
  try {
    if (MISREAD.test(url)) throw new DatabaseNotOpened(NO_ADDRESS);
    refuseUnknownTls(new URL(url.replace(/^[^?]*/, 'postgres://any')).searchParams);
    const { host, port, database, user } = new pg.Client({ connectionString: url });
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new DatabaseNotOpened(badAddress('its port is none'));
    const server = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`;
    if (user === undefined || user === '') throw new DatabaseNotOpened(`DATABASE_URL names no role. ${LIKE_THIS}`);
    return { server, host, database: database ?? '', role: user };
  } catch (error) {
    if (error instanceof DatabaseNotOpened) throw error;
    throw new DatabaseNotOpened(whyNotAnAddress(error), { cause: error });
  }
}

/** A word misspelt there would leave the connection without the check that somebody asked for; the driver takes any. */
function refuseUnknownTls(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (name.startsWith('ssl') && !SSL_PARAMETERS.includes(name)) {
      throw new DatabaseNotOpened(badAddress(`it has no parameter ${name}; there are ${SSL_PARAMETERS.join(', ')}`));
    }
    if (name === 'sslmode' && !SSL_MODES.includes(value)) {
      throw new DatabaseNotOpened(badAddress(`sslmode is ${value}, but must be one of ${SSL_MODES.join(', ')}`));
    }
  }
}

const badAddress = (why: string) => `DATABASE_URL cannot be used: ${why}.`;

function whyNotAnAddress(error: unknown): string {
  const file = fileOf(error);
  if (file !== null) {
    return `The file ${file}, which DATABASE_URL names, cannot be read (${codeOf(error)}). Correct its path, or let the service's user read it.`;
  }
  if (codeOf(error) === 'EISDIR')
    return badAddress('a file that it names by sslcert, sslkey or sslrootcert is a folder');
  const isText = error instanceof URIError || codeOf(error) === 'ERR_INVALID_URL';
  return isText ? NO_ADDRESS : badAddress(messageOf(error).replace(/\.$/, ''));
}

/** The path of a file that could not be read; null for any other error. */
function fileOf(error: unknown): string | null {
  return error instanceof Error && 'path' in error ? String(error.path) : null;
}

/** Why the service cannot work with such a server; null when it can. */
export function whyUnfit({ version, encoding, readOnly }: ServerFacts): string | null {
  if (version < OLDEST_VERSION) {
    return `The database server is PostgreSQL ${Math.floor(version / 10_000)}; the service needs PostgreSQL 15 or later. Update the server, or name another one in DATABASE_URL.`;
  }
  if (encoding !== 'UTF8') {
    return `The database keeps its texts as ${encoding}, in which not every name can be written. Make one with the encoding UTF8 (create database … encoding 'UTF8' template template0) and name it in DATABASE_URL.`;
  }
  return readOnly ? ONLY_READS : null;
}

const ONLY_READS =
  'The database only reads: it is a replica, or default_transaction_read_only is on. Name the primary in DATABASE_URL, or turn that off.';

const WHERE_RIGHTS_STAND = 'The rights it needs are in docs/operating-the-service.md, “Rights in the database”.';

/** Why the role of {@link DatabasePlace} cannot work with the tables named. */
export function whyNotEnoughRights({ database, role }: DatabasePlace, tables: readonly string[]): string {
  return `The role ${role} may not read and write all of the service's tables in the database ${database}: it lacks select, insert, update or delete on ${tables.join(', ')}. ${WHERE_RIGHTS_STAND}`;
}

/** Why it cannot where somebody took tables away, or restored some of them only. */
export function whyNotWhole({ database }: DatabasePlace, tables: readonly string[]): string {
  return `The database ${database} lacks tables that the service has made there: ${tables.join(', ')}. Restore it whole from a backup, or give the service an empty one.`;
}

/** Why it cannot where policies decide which rows the role sees. */
export function whyRowsAreHidden({ database, role }: DatabasePlace, tables: readonly string[]): string {
  return `Row-level security hides rows of the service's tables in the database ${database} from the role ${role}: it is on for ${tables.join(', ')}. Turn it off (alter table … disable row level security), or let the role pass it (bypassrls).`;
}

type Sentence = (place: DatabasePlace, said: string, code: string) => string;

const unreachable: Sentence = ({ server }, _said, code) =>
  `The database server at ${server} cannot be reached (${code}). Check host and port in DATABASE_URL, and the network between.`;
const brokenOff: Sentence = ({ server }) =>
  `Whoever listens at ${server} broke the connection off. Is it PostgreSQL, and does it take connections from here? Check host and port in DATABASE_URL.`;
const untrusted: Sentence = ({ server }, said, code) =>
  `The certificate of the database server at ${server} is not trusted: ${said} (${code}). Name the authority that signed it by sslrootcert=/path/ca.pem in DATABASE_URL.`;
const outOfTime: Sentence = ({ server }, said) =>
  `The certificate of the database server at ${server} does not hold today: ${said}. Renew it there, or put this machine's clock right.`;
const taken: Sentence = ({ database }, said) =>
  `The database ${database} already has something under a name that the service needs, and it is not the service's: ${said}. Give the service a database of its own.`;
const tooSlow: Sentence = ({ server, role }, said) =>
  `The database server at ${server} ended what it was asked for: ${said}. If the role ${role} or its database has a statement_timeout or a transaction_timeout, raise it or take it away.`;
const tooQuiet: Sentence = ({ server }) =>
  `The database server at ${server} ended the connection, since nothing came by it for too long: this process was stopped or had no processor, or the network swallows what is sent. Start again.`;
const ended: Sentence = ({ server }, said) =>
  `The database server at ${server} ended the connection: ${said}. Start again once it takes connections.`;

/** By the code that the system, the TLS library or the server gave. */
const BY_CODE: Readonly<Record<string, Sentence>> = {
  ENOTFOUND: ({ host }) => `There is no host ${host}, which DATABASE_URL names. Correct its name.`,
  EINVAL: ({ host }) =>
    `The host ${host}, which DATABASE_URL names, cannot be looked up: no name is written so. Correct it.`,
  EAI_AGAIN: ({ host }) =>
    `The host ${host}, which DATABASE_URL names, could not be looked up (EAI_AGAIN). Try again, or put this machine's name service right.`,
  ECONNREFUSED: ({ server }) =>
    `No database server listens at ${server} (ECONNREFUSED). Start it, or correct host and port in DATABASE_URL.`,
  ENOENT: ({ server }) =>
    `No database server listens at ${server}: there is no such file (ENOENT). Start it, or correct the host in DATABASE_URL.`,
  EACCES: ({ server }) =>
    `The service's user may not open ${server}, the socket of the database server (EACCES). Let it, or connect by host and port.`,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ECONNRESET: brokenOff,
  EPIPE: brokenOff,

  CERT_HAS_EXPIRED: outOfTime,
  CERT_NOT_YET_VALID: outOfTime,
  CERT_UNTRUSTED: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ server }, said) =>
    `The certificate of the database server at ${server} is for another name: ${said}. Write a name that it is for into DATABASE_URL.`,

  '28P01': ({ server, role }) =>
    `The database server at ${server} does not take the password of the role ${role}. Correct it in DATABASE_URL.`,
  '28000': ({ server, role }, said) =>
    `The database server at ${server} does not let the role ${role} in: ${said}. Make the role, or allow it in pg_hba.conf, or name another one in DATABASE_URL.`,
  '3D000': ({ server, database }) =>
    `The database server at ${server} has no database ${database}. Make it (createdb), or correct its name in DATABASE_URL.`,
  '3F000': ({ role }) =>
    `The role ${role} finds no schema to work in: those of its search_path are not there, or not open to it. Grant it usage on one.`,
  '25006': () => ONLY_READS,
  '25P03': tooQuiet,
  '25P04': tooSlow,
  '42501': ({ database, role }, said) =>
    `The role ${role} may not do in the database ${database} what the service has to: ${said}. ${WHERE_RIGHTS_STAND}`,
  '42701': taken,
  '42P07': taken,
  '42710': taken,
  '53100': ({ server }) => `The disk of the database server at ${server} is full. Make room there, then start again.`,
  '53300': ({ server }, said) =>
    `The database server at ${server} has no room for another connection: ${said}. Lower DATABASE_CONNECTIONS, or raise the server's limit.`,
  '55P03': ({ database }) =>
    `The schema of the database ${database} is to be brought up to date, but somebody holds a table of it. End what holds it (see pg_stat_activity), then start again.`,
  '57014': tooSlow,
  '57P01': ended,
  '57P02': ended,
  '57P03': ({ server }, said) => `The database server at ${server} is not ready: ${said}. Start again in a moment.`,
  '57P05': tooQuiet,
};

/**
 * Other SQLSTATEs that are about the connection and its settings: connection exception, data exception, insufficient resources,
 * operator intervention, system error, a setting that is not there, a database that takes no connections. All else is about a statement, and so the program's.
 */
const REFUSALS = /^(?:(?:08|22|53|57|58)...|42704|55000)$/;

/** What pg says in words alone, without a code. */
const BY_WORDS: readonly (readonly [words: RegExp, sentence: Sentence])[] = [
  [
    /does not support SSL/,
    ({ server }) =>
      `The database server at ${server} speaks no TLS, but DATABASE_URL asks for it. Turn it on there, or, on a way that nobody else reaches, take sslmode out.`,
  ],
  [
    /client password must be|no password/,
    ({ server, role }) =>
      `The database server at ${server} asks for a password of the role ${role}. Write it into DATABASE_URL.`,
  ],
  [/terminated|error establishing an SSL/, brokenOff],
  [
    /timeout/,
    ({ server }) =>
      `The database server at ${server} did not answer in time. Check host and port in DATABASE_URL, and the network between.`,
  ],
];

/**
 * Why a database server cannot be used, for the person who started the service; null for an error that is none of the server's.
 * `error` may be what the driver threw, or wrap it.
 */
export function whyNotOpened(error: unknown, place: DatabasePlace): string | null {
  if (!(error instanceof Error)) return null;
  const said = saidBy(error);
  const code = codeOf(error);
  const byCode = code === undefined ? undefined : BY_CODE[code];
  if (byCode !== undefined) return byCode(place, said, String(code));
  if (error.cause instanceof Error) return whyNotOpened(error.cause, place);
  const byWords = BY_WORDS.find(([words]) => words.test(said));
  if (byWords !== undefined) return byWords[1](place, said, '');
  if (code !== undefined && REFUSALS.test(code)) {
    return `The database server at ${place.server} refuses to go on: ${said} (${code}). Put right what it names, there or in DATABASE_URL.`;
  }
  if (code !== undefined && /^(?:ERR_SSL|ERR_OSSL|EPROTO)/.test(code)) {
    return `TLS with the database server at ${place.server} failed: ${said} (${code}). Check the files and the sslmode that DATABASE_URL names.`;
  }
  return null;
}

/** What the error says, as it goes into a sentence: in quotation marks and without the stop at its end. */
function saidBy(error: Error): string {
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : messageOf(error);
  return `“${reason.trim().replace(/[.:]$/, '')}”`;
}
