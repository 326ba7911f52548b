import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProxyOrder, ProxyVariant, ReverseProxy } from './counterpart';
import { haveInstalled, versionSaidBy } from './program';
import { startReverseProxy } from './reverse-proxy';

const HAPROXY = '/usr/sbin/haproxy';

/** For the backend: compresses answers, and weakens the ETag of those. */
export const HAPROXY_COMPRESSES = ['filter compression', 'compression algo gzip', 'compression type application/json'];

export const installHaproxy = () => haveInstalled([HAPROXY], ['haproxy']);

/**
 * Starts a HAProxy before the service, configured as docs/operating-the-service.md says.
 * Additions are lines for the backend.
 */
export async function startHaproxy(
  order: ProxyOrder,
  { additions = [], isPlain = false }: ProxyVariant = {},
): Promise<ReverseProxy> {
  await installHaproxy();
  const version = `HAProxy ${await versionSaidBy(HAPROXY, ['-v'], /version ([\d.]+)/)}`;
  return startReverseProxy(
    {
      program: HAPROXY,
      language: 'haproxy',
      version,
      changes: ({ host, port, bothFile }) => ({
        [`bind :443 ssl crt /etc/ssl/${host}.both.pem`]: `bind 127.0.0.1:${port}${isPlain ? '' : ` ssl crt ${bothFile}`}`,
      }),
      async write({ folder }, documented) {
        const configuration = join(folder, 'haproxy.cfg');
        // The backend is the last part of it.
        await writeFile(configuration, `${documented}${additions.map((line) => `  ${line}\n`).join('')}`);
        return ['-W', '-db', '-f', configuration];
      },
      readyWhen: () => 'Loading success',
    },
    order,
    isPlain ? 'http' : 'https',
  );
}
