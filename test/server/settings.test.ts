import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Configuration, InvalidConfiguration, readConfiguration, SETTINGS } from '../../server/src/configuration';

/** A variable of the service with what may be in it, what that is read as, and what may not be in it. */
interface Tried {
  readonly read: (configuration: Configuration) => unknown;
  readonly good: readonly (readonly [value: string, as: unknown])[];
  /** Each with a part of the sentence that the operator is told. */
  readonly bad: readonly (readonly [value: string, told: string])[];
  /** What has to be set with it. */
  readonly beside?: Readonly<Record<string, string>>;
}

const PROVIDER = { OIDC_ISSUER: 'https://login.example', OIDC_AUDIENCE: 'https://por.example' };
const CENTER = { PARTNER_CENTER_URL: 'https://center.example' };
/** The sentences repeat no value that can hold a password, of which this would be one. */
const SECRET = 'hunter2';

const claim = (
  read: (claims: NonNullable<Configuration['openIdConnect']>['claims']) => unknown,
  variable: string,
): Tried => ({
  beside: PROVIDER,
  read: ({ openIdConnect }) => openIdConnect && read(openIdConnect.claims),
  good: [['https://claims.example/oid', 'https://claims.example/oid']],
  bad: [
    ['', `${variable} must name a claim.`],
    ['two words', `${variable} must name a claim.`],
  ],
});

