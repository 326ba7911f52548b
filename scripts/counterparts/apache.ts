import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../server-program';
import { adapt } from './adapt';
import { writeCertificate } from './certificate';
import type { ProxyOrder, ReverseProxy } from './counterpart';
import { documentedProxy } from './documented';
import { freePort } from './free-port';
import { haveInstalled, versionSaidBy } from './program';

const APACHE = '/usr/sbin/apache2';
/** The program and its modules, without the init script and the folder in `/etc` of the package `apache2`. */
const PACKAGE = 'apache2-bin';
const MODULES = '/usr/lib/apache2/modules';

/** What Debian's own configuration loads, as far as it is used here, and what the docs say to switch on. */
const LOADED = ['mpm_event', 'authz_core', 'filter', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http', 'deflate'];

export const installApache = () => haveInstalled([APACHE], [PACKAGE]);

/** Starts an Apache before the service, configured as docs/operating-the-service.md says. */
export async function startApache({ port: servicePort, prefix }: ProxyOrder): Promise<ReverseProxy> {
  const version = `Apache ${await versionSaidBy(APACHE, ['-v'], /Apache\/([\d.]+)/)}`;
  const folder = await mkdtemp(join(tmpdir(), 'por-apache-'));
  const port = await freePort();
  const { certificate, certificateFile, keyFile } = await writeCertificate(folder);
  const host = prefix === '' ? 'por.example.com' : 'example.com';
  const site = adapt(await documentedProxy('apache', prefix), {
    '*:443': `127.0.0.1:${port}`,
    [`ServerName ${host}`]: 'ServerName localhost',
    [`/etc/ssl/${host}.pem`]: certificateFile,
    [`/etc/ssl/${host}.key`]: keyFile,
    '127.0.0.1:8787': `127.0.0.1:${servicePort}`,
  });
  const configuration = join(folder, 'apache2.conf');
  const lines = [
    `ServerRoot ${folder}`,
    'ServerName localhost',
    `PidFile ${folder}/apache2.pid`,
    `DefaultRuntimeDir ${folder}`,
    `ErrorLog ${folder}/error.log`,
    'User www-data',
    'Group www-data',
    `Listen 127.0.0.1:${port}`,
    ...LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    site,
  ];
  await writeFile(configuration, `${lines.join('\n')}\n`);
  const program = await startProgram(APACHE, ['-D', 'FOREGROUND', '-f', configuration], { cwd: folder }, { port });
  return {
    version,
    publicUrl: `https://localhost:${port}${prefix}`,
    certificate,
    stop: async () => {
      await program.end('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}
