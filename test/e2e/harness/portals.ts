import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { extname, join } from 'node:path';
import { generate } from 'selfsigned';
import { listen } from './listen';

const PAGES = join(import.meta.dirname, '../portals');
const TYPES: Partial<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };

/** The portals' real hosts that the test pages answer for, and one of somebody's own; and the script that draws each one's page. */
const HOSTS: Partial<Record<string, string>> = {
  'portal.azure.com': 'azure.js',
  'account.azure.com': 'account-centre.js',
  'admin.microsoft.com': 'microsoft365-admin.js',
  'billing.example.com': 'account-centre.js',
};

// As strict as a portal can be with what is added to its page.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'";

export interface Portals {
  /** Chromium's rules that lead the real hosts here; every other host leads nowhere, unless said otherwise. */
  readonly hostResolverRules: string;
  /** Where they answer on loopback. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts the portals' test pages behind their real host names, on loopback with a certificate made for this run.
 * @param rest where every other host leads
 */
export async function startPortals(rest = '~NOTFOUND'): Promise<Portals> {
  const hosts = Object.keys(HOSTS);
  const certificate = await generate([{ name: 'commonName', value: 'portals under test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) }],
  });
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    respond(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const { port, close } = await listen(server);
  const rules = hosts.map((host) => `MAP ${host}:443 127.0.0.1:${port}`);
  return {
    hostResolverRules: [...rules, `MAP * ${rest}`, 'EXCLUDE localhost', 'EXCLUDE 127.0.0.1'].join(', '),
    port,
    close,
  };
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const script = HOSTS[request.headers.host ?? ''];
  const { pathname } = new URL(request.url ?? '/', 'https://portal.invalid');
  const type = TYPES[extname(pathname)];
  if (script === undefined || pathname === '/favicon.ico') {
    response.writeHead(404).end();
  } else if (type !== undefined) {
    response.writeHead(200, { 'content-type': type }).end(await readFile(join(PAGES, pathname)));
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
    response.end(`<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>${request.headers.host}</title>
  <link rel="stylesheet" href="/portal.css">
  <body><script type="module" src="/${script}"></script></body>
</html>`);
  }
}
