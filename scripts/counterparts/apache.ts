import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProxyOrder, ReverseProxy } from './counterpart';
import { haveInstalled, versionSaidBy } from './program';
import { startReverseProxy } from './reverse-proxy';

const APACHE = '/usr/sbin/apache2';
/** The program and its modules, without the init script and the folder in `/etc` of the package `apache2`. */
const PACKAGE = 'apache2-bin';
const MODULES = '/usr/lib/apache2/modules';

/** What Debian's own configuration loads, as far as it is used here, and what the docs say to switch on. */
const LOADED = ['mpm_event', 'authz_core', 'filter', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http', 'deflate'];

export const installApache = () => haveInstalled([APACHE], [PACKAGE]);

/** Starts an Apache before the service, configured as docs/operating-the-service.md says. */
export async function startApache(order: ProxyOrder): Promise<ReverseProxy> {
  const version = `Apache ${await versionSaidBy(APACHE, ['-v'], /Apache\/([\d.]+)/)}`;
  return startReverseProxy(
    {
      program: APACHE,
      language: 'apache',
      version,
      changes: ({ host, port, certificateFile, keyFile }) => ({
        '*:443': `127.0.0.1:${port}`,
        [`ServerName ${host}`]: 'ServerName localhost',
        [`/etc/ssl/${host}.pem`]: certificateFile,
        [`/etc/ssl/${host}.key`]: keyFile,
      }),
      async write({ folder, port }, documented) {
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
          documented,
        ];
        await writeFile(configuration, `${lines.join('\n')}\n`);
        return ['-D', 'FOREGROUND', '-f', configuration];
      },
      readyWhen: ({ port }) => ({ port }),
    },
    order,
  );
}
