import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, open, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { codeOf } from '../thrown';
import { DataFolderUnfit, identityOf, WHY_NOT_TAKEN } from './data-folder';

/** Another process holds the folder; the message is a sentence for the person who started this one. */
export class DataFolderInUse extends Error {}

const SOCKET = 'service.sock';
/** What earlier versions held the folder by. */
const FORMER_LOCK = 'service.lock';
/** The longest path a socket can have, in bytes: Linux takes 107, macOS 103. Node 20 cuts off what is longer, without a word. */
const LONGEST_SOCKET_PATH = 103;
/** Room for a slash and any name that is used here: `service.sock.after-` with two numbers of 13 digits each. */
const LONGEST_NAME = 47;

/**
 * Takes the data folder for this process: it listens on a socket file there, and whoever can connect to one knows that the
 * folder is held. That is so across containers, whose process ids say nothing of each other, and while the holder is stopped;
 * when the holder dies, however it does, the system refuses connections at once, and the next one replaces the file.
 * Returns what lets the folder go. Throws {@link DataFolderInUse} and {@link DataFolderUnfit}.
 */
export async function holdDataFolder(folder: string): Promise<() => Promise<void>> {
  const paths = [path.resolve(folder), path.relative(process.cwd(), folder)];
  const short = paths.find((one) => Buffer.byteLength(one) + LONGEST_NAME <= LONGEST_SOCKET_PATH);
  if (short !== undefined) return hold({ folder, socketFolder: short });
  if (process.platform !== 'linux') {
    throw new DataFolderUnfit(
      `The path of the data folder ${folder} is too long for a socket file. Choose a shorter one with DATA_DIR.`,
    );
  }
  const directory = await open(folder, 'r');
  try {
    return await hold({ folder, socketFolder: `/proc/self/fd/${directory.fd}` });
  } finally {
    await directory.close();
  }
}

/** The folder by the two paths it is reached by. */
interface Place {
  readonly folder: string;
  /** Short enough for its sockets. */
  readonly socketFolder: string;
}

async function hold(place: Place): Promise<() => Promise<void>> {
  const letGo = await listen(place, SOCKET);
  await rm(path.join(place.folder, FORMER_LOCK), { force: true });
  return letGo;
}

/** Listens on the name, in place of a process that is gone. Throws {@link DataFolderInUse} while one is there. */
async function listen(place: Place, name: string): Promise<() => Promise<void>> {
  for (;;) {
    const letGo = await tryToListen(place, name);
    if (letGo !== null) return letGo;
    await removeIfLeft(place, name);
  }
}

/** Null when the name is taken. Listens by a name of its own first: under the common one nobody is ever met who does not yet. */
async function tryToListen(place: Place, name: string): Promise<(() => Promise<void>) | null> {
  const own = `${SOCKET}.${randomUUID().slice(0, 8)}`;
  const common = path.join(place.folder, name);
  const server = createServer((socket) => socket.destroy()).unref();
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  try {
    server.listen(path.join(place.socketFolder, own));
    await once(server, 'listening');
  } catch (error) {
    throw noSocketIn(place.folder, error);
  }
  try {
    await link(path.join(place.folder, own), common);
  } catch (error) {
    await close();
    if (codeOf(error) === 'EEXIST') return null;
    throw noSocketIn(place.folder, error);
  } finally {
    await rm(path.join(place.folder, own), { force: true });
  }
  return async () => {
    // In this order: a file that is there and refuses connections would be one that is left.
    await rm(common, { force: true });
    await close();
  };
}

/**
 * Removes the file of a process that is gone. Of many who find it only the one may remove it who holds its succession, a name
 * made of this very file: else the second would remove what the first has just put in its place.
 */
async function removeIfLeft(place: Place, name: string): Promise<void> {
  const file = path.join(place.folder, name);
  const found = await identityOf(file);
  if (found === null || !(await isLeft(place, name))) return;
  const letGo = await listen(place, `${SOCKET}.after-${found}`);
  try {
    if ((await identityOf(file)) === found) await remove(place.folder, file);
  } finally {
    await letGo();
  }
}

async function remove(folder: string, file: string): Promise<void> {
  await rm(file, { force: true }).catch((error: unknown) => {
    throw noSocketIn(folder, error);
  });
}

/** Whether the process is gone whose file it is; false when the file is gone too. Throws {@link DataFolderInUse}. */
async function isLeft({ folder, socketFolder }: Place, name: string): Promise<boolean> {
  const socket = connect(path.join(socketFolder, name));
  try {
    await once(socket, 'connect');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') return true;
    if (code === 'ENOENT') return false;
    // Anything else (another user's file, a queue that is full) is no sign that nobody is there.
  } finally {
    socket.destroy();
  }
  throw new DataFolderInUse(
    `The data folder ${folder} is in use by another service. Stop it first, or choose another folder with DATA_DIR, or name a PostgreSQL server in DATABASE_URL.`,
  );
}

function noSocketIn(folder: string, error: unknown): DataFolderUnfit {
  return new DataFolderUnfit(
    `The data folder ${folder} cannot hold a socket file (${codeOf(error)}), by which one service at a time has it. ${WHY_NOT_TAKEN[String(codeOf(error))] ?? ''}Choose a folder on a local disk in which the service's user may write with DATA_DIR, or use a PostgreSQL server with DATABASE_URL.`,
    { cause: error },
  );
}
