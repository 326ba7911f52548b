import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProgram } from '../server-program';
import { accountOf } from '../unprivileged';
import { writeCertificate } from './certificate';
import type { Counterpart } from './counterpart';
import { freePort } from './free-port';
import { haveInstalled, versionSaidBy } from './program';

const POSTFIX = '/usr/sbin/postfix';
const MASTER = '/usr/lib/postfix/sbin/master';
const POSTCONF = '/usr/sbin/postconf';

const execute = promisify(execFile);

export const installPostfix = () => haveInstalled([POSTFIX, POSTCONF], ['postfix']);

/** Where mails go that it keeps. */
export const MAILBOX = 'alliances@fabrikam.example';
/** It does not know this one. */
export const UNKNOWN_MAILBOX = 'nobody@fabrikam.example';
/** To this one it answers what a server does whose recipient is over quota. */
export const FULL_MAILBOX = 'full@fabrikam.example';

/** A Postfix as Debian sets it up: STARTTLS with a certificate of its own making that nobody has signed. */
export interface Postfix extends Counterpart {
  readonly port: number;
  /** Lets nobody send, and says so when it hears the recipient, as Postfix does. */
  readonly refusingPort: number;
  /** Asks a policy server first. */
  readonly greylistingPort: number;
  /** The mails in the mailbox, as they were delivered. */
  readonly delivered: () => Promise<string[]>;
}

/** Starts one whose third port asks the policy server at that port of 127.0.0.1. */
export async function startPostfix(policyPort: number): Promise<Postfix> {
  const version = `Postfix ${await versionSaidBy(POSTCONF, ['-d', 'mail_version'], /= ([\d.]+)/)}`;
  const { uid, gid } = await accountOf('postfix');
  const folder = await mkdtemp(join(tmpdir(), 'por-postfix-'));
  // Its daemons are of another user than the folder.
  await chmod(folder, 0o755);
  const queue = join(folder, 'queue');
  await mkdir(queue);
  const mailboxes = join(folder, 'mailboxes');
  const data = join(folder, 'data');
  for (const path of [mailboxes, data]) {
    await mkdir(path, { mode: 0o700 });
    await chown(path, uid, gid);
  }
  const { certificateFile, keyFile } = await writeCertificate(folder);
  const [port, refusingPort, greylistingPort] = [await freePort(), await freePort(), await freePort()];

  const settings = {
    compatibility_level: '3.6',
    queue_directory: queue,
    data_directory: data,
    maillog_file: join(folder, 'mail.log'),
    maillog_file_prefixes: folder,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'mail.fabrikam.example',
    mydestination: '',
    alias_maps: '',
    mynetworks: '127.0.0.0/8',
    virtual_mailbox_domains: 'fabrikam.example',
    virtual_mailbox_base: mailboxes,
    virtual_mailbox_maps: `inline:{${MAILBOX}=${MAILBOX}/, ${FULL_MAILBOX}=${FULL_MAILBOX}/}`,
    virtual_uid_maps: `static:${uid}`,
    virtual_gid_maps: `static:${gid}`,
    virtual_minimum_uid: '1',
    smtpd_tls_security_level: 'may',
    smtpd_tls_cert_file: certificateFile,
    smtpd_tls_key_file: keyFile,
    smtpd_tls_received_header: 'yes',
    smtpd_recipient_restrictions: `check_recipient_access inline:{{${FULL_MAILBOX}=552 5.2.2 The mailbox is over quota}}, reject_unauth_destination`,
  };
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    `127.0.0.1:${refusingPort} inet n - n - - smtpd -o smtpd_client_restrictions=reject`,
    `127.0.0.1:${greylistingPort} inet n - n - - smtpd -o smtpd_client_restrictions=check_policy_service,inet:127.0.0.1:${policyPort}`,
    'postlog unix-dgram n - n - 1 postlogd',
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'proxymap unix - - n - - proxymap',
    'virtual unix - n n - - virtual',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
  ];
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  await writeFile(join(folder, 'main.cf'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'master.cf'), `${services.join('\n')}\n`);
  // Makes the queue's folders; the command that starts it would leave a process behind that our signals do not reach.
  await execute(POSTFIX, ['-c', folder, 'check']);
  const program = await startProgram(MASTER, ['-c', folder, '-s'], { cwd: folder }, { port });
  const inbox = join(mailboxes, MAILBOX, 'new');
  return {
    version,
    port,
    refusingPort,
    greylistingPort,
    async delivered() {
      const names = await readdir(inbox).catch((error: unknown) => {
        // It is made with the first mail.
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      });
      return Promise.all(names.toSorted().map((name) => readFile(join(inbox, name), 'utf8')));
    },
    stop: async () => {
      await program.end('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}
