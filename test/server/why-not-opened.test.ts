import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asLoss } from '../../server/src/database/away';
import { openDatabase } from '../../server/src/database/database';
import { DatabaseNotOpened, placeOf, whyNotOpened, whyUnfit } from '../../server/src/database/why-not-opened';
import { openFront } from './support/tls-front';

const URL_WITH_SECRET = 'postgres://por:se%2Fcret@db.example:6432/record';
const PLACE = placeOf(URL_WITH_SECRET);
const withCode = (code: string, message = 'as the server says it.', more = {}) =>
  Object.assign(new Error(message), { code, ...more });

describe('why a database is not opened', () => {
  it.each([
    ['a host that nobody knows', withCode('ENOTFOUND'), 'There is no host db.example, which DATABASE_URL names.'],
    [
      'a host that cannot be one',
      asLoss(withCode('EINVAL')),
      'The host db.example, which DATABASE_URL names, cannot be',
    ],
    [
      'a name service that is away',
      withCode('EAI_AGAIN'),
      'The host db.example, which DATABASE_URL names, could not be',
    ],
    ['a port where nobody listens', withCode('ECONNREFUSED', ''), 'No database server listens at db.example:6432'],
    ['a network without a way there', withCode('ENETUNREACH'), 'at db.example:6432 cannot be reached (ENETUNREACH).'],
    ['a host that is off', asLoss(withCode('EHOSTUNREACH')), 'at db.example:6432 cannot be reached (EHOSTUNREACH).'],
    ['a host that swallows everything', asLoss(new Error('timeout expired')), 'did not answer in time'],
    ['a full pool', asLoss(new Error('timeout exceeded when trying to connect')), 'did not answer in time'],
    ['a peer that hangs up', asLoss(new Error('Connection terminated unexpectedly')), 'Is it PostgreSQL'],
    ['a peer that resets', withCode('ECONNRESET'), 'Is it PostgreSQL'],
    ['a socket file that is not there', asLoss(withCode('ENOENT')), 'there is no such file (ENOENT)'],
    ["a socket file that is somebody else's", asLoss(withCode('EACCES')), 'may not open db.example:6432'],
    ['a password that is missing', asLoss(new Error('SASL: client password must be a string')), 'asks for a password'],
    ['a wrong password', withCode('28P01'), 'does not take the password of the role por.'],
    ['a role that is not let in', withCode('28000', 'no pg_hba.conf entry.'), 'in: “no pg_hba.conf entry”. Make the'],
    ['no such database', withCode('3D000'), 'has no database record. Make it (createdb), or correct its name'],
    ['no schema', withCode('3F000'), 'The role por finds no schema to work in'],
    ['no right', withCode('42501', 'permission denied for table x'), '“permission denied for table x”. The rights it'],
    [
      "a table that is another's",
      withCode('42P07', 'relation "x" exists'),
      'not the service\'s: “relation "x" exists”.',
    ],
    ["a column that is another's", withCode('42701', 'column "x" exists'), 'not the service\'s: “column "x" exists”.'],
    [
      'a limit for statements',
      withCode('57014', 'canceling statement'),
      '“canceling statement”. If the role por or its',
    ],
    ['a database that is closed', asLoss(withCode('55000', 'not accepting')), 'refuses to go on: “not accepting”'],
    ['a replica', withCode('25006'), 'The database only reads: it is a replica'],
    ['a full disk', withCode('53100'), 'The disk of the database server at db.example:6432 is full.'],
    ['a full server', withCode('53300', 'too many clients'), '“too many clients”. Lower DATABASE_CONNECTIONS'],
    ['a held table', withCode('55P03'), 'somebody holds a table of it. End what holds it'],
    [
      'a transaction that was idle',
      withCode('25P03', 'idle-in-transaction timeout'),
      'nothing came by it for too long',
    ],
    ['a session that was idle', withCode('57P05', 'idle-session timeout'), 'nothing came by it for too long'],
    ['a transaction that was long', withCode('25P04', 'transaction timeout'), '“transaction timeout”. If the role por'],
    ['a server that stops', withCode('57P01', 'terminating connection'), 'ended the connection: “terminating'],
    ['a server that crashes', withCode('57P02', 'crash of another'), 'Start again once it takes connections.'],
    ['a starting server', withCode('57P03', 'the database system is starting up'), 'Start again in a moment.'],
    ['a setting that is not there', withCode('42704', 'unrecognized “x”'), 'refuses to go on: “unrecognized “x””'],
    ['a pooler that says no', withCode('08P01', 'no more connections'), 'refuses to go on: “no more connections”'],
    ['a key that is none', withCode('ERR_OSSL_PEM_NO_START_LINE', 'no start line'), 'failed: “no start line”'],
  ])('is said in a sentence: %s', (_what, error, sentence) => {
    const told = whyNotOpened(error, PLACE);
    expect(told).toContain(sentence);
    expect(told).toMatch(/^[A-Z].*\.$/);
    expect(told).not.toMatch(/secret|se%2F|undefined|\n/);
  });

  it.each([
    ['a mistake in a statement', withCode('42601')],
    ['a mistake in the program', new TypeError('x is not a function')],
    ['something thrown that is no error', 'x'],
  ])('is not said of what is the program’s own: %s', (_what, error) => {
    expect(whyNotOpened(error, PLACE)).toBeNull();
  });

  it.each([
    [
      'an address that is none',
      'postgres://por:se/cret@db.example/record',
      'DATABASE_URL is no address. Write it like',
    ],
    ['a password with a #', 'postgres://por:p@secret#1@db.example/record', 'DATABASE_URL is no address. Write it like'],
    ['a password with a /', 'postgres://por:1/secret@db.example/record', 'DATABASE_URL is no address. Write it like'],
    ['a port beyond all', 'postgres://por:secret@db.example:99999/record', 'DATABASE_URL is no address.'],
    ['a port that is no number', 'postgres://por:secret@db.example/record?port=five', 'its port is none'],
    ['an sslmode that is none', 'postgres://por:secret@db.example/r?sslmode=verify', 'sslmode is verify, but must be'],
    ['a parameter misspelt', 'postgres://por:secret@db.example/r?sslmod=verify-full', 'it has no parameter sslmod;'],
    [
      'a file that is not there',
      'postgres://p:secret@d/r?sslrootcert=/no/ca.pem',
      'The file /no/ca.pem, which DATABASE',
    ],
    [
      'a folder for a file',
      'postgres://p:secret@d/r?sslmode=verify-full&sslrootcert=/',
      'DATABASE_URL cannot be used: a file that it names by sslcert, sslkey or sslrootcert is a folder.',
    ],
  ])('is said before anybody is asked: %s', async (_what, url, sentence) => {
    const refused = openDatabase({ kind: 'server', url });
    await expect(refused).rejects.toThrow(DatabaseNotOpened);
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.not.toThrow(/secret|se\/cret/);
  });

  it.each([
    [{ version: 140_009, encoding: 'UTF8', readOnly: false }, 'PostgreSQL 14; the service needs PostgreSQL 15'],
    [{ version: 150_000, encoding: 'SQL_ASCII', readOnly: false }, 'keeps its texts as SQL_ASCII'],
    [{ version: 180_001, encoding: 'UTF8', readOnly: true }, 'The database only reads'],
  ])('is said of a server that answers and is not fit: %j', (facts, sentence) => {
    expect(whyUnfit(facts)).toContain(sentence);
  });

  it('is nothing for PostgreSQL 15 in UTF8', () => {
    expect(whyUnfit({ version: 150_000, encoding: 'UTF8', readOnly: false })).toBeNull();
  });
});

