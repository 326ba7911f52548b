import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { beginMaking, DataFolderUnfit, hasEmbedded, makeDataFolder } from '../../server/src/database/data-folder';
import { DataFolderInUse, holdDataFolder } from '../../server/src/database/folder-holder';
import { openDatabase } from '../../server/src/database/database';
import { copyMadeDatabase } from './support/made-database';
import { buildCommand, killAll, type Running, start } from './support/process';

const ROUNDS = 60;
const AT_ONCE = 12;
const OTHERS = 0o077;
const isLinux = process.platform === 'linux';

/** Runs a program as the first process of a namespace of its own, as a container does. */
const AS_PROCESS_1 = [
  ...['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])],
  ...['--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
];
const [unshare = '', ...operands] = AS_PROCESS_1;
const hasNamespaces = isLinux && spawnSync(unshare, [...operands, 'true']).status === 0;

const IN_USE = 'is in use by another service. Stop it first';

describe('the data folder', { timeout: 120_000 }, () => {
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  const running: Running[] = [];

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
  });
  afterAll(() => disposeBuild());
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'por-folder-'));
  });
  afterEach(async () => {
    await killAll(running);
    await rm(folder, { recursive: true });
  });

  function run(args: readonly string[], through: readonly string[] = []): Running {
    const service = start(main, args, { DATA_DIR: folder }, through);
    running.push(service);
    return service;
  }

  /** Leaves the socket file of a process that is gone. */
  async function leaveSocket(): Promise<void> {
    const server = createServer().listen(path.join(folder, 'gone'));
    await once(server, 'listening');
    // Node removes the file by the name it was made by.
    await rename(path.join(folder, 'gone'), path.join(folder, 'service.sock'));
    server.close();
    await once(server, 'close');
  }

  describe.runIf(hasNamespaces)('of two services that are both process 1 of namespaces of their own', () => {
    const isWell = async (baseUrl: unknown) => (await fetch(`${baseUrl}/health`)).status === 200;

    /** The service's process id as it is here; in its own namespace it is 1, and its log says so. */
    async function processOf(service: Running): Promise<number> {
      expect(JSON.parse(service.output.log.trim().split('\n')[0] ?? '').pid).toBe(1);
      return childOf(service);
    }

    async function childOf({ child }: Running): Promise<number> {
      return Number(await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'));
    }

    it('is held by the first, also while that one is stopped, and had by the next once the first was killed', async () => {
      await copyMadeDatabase(folder, 'tables');
      const first = run(['demo'], AS_PROCESS_1);
      const { baseUrl } = await first.event('listening');
      const pid = await processOf(first);
      const second = run([], AS_PROCESS_1);
      expect(await second.ended).toBe(1);
      expect(second.output.told).toContain(IN_USE);

      process.kill(pid, 'SIGSTOP');
      await expect.poll(() => readFile(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tT/m);
      const third = run([], AS_PROCESS_1);
      expect(await third.ended).toBe(1);
      expect(third.output.told).toContain(IN_USE);
      process.kill(pid, 'SIGCONT');
      expect(await isWell(baseUrl)).toBe(true);

      process.kill(pid, 'SIGKILL');
      await first.ended;
      const fourth = run([], AS_PROCESS_1);
      expect(await isWell((await fourth.event('listening'))['baseUrl'])).toBe(true);
      expect(JSON.parse(fourth.output.log.trim().split('\n')[0] ?? '').pid).toBe(1);
    });

    it('is let go by one that a signal ends while it still makes its database', async () => {
      const service = run([], AS_PROCESS_1);
      // Often: it is made within two seconds.
      await expect.poll(() => service.output.told, { interval: 5 }).toContain('Making the database');
      process.kill(await childOf(service), 'SIGTERM');
      expect([await service.ended, service.output.log]).toEqual([143, '']);
      await (await holdDataFolder(folder))();
    });

    it('is had by one of them when they start at the same moment over what a killed one left', async () => {
      await copyMadeDatabase(folder, 'tables');
      await leaveSocket();
      const both = [run(['demo'], AS_PROCESS_1), run(['demo'], AS_PROCESS_1)];
      const came = await Promise.allSettled(both.map((service) => service.event('listening')));
      expect(came.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const served = came.flatMap((one) => (one.status === 'fulfilled' ? [one.value['baseUrl']] : []));
      expect(await Promise.all(served.map(isWell))).toEqual([true]);
      expect(both.map(({ output }) => output.told).join()).toContain(IN_USE);
    });
  });

  it('has one holder, however many at once find what a killed one left, and nothing is left of the others', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await leaveSocket();
      const came = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => holdDataFolder(folder)));
      const letGo = came.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const refused = came.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(letGo).toHaveLength(1);
      for (const reason of refused) expect(reason).toBeInstanceOf(DataFolderInUse);
      expect(await readdir(folder)).toEqual(['service.sock']);
      for (const let_ of letGo) await let_();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('is had by the next as soon as it was let go', async () => {
    for (let round = 0; round < ROUNDS; round++) await (await holdDataFolder(folder))();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is had in spite of the lock file of an earlier version, whoever has its process id now', async () => {
    await writeFile(path.join(folder, 'service.lock'), '1\n');
    const letGo = await holdDataFolder(folder);
    expect(await readdir(folder)).toEqual(['service.sock']);
    await letGo();
  });

  it.runIf(isLinux)('is held with a path longer than a socket can have, and nothing is made beside it', async () => {
    const long = path.join(folder, 'a'.repeat(100), 'b'.repeat(100));
    await mkdir(long, { recursive: true });
    const letGo = await holdDataFolder(long);
    expect(await readdir(long)).toEqual(['service.sock']);
    expect(await readdir(path.dirname(long))).toEqual([path.basename(long)]);
    expect(await readdir(folder)).toHaveLength(1);
    await expect(holdDataFolder(long)).rejects.toThrow(DataFolderInUse);
    await letGo();
    await (await holdDataFolder(long))();
  });

  it('is not had while its holder is stopped and so many asked that no more can', async () => {
    const socket = path.join(folder, 'service.sock');
    const listen = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => console.log('listening'))`;
    const holder: ChildProcess = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void holder.kill('SIGKILL'));
    if (holder.stdout === null) throw new Error('The holder says nothing');
    await once(holder.stdout, 'data');
    holder.kill('SIGSTOP');
    const ask = async () => {
      const asking = connect(socket);
      await once(asking, 'connect').finally(() => asking.destroy());
    };
    const askOnAndOn = async () => {
      for (;;) await ask();
    };
    await expect(askOnAndOn()).rejects.toThrow('EAGAIN');
    await expect(holdDataFolder(folder)).rejects.toThrow(DataFolderInUse);
    holder.kill('SIGKILL');
    await once(holder, 'close');
    await (await holdDataFolder(folder))();
  });

  it.runIf(isLinux)('is refused with the reason where no socket can be', async () => {
    const refused = holdDataFolder('/proc/self/task');
    await expect(refused).rejects.toThrow(DataFolderUnfit);
    await expect(refused).rejects.toThrow(/cannot hold a socket file \(E[A-Z]+\).* local disk/);
  });

  it.runIf(isLinux)(
    'is refused where a file system takes no folder, instead of asking for it without end',
    async () => {
      await expect(makeDataFolder('/proc/partner-of-record/data')).rejects.toThrow(
        'cannot be made or entered (ENOENT). The folder above it takes none.',
      );
    },
  );

  it.each([
    [
      'is a file',
      (data: string) => writeFile(data, ''),
      'cannot be made or entered (EEXIST). Something is there that is no folder, or a link that leads to none.',
    ],
    [
      'is a link to nowhere',
      (data: string) => symlink('/nowhere/at/all', data),
      'cannot be made or entered (EEXIST). Something is there that is no folder, or a link that leads to none.',
    ],
    [
      'has a folder for a socket',
      (data: string) => mkdir(path.join(data, 'service.sock', 'x'), { recursive: true }),
      'cannot hold a socket file',
    ],
    [
      'has a file for its database',
      async (data: string) => {
        await mkdir(data);
        await writeFile(path.join(data, 'postgres'), '');
      },
      'postgres cannot be opened',
    ],
  ])('that %s is refused with a sentence and no trace of the program', async (_what, prepare, sentence) => {
    const data = path.join(folder, 'data');
    await prepare(data);
    const service = start(main, ['serve'], { DATA_DIR: data });
    running.push(service);
    expect(await service.ended).toBe(1);
    expect(service.output.told).toContain(sentence);
    expect(service.output.told).not.toMatch(/^\s+at |\[object/m);
  });

  const withFiles = async (inside: string, files: Readonly<Record<string, string>>) => {
    await mkdir(inside, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(inside, name), content);
  };

  it.each([
    [
      'is under a file',
      'file/data',
      () => writeFile(path.join(folder, 'file'), ''),
      '(ENOTDIR). Something above it is no',
    ],
    ['has a name too long for any', 'x'.repeat(300), async () => undefined, 'cannot be made or entered (ENAMETOOLONG)'],
    [
      "is a PostgreSQL server's own",
      'data',
      () => withFiles(path.join(folder, 'data'), { PG_VERSION: '15\n' }),
      "data is a PostgreSQL server's own. Choose another folder with DATA_DIR, or name that server in DATABASE_URL.",
    ],
    [
      'has the database of another PostgreSQL',
      'data',
      () => withFiles(path.join(folder, 'data/postgres'), { PG_VERSION: '15\n' }),
      'data/postgres is the database of PostgreSQL 15, and the service has 18 inside.',
    ],
    [
      'has files that are no database',
      'data',
      () => withFiles(path.join(folder, 'data/postgres'), { 'notes.txt': 'mine' }),
      'data/postgres has files, but no database that can be read (no PG_VERSION): it is damaged, or something else',
    ],
    [
      'has a database with nothing left in it',
      'data',
      () => withFiles(path.join(folder, 'data/postgres'), { PG_VERSION: '18\n' }),
      'data/postgres cannot be opened: ',
    ],
  ])('that %s is refused, and left as it is', async (_what, name, prepare, sentence) => {
    await prepare();
    const before = await readdir(folder, { recursive: true });
    const refused = openDatabase({ kind: 'folder', folder: path.join(folder, name) });
    await expect(refused).rejects.toThrow(DataFolderUnfit);
    await expect(refused).rejects.toThrow(sentence);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it('in which the making of the database was cut short is had as one without', async () => {
    const finish = await beginMaking(folder);
    await withFiles(path.join(folder, 'postgres/global'), { pg_control: 'half' });
    await withFiles(path.join(folder, 'postgres'), { PG_VERSION: '18\n' });
    expect(await hasEmbedded(folder)).toBe(false);
    expect(await readdir(folder)).toEqual(['postgres.unfinished']);
    await finish();
    expect(await readdir(folder)).toEqual([]);
  });

  describe.runIf(process.platform !== 'win32')('where files are made for everybody unless one says otherwise,', () => {
    const OPEN = ['sh', '-c', 'umask 000; exec "$0" "$@"'];

    /**
     * What others than the owner may read, write or enter, by name. PGlite makes some files for everybody whatever is asked for
     * (measured, 0.5), so what lies in a closed folder counts as closed.
     */
    async function openToOthers(inside = folder): Promise<string[]> {
      const found = await Promise.all(
        (await readdir(inside)).map(async (name) => {
          const file = path.join(inside, name);
          const entry = await stat(file);
          if ((entry.mode & OTHERS) === 0) return [];
          return [file, ...(entry.isDirectory() ? await openToOthers(file) : [])];
        }),
      );
      return found.flat();
    }

    async function stop({ child, ended }: Running): Promise<void> {
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }

    it('has no file that another user can read: of the database, the socket and the mails', async () => {
      await chmod(folder, 0o755);
      const tokens = path.join(folder, 'tokens.json');
      const service = run(['demo', '--tokens-file', tokens], OPEN);
      await service.event('listening');
      await changeSomething(tokens);
      const mails = async () => (await readdir(folder)).includes('mail') && (await readdir(path.join(folder, 'mail')));
      await expect.poll(mails, { timeout: 30_000 }).toContainEqual(expect.stringMatching(/\.eml$/));
      expect(await readdir(folder)).toContain('service.sock');
      expect(await openToOthers()).toEqual([]);
      await stop(service);
      expect(service.output.told).not.toContain('open to other users');
    });

    async function changeSomething(tokens: string): Promise<void> {
      const { baseUrl, callers } = JSON.parse(await readFile(tokens, 'utf8'));
      const authorization = `Bearer ${callers[0].token}`;
      const list = await fetch(`${baseUrl}/subscriptions?filter=headquarters`, { headers: { authorization } });
      const [record] = (await list.json()).value;
      const changed = await fetch(`${baseUrl}/subscriptions/${record.subscriptionId}/partnerOfRecord`, {
        method: 'PUT',
        headers: {
          authorization,
          'content-type': 'application/json',
          'if-match': record.etag,
          'idempotency-key': crypto.randomUUID(),
        },
        body: '{"partnerId":"4852013"}',
      });
      expect(changed.status).toBe(200);
    }

    it('has its own folders closed that an earlier version left open, and says so', async () => {
      await Promise.all([copyMadeDatabase(folder, 'tables'), mkdir(path.join(folder, 'mail'))]);
      await Promise.all([chmod(path.join(folder, 'postgres'), 0o755), chmod(path.join(folder, 'mail'), 0o770)]);
      const service = run(['demo'], OPEN);
      await service.event('listening');
      expect(await openToOthers()).toEqual([]);
      await stop(service);
      // All of it: the log and what people read come through two pipes, in no order.
      const { told } = service.output;
      expect(told).toContain(`${folder}/postgres was open to other users of this machine (mode 755)`);
      expect(told).toContain(`${folder}/mail was open to other users of this machine (mode 770)`);
    });

    it.runIf(isLinux)('is refused where its own folder is open and stays so', async () => {
      // Nobody may change the modes there, root included.
      await symlink('/proc/self/task', path.join(folder, 'postgres'));
      const service = run([], OPEN);
      expect(await service.ended).toBe(1);
      expect(service.output.told).toMatch(
        /postgres is open to other users .*\(mode 555\) and cannot be closed to them/,
      );
      expect(service.output.told).not.toMatch(/^\s+at /m);
      expect(await readdir(folder)).toEqual(['postgres']);
    });
  });
});
