import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProxyOrder, ProxyVariant, ReverseProxy } from './counterpart';
import { haveInstalled, versionSaidBy } from './program';
import { startReverseProxy } from './reverse-proxy';

const NGINX = '/usr/sbin/nginx';
/** Where it puts what is too large for its memory, each kind into a folder of its own. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** For `http { … }`: compresses answers, and weakens the ETag of those. */
export const NGINX_COMPRESSES = ['gzip on;', 'gzip_types application/json;', 'gzip_min_length 1;'];

export const installNginx = () => haveInstalled([NGINX], ['nginx-light']);

/**
 * Starts an nginx before the service, configured as docs/operating-the-service.md says.
 * Additions are lines for `http { … }`.
 */
export async function startNginx(
  order: ProxyOrder,
  { additions = [], isPlain = false }: ProxyVariant = {},
): Promise<ReverseProxy> {
  await installNginx();
  const version = `nginx ${await versionSaidBy(NGINX, ['-v'], /nginx\/([\d.]+)/)}`;
  return startReverseProxy(
    {
      program: NGINX,
      language: 'nginx',
      version,
      changes: ({ host, port, certificateFile, keyFile }) => ({
        'listen 443 ssl': `listen 127.0.0.1:${port}${isPlain ? '' : ' ssl'}`,
        [`/etc/ssl/${host}.pem`]: certificateFile,
        [`/etc/ssl/${host}.key`]: keyFile,
      }),
      async write({ folder }, documented) {
        const configuration = join(folder, 'nginx.conf');
        const lines = [
          // Its workers read what belongs to whoever runs it; said to anybody but root, it is ignored with a warning.
          'user root;',
          'daemon off;',
          'worker_processes 1;',
          `pid ${folder}/nginx.pid;`,
          // Where it says that it is ready.
          'error_log stderr notice;',
          'events {}',
          'http {',
          'access_log off;',
          ...TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`),
          ...additions,
          documented,
          '}',
        ];
        await writeFile(configuration, `${lines.join('\n')}\n`);
        return ['-e', 'stderr', '-p', folder, '-c', configuration];
      },
      readyWhen: () => 'start worker processes',
    },
    order,
    isPlain ? 'http' : 'https',
  );
}
