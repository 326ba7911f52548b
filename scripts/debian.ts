import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';

/** For another installation under way to end. */
const LOCK_TIMEOUT_SECONDS = 300;

/** Debian's packages ask this program before they start what they bring; 101 forbids it (invoke-rc.d(8)). */
const POLICY = '/usr/sbin/policy-rc.d';
const START_NOTHING = '#!/bin/sh\nexit 101\n';

/**
 * Installs Debian's packages, with what they depend on and no more, and starts no service of them. False where that cannot be
 * done, which takes apt-get and root.
 */
export async function installFromDebian(...names: readonly string[]): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log(`Installing from Debian's packages what is not here yet: ${names.join(', ')}.`);
  // A list that could not be fetched anew may still be good enough: the installation decides.
  await aptGet('update', '-qq');
  const options = ['-qq', '-y', '--no-install-recommends', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`];
  return withNothingStarted(() => aptGet('install', ...options, ...names));
}

/** Who forbade services to start before us goes on doing so. */
async function withNothingStarted<T>(work: () => Promise<T>): Promise<T> {
  if (existsSync(POLICY)) return work();
  await writeFile(POLICY, START_NOTHING, { mode: 0o755 });
  try {
    return await work();
  } finally {
    await rm(POLICY);
  }
}

async function aptGet(...args: readonly string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [code] = await once(spawn('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] }), 'close');
  return code === 0;
}
