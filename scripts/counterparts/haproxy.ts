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

const HAPROXY = '/usr/sbin/haproxy';

/** For the backend: compresses answers, and weakens the ETag of those. */
export const HAPROXY_COMPRESSES = ['filter compression', 'compression algo gzip', 'compression type application/json'];

export const installHaproxy = () => haveInstalled([HAPROXY], ['haproxy']);

/**
 * Starts a HAProxy before the service, configured as docs/operating-the-service.md says.
 * Additions are lines for the backend.
 */
export async function startHaproxy(
  { port: servicePort, prefix }: ProxyOrder,
  { additions = [], isPlain = false }: ProxyVariant = {},
): Promise<ReverseProxy> {
  await installHaproxy();
  const version = `HAProxy ${await versionSaidBy(HAPROXY, ['-v'], /version ([\d.]+)/)}`;
  const folder = await mkdtemp(join(tmpdir(), 'por-haproxy-'));
  const port = await freePort();
  const { certificate, bothFile } = await writeCertificate(folder);
  const host = prefix === '' ? 'por.example.com' : 'example.com';
  const proxy = adapt(await documentedProxy('haproxy', prefix), {
    [`bind :443 ssl crt /etc/ssl/${host}.both.pem`]: `bind 127.0.0.1:${port}${isPlain ? '' : ` ssl crt ${bothFile}`}`,
    '127.0.0.1:8787': `127.0.0.1:${servicePort}`,
  });
  const configuration = join(folder, 'haproxy.cfg');
  // The backend is the last part of it.
  await writeFile(configuration, `${proxy}${additions.map((line) => `  ${line}\n`).join('')}`);
  const program = await startProgram(HAPROXY, ['-W', '-db', '-f', configuration], { cwd: folder }, 'Loading success');
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
