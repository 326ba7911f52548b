import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** For an installation of somebody else that is under way to end. */
const LOCK_TIMEOUT_SECONDS = 300;
/** apt-get waits for nobody who fetches its lists meanwhile. It calls a list that it can't reach no failure. */
const UPDATE_TRIES = 12;
const UPDATE_AGAIN_MS = 5000;
const DOWNLOAD_TRIES = 3;

/** A socket that only one process can listen on and that goes with it: who does installs alone. It has no file. */
const TURN = '\0partner-of-record-helper-installs';
const LOOK_FOR_TURN_MS = 100;

/** Debian's packages ask this program before they start what they bring; 101 forbids it (invoke-rc.d(8)). */
const POLICY = '/usr/sbin/policy-rc.d';
const START_NOTHING = '#!/bin/sh\nexit 101\n';

/**
 * Installs Debian's packages, with what they depend on and no more, and starts no service of them. False where that cannot be
 * done, which takes apt-get and root.
 */
export const installFromDebian = (...names: readonly string[]): Promise<boolean> =>
  install('--no-install-recommends', ...names);

/** The same, with what Debian recommends besides. */
export const installWithRecommended = (...names: readonly string[]): Promise<boolean> => install(...names);

async function install(...what: readonly string[]): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log(`Installing from Debian's packages what is not here yet: ${what.join(' ')}.`);
  return inTurn(async () => {
    // A list that could not be fetched anew may still be good enough: the installation decides.
    for (let tries = 1; !(await aptGet('update', '-qq')) && tries < UPDATE_TRIES; tries += 1) {
      await wait(UPDATE_AGAIN_MS);
    }
    return withNothingStarted(() => aptGet('install', '-qq', '-y', ...what));
  });
}

/**
 * Does that while nobody else on this machine does such a thing: layers side by side install what each lacks, in processes of their
 * own, and the one would read lists that the other just fetches.
 */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  let turn = await takeTurn();
  while (turn === null) {
    await wait(LOOK_FOR_TURN_MS);
    turn = await takeTurn();
  }
  try {
    return await work();
  } finally {
    turn.close();
    await once(turn, 'close');
  }
}

/** Null while somebody else has it. */
function takeTurn(): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(TURN, () => resolve(server));
  });
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

/** True when it ended well; what it says goes to the terminal. */
async function aptGet(...args: readonly string[]): Promise<boolean> {
  const options = [`DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`, `Acquire::Retries=${DOWNLOAD_TRIES}`];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('apt-get', [...options.flatMap((option) => ['-o', option]), ...args], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code === 0;
}