describe('a server whose TLS is not as DATABASE_URL asks', () => {
  let folder: string;
  type Pair = { readonly cert: string; readonly key: string };
  const pairs: Record<'here' | 'elsewhere' | 'expired', Pair> = {
    here: { cert: '', key: '' },
    elsewhere: { cert: '', key: '' },
    expired: { cert: '', key: '' },
  };

  async function make(name: string, notAfterDate: Date): Promise<Pair> {
    const altNames = [/^\d/.test(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name }];
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
      notBeforeDate: new Date(Date.now() - 10 * 86_400_000),
      notAfterDate,
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames }],
    });
    return { cert, key };
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'por-tls-'));
    const later = new Date(Date.now() + 86_400_000);
    pairs.here = await make('127.0.0.1', later);
    pairs.elsewhere = await make('db.example', later);
    pairs.expired = await make('127.0.0.1', new Date(Date.now() - 86_400_000));
    for (const [name, { cert }] of Object.entries(pairs)) await writeFile(path.join(folder, `${name}.pem`), cert);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const told = async (front: Awaited<ReturnType<typeof openFront>>, parameters: string): Promise<string> => {
    const url = `postgres://por:secret@127.0.0.1:${front.port}/record?${parameters}`;
    try {
      await openDatabase({ kind: 'server', url });
    } catch (error) {
      if (error instanceof DatabaseNotOpened) return error.message;
      throw error;
    } finally {
      await front.close();
    }
    throw new Error('It was opened.');
  };
  const trusting = (name: keyof typeof pairs) => `sslmode=verify-full&sslrootcert=${folder}/${name}.pem`;

  it('since it has none', async () => {
    expect(await told(await openFront({ tls: null }), 'sslmode=verify-full')).toMatch(/^The .* speaks no TLS, but/);
  });

  it.each([
    ['signed by nobody that is known', 'sslmode=verify-full'],
    ['signed by another authority', 'elsewhere'],
  ] as const)('since its certificate is %s', async (_what, trusted) => {
    const parameters = trusted === 'elsewhere' ? trusting(trusted) : trusted;
    const sentence = await told(await openFront({ tls: pairs.here }), parameters);
    expect(sentence).toMatch(/^The certificate of .*127\.0\.0\.1:\d+ is not trusted: “.*” \([A-Z_]+\)\. Name the/);
  });

  it('since its certificate is for another name', async () => {
    const sentence = await told(await openFront({ tls: pairs.elsewhere }), trusting('elsewhere'));
    expect(sentence).toMatch(
      /is for another name: “.*127\.0\.0\.1 is not in the cert.*”\. Write a name that it is for into DATABASE_URL\./,
    );
  });

  it('since its certificate has expired', async () => {
    const sentence = await told(await openFront({ tls: pairs.expired }), trusting('expired'));
    expect(sentence).toMatch(/does not hold today: “certificate has expired”\. Renew it there/);
  });

  it('is believed where it is, and what the server then refuses is told', async () => {
    const body = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed for user "por"\0\0');
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    const front = await openFront({ tls: pairs.here, answer: Buffer.concat([Buffer.from('E'), length, body]) });
    expect(await told(front, trusting('here'))).toMatch(/does not take the password of the role por\./);
  });

  it.each(['', 'sslmode=verify-full'])('or that is no database server at all, with “%s”', async (parameters) => {
    const http = createHttpServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const close = async () => void http.close();
    expect(await told({ port, close }, parameters)).toContain('Is it PostgreSQL');
  });
});
