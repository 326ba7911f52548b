import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProxyOrder, ReverseProxy } from './counterpart';
import { haveInstalled, versionSaidBy } from './program';
import { startReverseProxy } from './reverse-proxy';

const CADDY = '/usr/bin/caddy';

export const installCaddy = () => haveInstalled([CADDY], ['caddy']);

/** Starts a Caddy before the service, configured as docs/operating-the-service.md says. */
export async function startCaddy(order: ProxyOrder): Promise<ReverseProxy> {
  const version = `Caddy ${await versionSaidBy(CADDY, ['version'], /v?([\d.]+)/)}`;
  return startReverseProxy(
    {
      program: CADDY,
      language: 'caddy',
      version,
      changes: ({ host, port, certificateFile, keyFile }) => ({
        // It would ask for a certificate by itself, where nobody can reach this machine by that name.
        [`${host} {`]: `localhost:${port} {\n  bind 127.0.0.1\n  tls ${certificateFile} ${keyFile}`,
      }),
      async write({ folder }, documented) {
        const configuration = join(folder, 'Caddyfile');
        await writeFile(configuration, `{\n  admin off\n  auto_https disable_redirects\n}\n${documented}`);
        return ['run', '--config', configuration, '--adapter', 'caddyfile'];
      },
      readyWhen: () => 'serving initial configuration',
      env: ({ folder }) => ({ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }),
    },
    order,
  );
}
