import { execFile } from 'node:child_process';
import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The user that Debian's packages make; PostgreSQL and PgBouncer refuse to run as root. */
const UNPRIVILEGED_USER = 'postgres';

/** Who a program is to run as; nothing where we are nobody special ourselves. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** The account that PostgreSQL and PgBouncer run under. */
export async function unprivilegedAccount(): Promise<Account> {
  return process.getuid?.() === 0 ? accountOf(UNPRIVILEGED_USER) : {};
}

/** A user's account. Throws an Error when there is no such user. */
export async function accountOf(user: string): Promise<Required<Account>> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((option) => execute('id', [option, user])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** A new folder in which that account may write. */
export async function folderFor({ uid, gid }: Account, prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  return folder;
}
