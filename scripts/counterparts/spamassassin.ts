import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { within } from '../../test/within';
import { haveInstalled, versionSaidBy } from './program';

const SPAMASSASSIN = '/usr/bin/spamassassin';

export const installSpamAssassin = () => haveInstalled([SPAMASSASSIN], ['spamassassin']);

/** What SpamAssassin says of a mail. */
interface Judgement {
  readonly version: string;
  /** The more, the likelier it is spam. */
  readonly score: number;
  /** The tests that the score comes from. */
  readonly tests: string;
}

/** Judges a mail by the tests that need nobody else on the network, with nothing learned. */
export async function judgeBySpamAssassin(mail: string): Promise<Judgement> {
  const version = `SpamAssassin ${await versionSaidBy(SPAMASSASSIN, ['--version'], /version ([\d.]+)/)}`;
  const folder = await mkdtemp(join(tmpdir(), 'por-spamassassin-'));
  try {
    const child = spawn(SPAMASSASSIN, ['--local', '--nocreate-prefs'], {
      env: { PATH: process.env['PATH'], HOME: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(mail);
    const [judged] = await within('SpamAssassin', Promise.all([text(child.stdout), once(child, 'close')]));
    const status = /^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=([^=]*?)\s+\w+=/ms.exec(judged);
    if (status === null) throw new Error(`It does not say what it thinks: ${judged.slice(0, 500)}`);
    const [, score, tests = ''] = status;
    return { version, score: Number(score), tests: tests.replaceAll(/\s+/g, '') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
