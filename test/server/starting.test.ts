import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fencesOf } from '../../scripts/markdown-fences';
import { makeMailFolder } from '../../server/src/commands/private-folders';
import { CommandError } from '../../server/src/commands/terminal';
import { whyEnded } from '../../server/src/commands/why-ended';
import { whyNotListening } from '../../server/src/commands/serve/why-not-listening';
import { type Database, openDatabase } from '../../server/src/database/database';
import { NewerSchema } from '../../server/src/database/migrations';
import { DatabaseNotOpened } from '../../server/src/database/why-not-opened';
import { claimMail } from '../../server/src/mail/mails-repository';
import { gatherMails } from '../../server/src/mail/outbox-repository';
import { buildService } from '../../server/src/service';
import { databases, serverUrlOf, type TestDatabase } from './support/databases';
import { copyMadeDatabase } from './support/made-database';
import { buildCommand, start } from './support/process';
import { ADMIN, FABRIKAM, openWorld } from './support/world';

const execute = promisify(execFile);
/** What a command says before its own words where it takes more than a second to make the tables. */
const HOW_FAR =
  /^(?:(?:Bringing the database up to date: \d of \d \([\w-]+\)|Making what names are searched by, which takes a while where there are many)…\n)+The database is up to date\.\n/;
const TRACE = /^\s+at |\[object|secret/m;

describe('a start that cannot be', () => {
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  let taken: Server;

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
    folder = await mkdtemp(path.join(tmpdir(), 'por-starting-'));
    await copyMadeDatabase(path.join(folder, 'data'), 'tables');
    await chmod(path.join(folder, 'data/postgres'), 0o700);
    await writeFile(path.join(folder, 'empty.json'), '{"partners":[],"customers":[],"callers":[],"subscriptions":[]}');
    await writeFile(path.join(folder, 'empty.csv'), 'partnerId,name\n');
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterAll(async () => {
    taken.close();
    await disposeBuild();
    await rm(folder, { recursive: true });
  });

  const takenPort = () => String((taken.address() as AddressInfo).port);

  /** What the command says of why it ends; it must end with 1. */
  async function told(args: readonly string[], env: Record<string, string>, program = main): Promise<string> {
    const { child, ended, output } = start(program, args, { DATA_DIR: path.join(folder, 'data'), ...env });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(await ended).toBe(1);
    return output.told;
  }

  it.each([
    [['serve']],
    [['demo']],
    [['migrate']],
    [['import', 'empty.json']],
    [['partners', 'import', 'empty.csv']],
    [['mail', 'retry']],
    [['token', 'add', ADMIN]],
    [['token', 'list']],
    [['token', 'revoke', ADMIN]],
  ])('is told in one sentence by %j', async (words) => {
    const args = words.map((word) => (word.startsWith('empty.') ? path.join(folder, word) : word));
    const sentence = await told(args, { DATABASE_URL: 'postgres://root:secret@127.0.0.1:1/x' });
    expect(sentence).toBe(
      'No database server listens at 127.0.0.1:1 (ECONNREFUSED). Start it, or correct host and port in DATABASE_URL.\n',
    );
  });

  it.each([
    ['a port that is taken', [], () => ({ HOST: '127.0.0.1', PORT: takenPort() }), 'choose another port with PORT.'],
    ['a port for metrics that is taken', [], () => ({ METRICS_PORT: takenPort() }), 'another port with METRICS_PORT.'],
    [
      'a tokens file where none can be',
      ['demo', '--tokens-file', '/nowhere/tokens.json'],
      () => ({}),
      'The tokens file /nowhere/tokens.json cannot be written: ENOENT',
    ],
  ])('tells of %s', async (_what, args, env, sentence) => {
    const said = await told(args, env());
    expect(said.trim().split('\n').at(-1)).toContain(sentence);
    expect(said).not.toMatch(TRACE);
  });

  it('tells of a tokens file that is a folder, and leaves no tokens beside it', async () => {
    const tokens = path.join(folder, 'tokens');
    await mkdir(path.join(tokens, 'in-it'), { recursive: true });
    const said = await told(['demo', '--tokens-file', tokens], {});
    expect(said.trim().split('\n').at(-1)).toContain(`The tokens file ${tokens} cannot be written: E`);
    expect((await readdir(folder)).filter((name) => name.startsWith('tokens'))).toEqual(['tokens']);
  });

  it('is not kept from one by what a killed process of the same number left beside the tokens file', async () => {
    const tokens = path.join(folder, 'again.json');
    const data = path.join(folder, 'of-the-demo');
    await copyMadeDatabase(data, 'tables');
    const leaves = ['sh', '-c', `echo half > ${tokens}.$$; exec "$@"`, 'sh'];
    const { child, ended, event } = start(main, ['demo', '--tokens-file', tokens], { DATA_DIR: data }, leaves);
    onTestFinished(() => void child.kill('SIGKILL'));
    await event('listening');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(JSON.parse(await readFile(tokens, 'utf8')).callers).toHaveLength(4);
    expect((await readdir(folder)).filter((name) => name.startsWith('again'))).toEqual(['again.json']);
  });

  it('tells of a folder for mails that is a file, and of one that nobody can make', async () => {
    const file = path.join(folder, 'mail');
    await writeFile(file, '');
    for (const [place, code] of [
      [file, 'EEXIST'],
      [path.join(file, 'mail'), 'ENOTDIR'],
    ] as const) {
      const refused = makeMailFolder(place);
      await expect(refused).rejects.toThrow(CommandError);
      await expect(refused).rejects.toThrow(
        `The folder ${place}, which mails to partners go to, cannot be written: ${code}`,
      );
    }
  });

  it('tells of an address of another machine', async () => {
    const elsewhere = createServer().listen(0, '192.0.2.1');
    const [error] = await once(elsewhere, 'error');
    expect(whyNotListening(error, { host: '192.0.2.1', port: 8787, variable: 'PORT' })).toBe(
      'HOST is 192.0.2.1, which is no address of this machine. Choose one that is, or localhost.',
    );
  });

  it('asks for a report of what nobody foresaw, and shows where it came from to whoever asks only', async () => {
    const copy = path.join(folder, 'copy');
    await mkdir(copy);
    await writeFile(path.join(copy, 'package.json'), '{"type":"module"}');
    await copyFile(main, path.join(copy, 'main.js'));
    // The page is missing that is put beside the program.
    const said = await told([], {}, path.join(copy, 'main.js'));
    expect(said).toMatch(
      /^The service met an error that it does not know: ENOENT.*index\.html'\. Please report it.*\n$/,
    );
    expect(await told([], { LOG_LEVEL: 'debug' }, path.join(copy, 'main.js'))).toMatch(/^\s+at /m);
  });

  it.each([
    ['55P03', 'Something else holds what the command needs in the database: x. End it'],
    ['57P01', 'The database went away: x. Give the command again once it is back.'],
    ['42601', 'The service met an error that it does not know: x. Please report it'],
  ])('says why a command ended by %s', (code, sentence) => {
    expect(whyEnded(Object.assign(new Error('x'), { code }))).toContain(sentence);
  });

  it.each([
    ['EACCES', "The service's user may not listen on port 80 of localhost. Choose a port above 1023 with PORT"],
    ['EAFNOSUPPORT', 'this machine has no addresses of that kind'],
    ['ENOTFOUND', 'HOST is localhost, which is no address of this machine.'],
  ])('has a sentence for %s', (code, sentence) => {
    const error = Object.assign(new Error(`listen ${code}`), { code });
    expect(whyNotListening(error, { host: 'localhost', port: 80, variable: 'PORT' })).toContain(sentence);
  });

  it('has none for what is not about listening', () => {
    expect(whyNotListening(new Error('x'), { host: 'localhost', port: 80, variable: 'PORT' })).toBeNull();
  });
});

const page = await readFile(path.resolve(import.meta.dirname, '../../docs/operating-the-service.md'), 'utf8');
const rights = fencesOf(page).filter(
  ({ heading, language }) => heading === 'Rights in the database' && language === 'sql',
);

describe.each(databases.filter(({ name }) => name !== 'PGlite'))('a database on $name', (kind) => {
  let database: TestDatabase;
  let role: string;

  beforeAll(async () => {
    database = await kind.create();
    role = `role_${randomUUID().replaceAll('-', '')}`;
    await as('postgres', `create role ${role} login`);
  });
  afterAll(async () => {
    await as('postgres', `drop owned by ${role}`);
    await database.dispose();
    // In whichever database: a role is the server's.
    await as('postgres', `drop role ${role}`, 'postgres');
  });

  function urlFor(user: string, name?: string): string {
    const url = new URL(serverUrlOf(database.location));
    url.username = user;
    if (name !== undefined) url.pathname = `/${name}`;
    return url.href;
  }

  /** Runs statements, one after another, as whoever is named. */
  async function as(user: string, statements: string, name?: string): Promise<void> {
    const client = new pg.Client({ connectionString: urlFor(user, name) });
    await client.connect();
    try {
      for (const statement of statements.split(';\n')) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  const open = (user: string, name?: string) => openDatabase({ kind: 'server', url: urlFor(user, name) });
  const close = async (opened: Promise<Database>) => (await opened).close();

  /** The sentence with which it is refused. */
  async function told(opening: Promise<Database>): Promise<string> {
    const sentence = await opening.then(
      async (opened) => {
        await opened.close();
        return 'It was opened.';
      },
      (error: unknown) => (error instanceof DatabaseNotOpened ? error.message : Promise.reject(error)),
    );
    expect(sentence).not.toMatch(TRACE);
    return sentence;
  }

  it('that is not there, or not for this role, is told with its name', async () => {
    expect(await told(open('postgres', 'none_such'))).toContain('has no database none_such. Make it (createdb)');
    expect(await told(open('nobody_such'))).toMatch(/does not let the role nobody_such in: “.*” *\. Make the role/);
  });

  it('is opened by a role that may not make tables once one that may has made them, and says what is missing until then', async () => {
    expect(await told(open(role))).toMatch(
      /^The database has no tables .* may not make them: “permission denied for schema public”\. Run the command migrate/,
    );
    await close(open('postgres'));
    expect(await told(open(role))).toContain('“permission denied for table kysely_migration”. The rights it needs are');
    await as('postgres', `grant select on kysely_migration, partners to ${role}`);
    expect(await told(open(role))).toContain(
      'delete on access_tokens, caller_roles, callers, changes, customers, idem',
    );
    await as('postgres', `grant select, insert, update, delete on all tables in schema public to ${role}`);
    await close(open(role));

    await as('postgres', `delete from kysely_migration where name = '0005-assigned-by-id'`);
    expect(await told(open(role))).toMatch(
      /not up to date \(0005-assigned-by-id\), and .*: “must be owner of table subscriptions”\. Run the command migrate/,
    );
    await as('postgres', `insert into kysely_migration values ('0005-assigned-by-id', 'x'), ('9999-later', 'x')`);
    await expect(open(role)).rejects.toThrow(NewerSchema);
    await as('postgres', `delete from kysely_migration where name = '9999-later'`);
  });

  it('that hides rows from the role is refused: what is hidden would be missing without a word', async () => {
    await as('postgres', 'alter table subscriptions enable row level security');
    expect(await told(open(role))).toContain(`from the role ${role}: it is on for subscriptions. Turn it off`);
    await close(open('postgres'));
    await as('postgres', 'alter table subscriptions disable row level security');
    await close(open(role));
  });

  it('that has lost a table is refused with its name', async () => {
    await as('postgres', 'alter table usage rename to used');
    expect(await told(open('postgres'))).toContain('lacks tables that the service has made there: usage. Restore it');
    await as('postgres', 'alter table used rename to usage');
    await close(open('postgres'));
  });

  it('is made whatever time a statement of the role may take', async () => {
    await withDatabase('', async (name) => {
      await as('postgres', `alter database ${name} set statement_timeout = '20ms'`, 'postgres');
      const blocker = new pg.Client({ connectionString: urlFor('postgres', name) });
      await blocker.connect();
      await blocker.query('begin; select pg_advisory_xact_lock(7226001915)');
      const heard: string[] = [];
      let waits: () => void = () => undefined;
      const waiting = new Promise<void>((resolve) => {
        waits = resolve;
      });
      const opening = openDatabase(
        { kind: 'server', url: urlFor('postgres', name) },
        {
          print: (sentence) => {
            heard.push(sentence);
            waits();
          },
        },
      );
      // It is told after a second of waiting, long after the limit.
      await Promise.race([waiting, opening]);
      await blocker.end();
      await close(opening);
      expect(heard[0]).toContain('Waiting for another process');
    });
  });

  it('that ends a connection while it is being opened is opened all the same, and the person who waits reads of it', async () => {
    await withDatabase('', async (name) => {
      const [beside, watcher] = [urlFor('postgres', name), urlFor('postgres')].map(
        (connectionString) => new pg.Client({ connectionString }),
      );
      if (beside === undefined || watcher === undefined) throw new Error('There are two.');
      await Promise.all([beside.connect(), watcher.connect()]);
      // Whoever makes the same table waits for the end of this, at most two seconds, then rests for one and tries again.
      await beside.query('begin; create table kysely_migration (name text)');
      const { main, dispose } = await buildCommand();
      const data = await mkdtemp(path.join(tmpdir(), 'por-opening-'));
      const service = start(main, [], { DATABASE_URL: urlFor('postgres', name), DATA_DIR: data });
      onTestFinished(() => void service.child.kill('SIGKILL'));
      /** How many connections of the service are as `where` says, and what `select` makes of each. */
      const ofService = async (select: string, where: string) =>
        (
          await watcher.query(
            `select ${select} from pg_stat_activity
             where datname = $1 and application_name = 'partner-of-record-service' and ${where}`,
            [name],
          )
        ).rows.length;
      // One that is idle before that has only just come, and whoever listens there has broken it off.
      await expect.poll(() => ofService('pid', `wait_event_type = 'Lock'`), { interval: 50 }).toBe(1);
      // The server calls one idle between two statements too. One that is so for a while is at rest.
      const rests = `state = 'idle' and state_change < clock_timestamp() - interval '300 ms'`;
      await expect.poll(() => ofService('pg_terminate_backend(pid)', rests), { interval: 50 }).toBe(1);
      await expect.poll(() => service.output.told).toContain('A database connection was lost while idle.\n');
      await beside.query('rollback');
      await Promise.all([beside.end(), watcher.end()]);
      await service.event('listening');
      service.child.kill('SIGTERM');
      expect(await service.ended).toBe(0);
      await dispose();
      await rm(data, { recursive: true });
    });
  });

  it('that is up to date is opened while another process brings one up to date, and while its tables are held', async () => {
    const beside = new pg.Client({ connectionString: urlFor('postgres') });
    await beside.connect();
    await beside.query('begin; select pg_advisory_xact_lock(7226001915); lock table partners, outbox');
    await close(open(role));
    await beside.end();
  });

  it('with the rights that the documentation names is served, and nothing more can be done', async () => {
    const [forSuperuser, forOwner] = rights;
    if (forSuperuser === undefined || forOwner === undefined) throw new Error('The page has two blocks of SQL.');
    const psql = async (url: string, statements: string) => {
      const file = path.join(await mkdtemp(path.join(tmpdir(), 'por-rights-')), 'rights.sql');
      await writeFile(file, statements);
      await execute('psql', ['--set=ON_ERROR_STOP=1', '--quiet', `--file=${file}`, url]);
      await rm(path.dirname(file), { recursive: true });
    };
    onTestFinished(() =>
      as(
        'postgres',
        'drop database if exists por with (force);\ndrop role por_service;\ndrop role por_owner',
        'postgres',
      ),
    );
    await psql(urlFor('postgres', 'postgres'), forSuperuser.text);
    await psql(urlFor('por_owner', 'por'), forOwner.text);
    const byOwner = { kind: 'server', url: urlFor('por_owner', 'por') } as const;
    const { main, dispose } = await buildCommand();
    const migrating = start(main, ['migrate'], { DATABASE_URL: byOwner.url });
    expect(await migrating.ended).toBe(0);
    const { log, told } = migrating.output;
    expect({ log, told: told.replace(HOW_FAR, '') }).toEqual({
      log: '',
      told: 'The tables of the service are up to date.\n',
    });
    await dispose();
    const world = await openWorld({
      ...kind,
      create: async () => ({ location: byOwner, dispose: async () => undefined }),
    });
    const subscriptionId = await world.subscription();
    await world.stop();

    const opened = await open('por_service', 'por');
    const { app } = buildService({ database: opened, clock: () => new Date() });
    const url = `/v1/subscriptions/${subscriptionId}`;
    const headers = world.authorization(ADMIN);
    const { etag } = (await app.inject({ url, headers })).json();
    const changed = await app.inject({
      method: 'PUT',
      url: `${url}/partnerOfRecord`,
      headers: { ...headers, 'if-match': etag, 'idempotency-key': randomUUID() },
      payload: { partnerId: FABRIKAM.partnerId },
    });
    expect(changed.statusCode).toBe(200);
    expect(await gatherMails(opened, { longestWaitSeconds: 0 })).toBe(true);
    expect(await claimMail(opened, { domain: 'contoso.example', leaseSeconds: 60 })).toMatchObject({ attempts: 1 });
    await expect(sql`create table more (x int)`.execute(opened.db)).rejects.toThrow('permission denied for schema');
    await expect(sql`alter table partners add column x int`.execute(opened.db)).rejects.toThrow('must be owner of');
    await app.close();
    await opened.close();
    // A table of a later version needs no further grant.
    await as('por_owner', 'create table later (x int)', 'por');
    await as('por_service', 'insert into later values (1);\nselect x from later', 'por');
  });

  async function withDatabase(how: string, work: (name: string) => Promise<void>): Promise<void> {
    const name = `por_test_${randomUUID().replaceAll('-', '')}`;
    await as('postgres', `create database ${name} ${how}`, 'postgres');
    await work(name).finally(() => as('postgres', `drop database ${name} with (force)`, 'postgres'));
  }

  it('in another encoding than UTF8 is refused', async () => {
    await withDatabase(`encoding 'LATIN1' template template0 locale 'C'`, async (name) => {
      expect(await told(open('postgres', name))).toContain('keeps its texts as LATIN1');
    });
  });

  it("that only reads, or has another program's tables, is refused and left as it is", async () => {
    await withDatabase('', async (name) => {
      await as('postgres', `alter database ${name} set default_transaction_read_only = on`, 'postgres');
      expect(await told(open('postgres', name))).toContain('The database only reads: it is a replica');
      await as('postgres', `alter database ${name} set default_transaction_read_only = off`, 'postgres');
      await as('postgres', 'create table partners (x int)', name);
      expect(await told(open('postgres', name))).toContain('not the service\'s: “relation "partners" already exists”');
      await as('postgres', 'drop table partners;\ncreate table kysely_migration (version int)', name);
      expect(await told(open('postgres', name))).toContain('The table kysely_migration in the database is another pro');
      await as('postgres', 'drop table kysely_migration;\ncreate table kysely_migration (name text)', name);
      await as('postgres', `insert into kysely_migration values ('2021_users')`, name);
      expect(await told(open('postgres', name))).toContain("another program's: it has “2021_users”.");
      const client = new pg.Client({ connectionString: urlFor('postgres', name) });
      await client.connect();
      const { rows } = await client.query(`select count(*)::int as tables from pg_tables where schemaname = 'public'`);
      expect(rows).toEqual([{ tables: 1 }]);
      await client.end();
    });
  });
});
