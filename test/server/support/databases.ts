import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { DatabaseLocation } from '../../../server/src/database/database';
import { LIMIT_MS } from '../../within';
import { copyMadeDatabase, type MadeWith } from './made-database';

export interface TestDatabase {
  readonly location: DatabaseLocation;
  readonly dispose: () => Promise<void>;
}

/** The address of a database on a server. Throws for the embedded one. */
export function serverUrlOf(location: DatabaseLocation): string {
  if (location.kind !== 'server') throw new Error('This is about a server.');
  return location.url;
}

interface DatabaseKind {
  readonly name: 'PGlite' | 'PostgreSQL';
  /** Makes a database of its own, with nothing in it; for one that is to have the tables, a server leaves that to whoever opens it first. */
  readonly create: (made?: MadeWith) => Promise<TestDatabase>;
}

const embedded: DatabaseKind = {
  name: 'PGlite',
  create: async (made = 'nothing') => {
    const folder = await mkdtemp(path.join(tmpdir(), 'por-service-'));
    await copyMadeDatabase(folder, made);
    return { location: { kind: 'folder', folder }, dispose: () => rm(folder, { recursive: true, force: true }) };
  },
};

function server(serverUrl: string): DatabaseKind {
  return {
    name: 'PostgreSQL',
    create: async () => {
      const name = `por_test_${randomUUID().replaceAll('-', '')}`;
      await execute(serverUrl, `create database ${name}`);
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      return {
        location: { kind: 'server', url: url.href },
        dispose: () => execute(serverUrl, `drop database ${name} with (force)`),
      };
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  await client.connect();
  await client.query(statement);
  await client.end();
}

const serverUrl = process.env['TEST_DATABASE_URL'];

/** The databases that the suites run on: the embedded one, and the server at `TEST_DATABASE_URL` when it is set. */
export const databases: readonly DatabaseKind[] = serverUrl === undefined ? [embedded] : [embedded, server(serverUrl)];