const TRIED: Readonly<Record<string, Tried>> = {
  PORT: {
    read: ({ port }) => port,
    good: [
      ['0', 0],
      ['65535', 65_535],
    ],
    bad: [
      ['65536', 'PORT is 65536, but must be a number from 0 to 65535.'],
      ['http', 'PORT is "http", but must be a number'],
      ['', 'PORT is "", but must be a number'],
    ],
  },
  HOST: {
    read: ({ host }) => host,
    good: [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '::1'],
    ],
    bad: [['0.0.0.0', 'HOST is 0.0.0.0, but without an identity provider']],
  },
  PUBLIC_URL: {
    beside: PROVIDER,
    read: ({ publicUrl }) => publicUrl,
    good: [
      ['https://por.example.com', 'https://por.example.com'],
      ['https://example.com/por/', 'https://example.com/por'],
    ],
    bad: [
      ['http://por.example.com', 'must be an https address'],
      ['por.example.com', 'must be an https address'],
      ['https://por.example.com/v1', 'leave /v1 out'],
    ],
  },
  TRUST_PROXY: {
    beside: { PUBLIC_URL: 'http://localhost:8080' },
    read: ({ trustedProxies }) => trustedProxies,
    good: [['loopback, 10.0.0.0/8,fd00::1', ['loopback', '10.0.0.0/8', 'fd00::1']]],
    bad: [
      ['*', 'TRUST_PROXY has *, which is not'],
      ['0.0.0.0/0', 'TRUST_PROXY has 0.0.0.0/0, which is not'],
    ],
  },
  ALLOWED_HOSTS: {
    beside: { PUBLIC_URL: 'http://localhost:8080' },
    read: ({ allowedHosts }) => allowedHosts,
    good: [['por.internal,por.internal:8080', ['por.internal', 'por.internal:8080']]],
    bad: [['https://por.internal', 'ALLOWED_HOSTS has https://por.internal, which is not']],
  },
  ALLOWED_ORIGINS: {
    read: ({ allowedOrigins }) => allowedOrigins,
    good: [['https://portal.example.com', ['https://portal.example.com']]],
    bad: [
      ['*', 'ALLOWED_ORIGINS has *, which is not an origin'],
      ['https://portal.example.com/', 'which is not an origin'],
    ],
  },
  RATE_LIMIT_PER_CALLER: {
    read: ({ rateLimits }) => rateLimits.perCaller,
    good: [
      ['0', 0],
      ['1000000', 1_000_000],
    ],
    bad: [['-1', 'RATE_LIMIT_PER_CALLER is "-1", but must be a number']],
  },
  RATE_LIMIT_PER_ADDRESS: {
    read: ({ rateLimits }) => rateLimits.perAddress,
    good: [['60', 60]],
    bad: [['1000001', 'RATE_LIMIT_PER_ADDRESS is 1000001, but must be a number from 0 to 1000000.']],
  },
  METRICS_PORT: {
    read: ({ metricsPort }) => metricsPort,
    good: [['9100', 9100]],
    bad: [
      ['8787', 'METRICS_PORT is the same as PORT'],
      ['70000', 'METRICS_PORT is 70000, but must be'],
    ],
  },
  STOP_NOTICE_SECONDS: {
    read: ({ stopNoticeSeconds }) => stopNoticeSeconds,
    good: [
      ['0', 0],
      ['10', 10],
    ],
    bad: [['301', 'STOP_NOTICE_SECONDS is 301, but must be a number from 0 to 300.']],
  },
  DATA_DIR: {
    read: ({ database }) => database,
    good: [['/var/lib/por', { kind: 'folder', folder: '/var/lib/por' }]],
    bad: [['', 'DATA_DIR is empty, but must name a folder.']],
  },
  DATABASE_URL: {
    read: ({ database }) => database,
    good: [
      ['postgres://por@db.example/por', { kind: 'server', url: 'postgres://por@db.example/por', connections: 20 }],
    ],
    bad: [[`mysql://por:${SECRET}@db.example/por`, 'DATABASE_URL must begin with postgres:// or postgresql://.']],
  },
  DATABASE_CONNECTIONS: {
    beside: { DATABASE_URL: 'postgresql://db.example/por' },
    read: ({ database }) => database.kind === 'server' && database.connections,
    good: [['1', 1]],
    bad: [['0', 'DATABASE_CONNECTIONS is 0, but must be a number from 1 to 1000.']],
  },
  SMTP_URL: {
    beside: { MAIL_FROM: 'por@example.com' },
    read: ({ mail }) => mail.kind === 'server' && mail.url,
    good: [
      ['smtp://mail.example.com:587', 'smtp://mail.example.com:587'],
      ['smtps://mail.example.com?name=por.example.com', 'smtps://mail.example.com?name=por.example.com'],
    ],
    bad: [
      [`por:${SECRET}@mail.example.com`, 'SMTP_URL must be written like'],
      [`smtp://me:${SECRET}@mail.example.com:25?requireTLS=false`, 'SMTP_TLS=none for a mail server that has no'],
      [`smtp://me:${SECRET}@mail.example.com?socketTimeout=1000`, 'SMTP_URL has a parameter that is not known.'],
    ],
  },
  SMTP_TLS: {
    beside: { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'por@example.com' },
    read: ({ mail }) => mail.kind === 'server' && mail.encryption.kind,
    good: [
      ['verify', 'verified'],
      ['unverified', 'unverified'],
      ['none', 'none'],
    ],
    bad: [['off', 'SMTP_TLS is "off", but must be one of verify, unverified, none.']],
  },
  SMTP_CA_FILE: {
    beside: { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'por@example.com' },
    read: ({ mail }) => mail.kind === 'server' && mail.encryption,
    good: [['/etc/ssl/contoso.pem', { kind: 'verified', authorityFile: '/etc/ssl/contoso.pem' }]],
    bad: [['', 'SMTP_CA_FILE is empty, but must name a file.']],
  },
  MAIL_FROM: {
    read: ({ mail }) => mail.from,
    good: [
      ['por@example.com', 'por@example.com'],
      ['por@bücher.example', 'por@xn--bcher-kva.example'],
    ],
    bad: [
      ['Por <por@example.com>', 'must be a mail address'],
      ['jörg@example.com', 'must be a mail address'],
      ['por@example.com\r\nBcc: other@example.com', 'must be a mail address'],
    ],
  },
  ORGANIZATION_NAME: {
    read: ({ letterhead }) => letterhead.organization,
    good: [
      [' Contoso Ltd ', 'Contoso Ltd'],
      ['株式会社コントソ', '株式会社コントソ'],
    ],
    bad: [
      ['', 'ORGANIZATION_NAME must be one line'],
      ['Contoso\nBcc: other@example.com', 'ORGANIZATION_NAME must be one line'],
      ['x'.repeat(101), 'ORGANIZATION_NAME is longer than 100 characters.'],
    ],
  },
  MAIL_CONTACT: {
    read: ({ letterhead }) => letterhead.contact,
    good: [
      ['por-desk@contoso.example', 'por-desk@contoso.example'],
      ['Service desk, extension 4711', 'Service desk, extension 4711'],
    ],
    bad: [
      ['', 'MAIL_CONTACT must be one line'],
      ['x'.repeat(201), 'MAIL_CONTACT is longer than 200 characters.'],
    ],
  },
  PARTNER_PAGE_URL: {
    read: ({ letterhead }) => letterhead.partnerPageUrl,
    good: [['https://partners.example.com/por?view=mine', 'https://partners.example.com/por?view=mine']],
    bad: [
      ['partners.example.com', 'PARTNER_PAGE_URL must be an https address'],
      ['http://partners.example.com', 'PARTNER_PAGE_URL must be an https address'],
      ['javascript:alert(1)', 'PARTNER_PAGE_URL must be an https address'],
      [`https://me:${SECRET}@partners.example.com`, 'PARTNER_PAGE_URL must be an https address'],
      [`https://partners.example.com/${'x'.repeat(200)}`, 'PARTNER_PAGE_URL is longer than 200 characters.'],
    ],
  },
  MAIL_GATHER_SECONDS: {
    read: ({ gathering }) => gathering.longestWaitSeconds,
    good: [
      ['0', 0],
      ['3600', 3600],
    ],
    bad: [
      ['-1', 'MAIL_GATHER_SECONDS is "-1", but must be a number from 0 to 3600.'],
      ['3601', 'MAIL_GATHER_SECONDS is 3601, but must be a number from 0 to 3600.'],
    ],
  },
  SUPPORT_CONTACT: {
    read: ({ support }) => support,
    good: [['https://help.example.com/por', 'https://help.example.com/por']],
    bad: [
      ['Grace,\nor Ada', 'SUPPORT_CONTACT must be one line'],
      ['x'.repeat(201), 'SUPPORT_CONTACT is longer than 200 characters.'],
    ],
  },
  PARTNER_CENTER_URL: {
    beside: { PARTNER_CENTER_TOKEN: SECRET },
    read: ({ partnerCenter }) => partnerCenter?.url,
    good: [['https://api.partnercenter.microsoft.com/', 'https://api.partnercenter.microsoft.com']],
    bad: [['http://center.example', 'PARTNER_CENTER_URL is "http://center.example", but must be an https address']],
  },
  PARTNER_CENTER_TOKEN: {
    beside: CENTER,
    read: ({ partnerCenter }) => partnerCenter?.token,
    good: [
      ['eyJ0.eyJh.c2ln', { kind: 'text', text: 'eyJ0.eyJh.c2ln' }],
      ['Bearer eyJ0.eyJh.c2ln', { kind: 'text', text: 'eyJ0.eyJh.c2ln' }],
    ],
    bad: [[`${SECRET} twice`, 'PARTNER_CENTER_TOKEN is no token.']],
  },
  PARTNER_CENTER_TOKEN_FILE: {
    beside: CENTER,
    read: ({ partnerCenter }) => partnerCenter?.token,
    good: [['/run/secrets/center', { kind: 'file', path: '/run/secrets/center' }]],
    bad: [['', 'PARTNER_CENTER_TOKEN_FILE is empty, but must name a file.']],
  },
  LOG_LEVEL: {
    read: ({ logLevel }) => logLevel,
    good: [['silent', 'silent']],
    bad: [['loud', 'LOG_LEVEL is "loud", but must be one of fatal, error,']],
  },
  OIDC_ISSUER: {
    beside: { OIDC_AUDIENCE: 'https://por.example' },
    read: ({ openIdConnect }) => openIdConnect?.issuer,
    good: [
      ['https://login.example/tenant/', 'https://login.example/tenant/'],
      ['http://localhost:9000', 'http://localhost:9000'],
    ],
    bad: [
      ['http://login.example', 'OIDC_ISSUER is "http://login.example", but must be an https address'],
      ['https://login.example/?tenant=1', 'must be an https address'],
    ],
  },
  OIDC_AUDIENCE: {
    beside: { OIDC_ISSUER: 'https://login.example', OIDC_CLIENT_ID: 'page' },
    read: ({ openIdConnect }) => openIdConnect?.audience,
    good: [['https://por.example', 'https://por.example']],
    bad: [
      ['', 'OIDC_AUDIENCE is empty, but must name this service.'],
      ['page', 'OIDC_AUDIENCE is the same as OIDC_CLIENT_ID'],
    ],
  },
  OIDC_TOKEN_TYP: {
    beside: PROVIDER,
    read: ({ openIdConnect }) => openIdConnect?.plainJwt,
    good: [
      ['JWT', true],
      ['at+jwt', false],
    ],
    bad: [['any', 'OIDC_TOKEN_TYP is "any", but must be at+jwt or JWT.']],
  },
  OIDC_SCOPES: {
    beside: PROVIDER,
    read: ({ openIdConnect }) => openIdConnect?.scopes,
    good: [['openid api://por/access', ['openid', 'api://por/access']]],
    bad: [
      ['', 'OIDC_SCOPES must be scopes, one space between two.'],
      ['openid  profile', 'OIDC_SCOPES must be scopes, one space between two.'],
    ],
  },
  OIDC_CLIENT_ID: {
    beside: PROVIDER,
    read: ({ openIdConnect }) => openIdConnect?.clientId,
    good: [['partner-page', 'partner-page']],
    bad: [
      ['', "OIDC_CLIENT_ID is empty, but must be the partner page's client ID."],
      [PROVIDER.OIDC_AUDIENCE, 'OIDC_AUDIENCE is the same as OIDC_CLIENT_ID'],
    ],
  },
  OIDC_PRINCIPAL_CLAIM: claim(({ principal }) => principal, 'OIDC_PRINCIPAL_CLAIM'),
  OIDC_NAME_CLAIM: claim(({ name }) => name, 'OIDC_NAME_CLAIM'),
  OIDC_ORGANIZATION_CLAIM: claim(({ organization }) => organization, 'OIDC_ORGANIZATION_CLAIM'),
  OIDC_PARTNER_CLAIM: claim(({ partner }) => partner, 'OIDC_PARTNER_CLAIM'),
};

