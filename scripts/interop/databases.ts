import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { versionSaidBy } from '../counterparts/program';
import { findPgBouncer, startPgBouncer } from '../pgbouncer';
import { type Postgres, startPostgres } from '../postgres';
import { conform } from './conformance';
import type { Proof, Subject } from './proof';
import { loadDatabase, serve } from './service';

const execute = promisify(execFile);

const LIMIT_MS = 120_000;

/** PostgreSQL, by itself and through PgBouncer with a connection for each transaction. */
export function databaseSubjects(): Subject[] {
  return [
    {
      name: 'PostgreSQL',
      limitMs: LIMIT_MS,
      install: async () => undefined,
      async prove(proof) {
        const { url, bin } = await proof.keep(startPostgres());
        proof.tried(`PostgreSQL ${await versionSaidBy(join(bin, 'postgres'), ['--version'], /\) ([\d.]+)/)}`);
        await proveDatabase(proof, url);
      },
    },
    {
      name: 'PgBouncer',
      limitMs: LIMIT_MS,
      install: async () => {
        await findPgBouncer();
      },
      async prove(proof) {
        const { folder, socket } = await proof.keep(startPostgres());
        const pooler = await proof.keep(startPgBouncer(folder, portOf(socket)));
        proof.tried(`PgBouncer ${await versionSaidBy(await findPgBouncer(), ['--version'], /PgBouncer ([\d.]+)/)}`);
        const host = encodeURIComponent(dirname(pooler.socket));
        await proveDatabase(proof, `postgres://postgres@localhost:${portOf(pooler.socket)}/postgres?host=${host}`);
      },
    },
  ];
}

/** A socket is named by a port on which nobody listens. */
function portOf(socket: string): number {
  return Number(basename(socket).split('.').at(-1));
}

async function proveDatabase({ holds, keep }: Proof, url: string): Promise<void> {
  // Where mails are written that no server takes.
  const folder = await mkdtemp(join(tmpdir(), 'por-mails-'));
  await keep(Promise.resolve({ stop: () => rm(folder, { recursive: true }) }));
  const env = { DATABASE_URL: url, DATA_DIR: folder };
  await holds('a directory is imported, and conformance', async () => {
    const tokens = await loadDatabase(env);
    const { baseUrl } = await keep(serve(env));
    return conform(baseUrl, tokens, null);
  });
}

/** Makes an empty database and answers its address. */
export async function makeDatabase(postgres: Postgres, name: string): Promise<string> {
  await execute(join(postgres.bin, 'psql'), ['--quiet', `--command=create database ${name}`, postgres.url]);
  return addressOf(postgres, name, 'postgres');
}

/** Where a role reaches a database of the server; it lets everybody in who can reach its socket. */
export function addressOf({ url }: Postgres, database: string, role: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  address.username = role;
  return address.href;
}
