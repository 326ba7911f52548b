import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { within } from '../../within';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback that answers for partner profiles as Partner Center is documented to, or as the test says. */
export async function startPartnerCenter(token: string) {
  const names = new Map<string, string>();
  const state: { asked: string[]; token: string; answer: Answer | null } = { asked: [], token, answer: null };

  const documented: Answer = (request, response) => {
    if (request.headers.authorization !== `Bearer ${state.token}`) {
      response.writeHead(401).end();
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const mpnId = searchParams.get('mpnId') ?? '';
    const partnerName = pathname === '/v1/profiles/mpn' ? names.get(mpnId) : undefined;
    const [status, body] =
      partnerName === undefined
        ? [404, { code: 3000, description: 'Partner not found.', data: [], source: 'PartnerMpnProfile' }]
        : [200, { mpnId, partnerName, links: {}, attributes: { objectType: 'PartnerMpnProfile' } }];
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(`\ufeff${JSON.stringify(body)}`);
  };
  const server = createServer((request, response) => {
    state.asked.push(request.url ?? '');
    (state.answer ?? documented)(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    names,
    state,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await within('Partner Center to close', once(server, 'close'));
    },
  };
}

export type PartnerCenterServer = Awaited<ReturnType<typeof startPartnerCenter>>;