const DOCS = ['docs/running-the-service.md', 'docs/sign-in.md'];

/** The variables in the first column of a page's tables whose heading says so. */
function settingsIn(page: string): string[] {
  const tables = page.split('\n\n').filter((block) => block.startsWith('| variable |'));
  const cells = tables.flatMap((table) => table.split('\n').map((row) => row.split('|')[1] ?? ''));
  return cells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name));
}

describe('the settings of the service', () => {
  it('are in the docs, each once, and those are tried here', async () => {
    const pages = await Promise.all(DOCS.map((page) => readFile(page, 'utf8')));
    const told = pages.flatMap(settingsIn).toSorted();
    expect(told).toEqual([...SETTINGS].toSorted());
    expect(Object.keys(TRIED).toSorted()).toEqual(told);
  });

  it.each(Object.entries(TRIED))('take what is right and refuse what is wrong: %s', (name, tried) => {
    const { read, good, bad, beside } = tried;
    expect([good.length > 0, bad.length > 0]).toEqual([true, true]);
    for (const [value, as] of good) {
      expect([value, read(readConfiguration({ ...beside, [name]: value }))]).toEqual([value, as]);
    }
    for (const [value, told] of bad) {
      const problem = problemOf({ ...beside, [name]: value });
      expect(problem).toContain(told);
      expect(problem).not.toContain(SECRET);
    }
  });

  it.each([
    [{ HOST: '0.0.0.0', ...PROVIDER }, 'PUBLIC_URL is missing: with HOST 0.0.0.0 it must be'],
    [{ PUBLIC_URL: 'https://por.example.com' }, 'without an identity provider the service is for this machine only'],
    [{ TRUST_PROXY: 'loopback' }, 'PUBLIC_URL is missing: with TRUST_PROXY it must be'],
    [{ OIDC_ISSUER: 'https://login.example' }, 'OIDC_ISSUER and OIDC_AUDIENCE go together'],
    [{ OIDC_AUDIENCE: 'https://por.example' }, 'OIDC_ISSUER and OIDC_AUDIENCE go together'],
    [{ SMTP_URL: `smtp://me:${SECRET}@mail.example` }, 'MAIL_FROM is missing'],
    [CENTER, 'PARTNER_CENTER_URL goes with one of'],
    [{ PARTNER_CENTER_TOKEN: SECRET }, 'PARTNER_CENTER_URL goes with one of'],
    [{ ...CENTER, PARTNER_CENTER_TOKEN: SECRET, PARTNER_CENTER_TOKEN_FILE: 'file' }, 'goes with one of'],
  ])('that do not go together are refused: %j', (env, told) => {
    const problem = problemOf(env);
    expect(problem).toContain(told);
    expect(problem).not.toContain(SECRET);
  });

  it('that are wrong are told all at once, one a line', () => {
    const problem = problemOf({ PORT: 'x', OIDC_ISSUER: 'http://login.example', OIDC_TOKEN_TYP: 'x' });
    expect(
      problem
        ?.split('\n')
        .map((line) => line.split(' ')[0])
        .toSorted(),
    ).toEqual(['OIDC_ISSUER', 'OIDC_ISSUER', 'OIDC_TOKEN_TYP', 'PORT']);
  });
});

/** What the operator is told about the environment; null when nothing is wrong with it. */
function problemOf(env: NodeJS.ProcessEnv): string | null {
  try {
    readConfiguration(env);
    return null;
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.message;
    throw error;
  }
}
