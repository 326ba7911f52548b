import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { installApache, startApache } from '../counterparts/apache';
import { installCaddy, startCaddy } from '../counterparts/caddy';
import type { ProxyOrder, ReverseProxy } from '../counterparts/counterpart';
import { HAPROXY_COMPRESSES, installHaproxy, startHaproxy } from '../counterparts/haproxy';
import { NGINX_COMPRESSES, installNginx, startNginx } from '../counterparts/nginx';
import { freePort } from '../counterparts/free-port';
import { type Answer, ask } from './ask';
import { conform } from './conformance';
import type { Proof, Subject } from './proof';
import { CROOKED_ID, FABRIKAM, type LoadedFolder } from './service';

interface Kind {
  readonly name: string;
  readonly install: () => Promise<void>;
  readonly start: (order: ProxyOrder) => Promise<ReverseProxy>;
}

const KINDS: readonly Kind[] = [
  { name: 'nginx', install: installNginx, start: (order) => startNginx(order, { additions: NGINX_COMPRESSES }) },
  {
    name: 'HAProxy',
    install: installHaproxy,
    start: (order) => startHaproxy(order, { additions: HAPROXY_COMPRESSES }),
  },
  { name: 'Apache', install: installApache, start: startApache },
  { name: 'Caddy', install: installCaddy, start: startCaddy },
];

/** The path that callers use before the service's own: at the root of the host, and under a path that the proxy takes off. */
const PREFIXES = ['', '/por'];
const LIMIT_MS = 180_000;
const PAGE_SIZE = 7;

/** Each reverse proxy, with TLS and compressing, before the service. */
export function proxySubjects(loaded: LoadedFolder): Subject[] {
  return KINDS.map(({ name, install, start }) => ({
    name,
    limitMs: LIMIT_MS,
    install,
    async prove(proof) {
      for (const prefix of PREFIXES) {
        const port = await freePort();
        const proxy = await proof.keep(start({ port, prefix }));
        if (prefix === '') proof.tried(proxy.version);
        await proof.keep(
          loaded.serve({
            PORT: String(port),
            PUBLIC_URL: proxy.publicUrl,
            TRUST_PROXY: 'loopback',
            // Whoever gives a public address says who signs people in; the service's own tokens go on beside.
            OIDC_ISSUER: 'https://login.example.com',
            OIDC_AUDIENCE: proxy.publicUrl,
          }),
        );
        await proveProxy(proof, loaded, proxy, prefix);
      }
    },
  }));
}

const recordSchema = v.object({ subscriptionId: v.string(), etag: v.string() });
const pageSchema = v.object({ value: v.array(recordSchema), nextLink: v.optional(v.string()) });
const metadataSchema = v.object({ resource: v.string() });

async function proveProxy({ holds }: Proof, loaded: LoadedFolder, proxy: ReverseProxy, prefix: string): Promise<void> {
  const { publicUrl, certificate } = proxy;
  const { admin } = loaded.tokens;
  const base = `${publicUrl}/v1`;
  const where = prefix === '' ? '' : `, under ${prefix}`;
  const call = (address: string, method = 'GET', headers = {}, body?: object) =>
    ask(address, { method, token: admin, certificate, headers, ...(body && { body }) });
  const crooked = `${base}/subscriptions/${encodeURIComponent(CROOKED_ID)}`;

  await holds(`conformance${where}`, () => conform(base, loaded.tokens, certificate));
  await holds(`answers come compressed${where}`, async () => {
    const answer = await call(crooked);
    const { etag } = v.parse(recordSchema, json(answer));
    if (answer.headers['content-encoding'] !== 'gzip') throw new Error('The answer did not come compressed.');
    return `their ETag ${whatBecameOf(answer.headers.etag, etag)}`;
  });
  await holds(`a change based on the body's etag, of an ID with every awkward character${where}`, async () => {
    for (const method of ['PUT', 'DELETE']) {
      const { etag } = v.parse(recordSchema, json(await call(crooked)));
      const headers = { 'if-match': etag, 'idempotency-key': randomUUID() };
      const body = method === 'PUT' ? { partnerId: FABRIKAM.partnerId } : undefined;
      const answer = await call(`${crooked}/partnerOfRecord`, method, headers, body);
      if (v.parse(recordSchema, json(answer)).subscriptionId !== CROOKED_ID) throw new Error('It was another one.');
    }
  });
  await holds(`nextLink is followed${where}`, async () => {
    let pages = 0;
    const found = new Set<string>();
    for (let link: string | undefined = `${base}/subscriptions?pageSize=${PAGE_SIZE}`; link !== undefined; pages++) {
      if (!link.startsWith(`${base}/`)) throw new Error(`nextLink is ${link}, which is not under ${base}.`);
      const page: v.InferOutput<typeof pageSchema> = v.parse(pageSchema, json(await call(link)));
      for (const { subscriptionId } of page.value) found.add(subscriptionId);
      link = page.nextLink;
    }
    return `${found.size} subscriptions on ${pages} pages`;
  });
  await holds(`the sign-in metadata name the address that callers use${where}`, async () => {
    const address = `${new URL(publicUrl).origin}/.well-known/oauth-protected-resource${prefix}/v1`;
    const { resource } = v.parse(metadataSchema, json(await call(address)));
    if (resource !== base) throw new Error(`They name ${resource}.`);
  });
  await holds(`the partner's page${where}`, async () => {
    const page = await call(`${publicUrl}/partner`);
    const script = /src="([^"]+)"/.exec(page.text)?.[1];
    if (page.status !== 200 || script === undefined)
      throw new Error(`It is answered ${page.status}, without a script.`);
    const { status } = await call(new URL(script, `${publicUrl}/partner`).href);
    if (status !== 200) throw new Error(`Its script ${script} is answered ${status}.`);
  });
}

function json(answer: Answer): unknown {
  if (answer.status !== 200) throw new Error(`The answer is ${answer.status} ${answer.text.slice(0, 200)}`);
  return JSON.parse(answer.text);
}

function whatBecameOf(header: string | undefined, etag: string): string {
  if (header === undefined) return 'is dropped';
  if (header === etag) return 'is as it was';
  if (header === `W/${etag}`) return 'is weakened';
  return `is marked: ${header.replace(etag.slice(1, -1), '…')}`;
}
