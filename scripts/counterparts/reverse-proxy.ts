import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ready, startProgram } from '../server-program';
import { adapt } from './adapt';
import { type Certificate, writeCertificate } from './certificate';
import type { ProxyOrder, ReverseProxy } from './counterpart';
import { documentedProxy } from './documented';
import { freePort } from './free-port';

/** What a proxy's configuration is made of, besides what the docs have. */
export interface ProxyPlace extends Certificate {
  /** Its own, removed with it. */
  readonly folder: string;
  /** Of 127.0.0.1, where callers reach it. */
  readonly port: number;
  /** The name that the docs' configuration has for the host. */
  readonly host: string;
}

/** One kind of proxy. */
export interface ProxyKind {
  readonly program: string;
  /** The language of the blocks that the docs have for it; its folder is named by it, too. */
  readonly language: string;
  readonly version: string;
  /** What differs here from the docs' configuration: what stands there, and what takes its place. The service's address does anyway. */
  readonly changes: (place: ProxyPlace) => Readonly<Record<string, string>>;
  /** Writes the whole configuration into the place's folder, around what the docs have of it, and says how the program is run with it. */
  readonly write: (place: ProxyPlace, documented: string) => Promise<readonly string[]>;
  readonly readyWhen: (place: ProxyPlace) => Ready;
  readonly env?: (place: ProxyPlace) => NodeJS.ProcessEnv;
}

/** Starts a proxy of that kind before the service, configured as docs/operating-the-service.md says. */
export async function startReverseProxy(
  kind: ProxyKind,
  { port: servicePort, prefix }: ProxyOrder,
  scheme: 'http' | 'https' = 'https',
): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), `por-${kind.language}-`));
  const remove = () => rm(folder, { recursive: true });
  try {
    const host = prefix === '' ? 'por.example.com' : 'example.com';
    const place = { ...(await writeCertificate(folder)), folder, port: await freePort(), host };
    const documented = adapt(await documentedProxy(kind.language, prefix), {
      ...kind.changes(place),
      '127.0.0.1:8787': `127.0.0.1:${servicePort}`,
    });
    const args = await kind.write(place, documented);
    const env = kind.env?.(place);
    const options = { cwd: folder, ...(env !== undefined && { env }) };
    const program = await startProgram(kind.program, args, options, kind.readyWhen(place));
    return {
      version: kind.version,
      publicUrl: `${scheme}://localhost:${place.port}${prefix}`,
      certificate: place.certificate,
      stop: async () => {
        await program.end('SIGTERM');
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
