import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { PutAside } from '../database/portions';
import { messageOf } from '../thrown';
import { CommandError } from './terminal';

export interface Spool {
  /** Throws a {@link CommandError} when there is no room left. */
  readonly putAside: PutAside;
  readonly close: () => Promise<void>;
}

/**
 * Makes a file for what does not fit into memory, readable by nobody else. It has no name any more once it is made, so that it goes
 * with the process, however that ends. Throws a {@link CommandError} where none can be made.
 */
export async function openSpool(): Promise<Spool> {
  const file = await openNameless().catch((error: unknown) => {
    throw noRoom(error);
  });
  let end = 0;
  return {
    async putAside(rows) {
      const bytes = serialize(rows);
      // Of the bytes themselves nothing is to stay.
      const { length } = bytes;
      const start = end;
      end += length;
      // Goes on where the last one ended: reading below names its places itself.
      await file.appendFile(bytes).catch((error: unknown) => {
        throw noRoom(error);
      });
      return async () => {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, start);
        if (bytesRead !== length) throw new Error('What an import put aside is not there any more.');
        return deserialize(buffer);
      };
    },
    close: () => file.close(),
  };
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(path.join(tmpdir(), 'partner-of-record-import-'));
  try {
    return await open(path.join(folder, 'spool'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function noRoom(error: unknown): CommandError {
  return new CommandError(
    `An import keeps what it read in ${tmpdir()} for a while, about three times as much as the file, and cannot: ${messageOf(error)}. Make room there, or name another folder with TMPDIR.`,
    { cause: error },
  );
}
