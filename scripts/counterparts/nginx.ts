import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../server-program';
import { adapt } from './adapt';
import { writeCertificate } from './certificate';
import type { ProxyOrder, ProxyVariant, ReverseProxy } from './counterpart';
import { documentedProxy } from './documented';
import { freePort } from './free-port';
import { haveInstalled, versionSaidBy } from './program';

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
  { port: servicePort, prefix }: ProxyOrder,
  { additions = [], isPlain = false }: ProxyVariant = {},
): Promise<ReverseProxy> {
  await installNginx();
  const version = `nginx ${await versionSaidBy(NGINX, ['-v'], /nginx\/([\d.]+)/)}`;
  const folder = await mkdtemp(join(tmpdir(), 'por-nginx-'));
  const port = await freePort();
  const { certificate, certificateFile, keyFile } = await writeCertificate(folder);
  const host = prefix === '' ? 'por.example.com' : 'example.com';
  const site = adapt(await documentedProxy('nginx', prefix), {
    'listen 443 ssl': `listen 127.0.0.1:${port}${isPlain ? '' : ' ssl'}`,
    [`/etc/ssl/${host}.pem`]: certificateFile,
    [`/etc/ssl/${host}.key`]: keyFile,
    '127.0.0.1:8787': `127.0.0.1:${servicePort}`,
  });
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
    ...TEMPORARY.map((kind) => `${kind}_temp_path ${folder}/${kind};`),
    ...additions,
    site,
    '}',
  ];
  await writeFile(configuration, `${lines.join('\n')}\n`);
  const args = ['-e', 'stderr', '-p', folder, '-c', configuration];
  const program = await startProgram(NGINX, args, { cwd: folder }, 'start worker processes');
  return {
    version,
    publicUrl: `${isPlain ? 'http' : 'https'}://localhost:${port}${prefix}`,
    certificate,
    stop: async () => {
      await program.end('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}
