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

const CADDY = '/usr/bin/caddy';

export const installCaddy = () => haveInstalled([CADDY], ['caddy']);

/** Starts a Caddy before the service, configured as docs/operating-the-service.md says. */
export async function startCaddy({ port: servicePort, prefix }: ProxyOrder): Promise<ReverseProxy> {
  const version = `Caddy ${await versionSaidBy(CADDY, ['version'], /v?([\d.]+)/)}`;
  const folder = await mkdtemp(join(tmpdir(), 'por-caddy-'));
  const port = await freePort();
  const { certificate, certificateFile, keyFile } = await writeCertificate(folder);
  const host = prefix === '' ? 'por.example.com' : 'example.com';
  const site = adapt(await documentedProxy('caddy', prefix), {
    // It would ask for a certificate by itself, where nobody can reach this machine by that name.
    [`${host} {`]: `localhost:${port} {\n  bind 127.0.0.1\n  tls ${certificateFile} ${keyFile}`,
    '127.0.0.1:8787': `127.0.0.1:${servicePort}`,
  });
  const configuration = join(folder, 'Caddyfile');
  await writeFile(configuration, `{\n  admin off\n  auto_https disable_redirects\n}\n${site}`);
  const program = await startProgram(
    CADDY,
    ['run', '--config', configuration, '--adapter', 'caddyfile'],
    { cwd: folder, env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } },
    'serving initial configuration',
  );
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
