import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/** For another installation under way to end. */
const LOCK_TIMEOUT_SECONDS = 300;

/** Installs one of Debian's packages; false where that cannot be done, which takes apt-get and root. */
export async function installFromDebian(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log(`Installing Debian's package ${name}, which is not here yet.`);
  // A list that could not be fetched anew may still be good enough: the installation decides.
  await aptGet('update');
  return aptGet('install', '-y', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`, name);
}

async function aptGet(...args: readonly string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [code] = await once(spawn('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] }), 'close');
  return code === 0;
}
