import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Configuration } from '../configuration';
import type { Database } from '../database/database';
import { DEMO_LETTERHEAD, DEMO_PRINCIPALS, demoDirectory } from '../directory/demo';
import { loadDirectory } from '../directory/load';
import { messageOf } from '../thrown';
import type { SignedIn } from '../callers/signed-in';
import { isAnyCaller, isAnyToken, readCaller, revokeTokens } from '../callers/repository';
import { issueToken } from '../callers/tokens';
import { run } from './run';
import { CommandError, print } from './terminal';

type DemoCaller = Pick<SignedIn, 'principalId' | 'name' | 'organization'> & { readonly token: string };

/**
 * Serves the demo, loading it into a database that is empty. The access tokens are printed once, at the first start; with a
 * tokens file they are made anew at every start and written there together with the address, for scripts to read.
 */
export async function demo(given: Configuration, tokensFile: string | undefined): Promise<void> {
  const configuration = { ...given, letterhead: demoLetterhead(given) };
  await run(configuration, {
    prepare: loadWhenEmpty,
    started: async (database, baseUrl) => {
      const { mail } = configuration;
      if (mail.kind === 'folder')
        print(`Mails to partners are written to ${path.resolve(mail.folder)}, one file each.`);
      if (tokensFile !== undefined) {
        await writeSecret(tokensFile, { baseUrl, callers: await issueTokens(database) });
        print(`The demo answers at ${baseUrl}; its access tokens are in ${tokensFile}.`);
      } else if (await isAnyToken(database.db, DEMO_PRINCIPALS)) {
        print(`The demo answers at ${baseUrl}. Its access tokens were shown at its first start.`);
      } else {
        print(`The demo answers at ${baseUrl}. Its access tokens, shown this once:`);
        for (const { name, organization, token } of await issueTokens(database)) {
          print(`  ${name}, ${organization}: ${token}`);
        }
      }
    },
  });
}

/** The demo's mails come from the demo's organisation, unless another one is named. */
function demoLetterhead({ letterhead }: Configuration): Configuration['letterhead'] {
  return {
    ...letterhead,
    organization: letterhead.organization ?? DEMO_LETTERHEAD.organization,
    contact: letterhead.contact ?? DEMO_LETTERHEAD.contact,
  };
}

async function loadWhenEmpty(database: Database): Promise<void> {
  await database.transaction(async (trx) => {
    if (!(await isAnyCaller(trx))) await loadDirectory(trx, demoDirectory(new Date()));
  });
}

/** Makes a new access token for each of the demo's callers and ends the ones they had. The main caller comes first. */
function issueTokens(database: Database): Promise<DemoCaller[]> {
  return database.transaction(async (trx) => {
    const callers: DemoCaller[] = [];
    for (const principalId of DEMO_PRINCIPALS) {
      const caller = await readCaller(trx, principalId);
      if (caller === null)
        throw new CommandError('This database holds other data than the demo. Run the demo on an empty one.');
      await revokeTokens(trx, principalId);
      const token = await issueToken(trx, principalId, new Date());
      callers.push({ principalId, name: caller.name, organization: caller.organization, token });
    }
    return callers;
  });
}

/** Writes a file that only its owner may read, whole or not at all. */
async function writeSecret(file: string, content: object): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    // Of a process that was killed here; in a container the next one has its number.
    await rm(unfinished, { force: true });
    await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, file).catch(async (error: unknown) => {
      // Its tokens are good, and nobody would look for them there.
      await rm(unfinished, { force: true });
      throw error;
    });
  } catch (cause) {
    throw new CommandError(
      `The tokens file ${file} cannot be written: ${messageOf(cause)}. Name another one with --tokens-file.`,
      { cause },
    );
  }
}
